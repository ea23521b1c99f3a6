//! Services of the table that no component has yet.

use nt::NtStatus;

use super::service::NtResult;

macro_rules! missing {
    ($($name:ident($($arg:ident)*);)*) => {
        $(
            #[expect(non_snake_case, clippy::too_many_arguments, reason = "NT's signatures")]
            pub fn $name<$($arg),*>($(_: $arg),*) -> NtResult {
                Err(NtStatus::NOT_IMPLEMENTED)
            }
        )*
    };
}

missing! {
    NtQuerySecurityObject(A B C D E);
    NtSetSecurityObject(A B C);
    NtImpersonateThread(A B C);
    NtRegisterThreadTerminatePort(A);
    NtCreatePagingFile(A B C D);
    NtNotifyChangeKey(A B C D E F G H I J);
    NtLoadKey(A B);
    NtUnloadKey(A);
    NtSaveKey(A B);
    NtCreatePort(A B C D E);
    NtCreateWaitablePort(A B C D E);
    NtListenPort(A B);
    NtConnectPort(A B C D E F G H);
    NtSecureConnectPort(A B C D E F G H I);
    NtAcceptConnectPort(A B C D E F);
    NtCompleteConnectPort(A);
    NtRequestPort(A B);
    NtRequestWaitReplyPort(A B C);
    NtReplyPort(A B);
    NtReplyWaitReplyPort(A B);
    NtReplyWaitReceivePort(A B C D);
    NtReplyWaitReceivePortEx(A B C D E);
    NtImpersonateClientOfPort(A B);
    NtReadRequestData(A B C D E F);
    NtWriteRequestData(A B C D E F);
    NtQueryInformationPort(A B C D E);
    NtCancelIoFile(A B);
    NtLoadDriver(A);
    NtUnloadDriver(A);
    NtOpenProcessToken(A B C);
    NtOpenThreadToken(A B C D);
    NtDuplicateToken(A B C D E F);
    NtQueryInformationToken(A B C D E);
    NtSetInformationToken(A B C D);
    NtAdjustPrivilegesToken(A B C D E F);
    NtAdjustGroupsToken(A B C D E F);
    NtCreateToken(A B C D E F G H I J K L M);
    NtAccessCheck(A B C D E F G H);
    NtPrivilegeCheck(A B C);
}
