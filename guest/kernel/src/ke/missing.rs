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
    NtWaitForMultipleObjects(A B C D E);
    NtSignalAndWaitForSingleObject(A B C D);
    NtCreateEvent(A B C D E);
    NtOpenEvent(A B C);
    NtSetEvent(A B);
    NtResetEvent(A B);
    NtClearEvent(A);
    NtPulseEvent(A B);
    NtQueryEvent(A B C D E);
    NtCreateSemaphore(A B C D E);
    NtOpenSemaphore(A B C);
    NtReleaseSemaphore(A B C);
    NtQuerySemaphore(A B C D E);
    NtCreateMutant(A B C D);
    NtOpenMutant(A B C);
    NtReleaseMutant(A B);
    NtQueryMutant(A B C D E);
    NtCreateTimer(A B C D);
    NtOpenTimer(A B C);
    NtSetTimer(A B C D E F G);
    NtCancelTimer(A B);
    NtQueryTimer(A B C D E);
    NtQuerySystemTime(A);
    NtContinue(A B);
    NtRaiseException(A B C);
    NtQueueApcThread(A B C D E);
    NtTestAlert();
    NtAlertThread(A);
    NtAlertResumeThread(A B);
    NtCreateProcess(A B C D E F G H);
    NtSuspendProcess(A);
    NtResumeProcess(A);
    NtSuspendThread(A B);
    NtResumeThread(A B);
    NtGetContextThread(A B);
    NtSetContextThread(A B);
    NtImpersonateThread(A B C);
    NtRegisterThreadTerminatePort(A);
    NtCreatePagingFile(A B C D);
    NtCreateKey(A B C D E F G);
    NtDeleteKey(A);
    NtSetValueKey(A B C D E F);
    NtDeleteValueKey(A B);
    NtSetInformationKey(A B C D);
    NtFlushKey(A);
    NtNotifyChangeKey(A B C D E F G H I J);
    NtInitializeRegistry(A);
    NtLoadKey(A B);
    NtUnloadKey(A);
    NtSaveKey(A B);
    NtRenameKey(A B);
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
    NtAllocateLocallyUniqueId(A);
    NtSetSystemTime(A B);
}
