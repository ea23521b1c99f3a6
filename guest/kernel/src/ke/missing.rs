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
    NtNotifyChangeKey(A B C D E F G H I J);
    NtLoadKey(A B);
    NtUnloadKey(A);
    NtSaveKey(A B);
    NtImpersonateClientOfPort(A B);
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
