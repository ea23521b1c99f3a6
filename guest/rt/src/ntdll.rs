//! What programs import from ntdll.dll besides system services, as Microsoft documents it.
#![expect(unsafe_code, reason = "functions of another module")]

use nt::NtStatus;
use nt::process::UserProcessInformation;
use nt::types::{ClientId, Handle, UnicodeString};

use crate::sync::CriticalSection;

/// PVOID, and pointers to what is not looked into here.
pub(crate) type Address = u64;

#[cfg(target_os = "windows")]
#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    pub(crate) fn RtlAllocateHeap(heap: Address, flags: u32, size: usize) -> *mut u8;
    pub(crate) fn RtlFreeHeap(heap: Address, flags: u32, block: *mut u8) -> u8;
    pub(crate) fn RtlReAllocateHeap(heap: Address, flags: u32, block: *mut u8, size: usize) -> *mut u8;
    pub(crate) fn RtlGetCurrentPeb() -> Address;
    pub(crate) fn RtlCreateProcessParameters(
        parameters: *mut Address,
        image: *const UnicodeString,
        dll_path: *const UnicodeString,
        directory: *const UnicodeString,
        command_line: *const UnicodeString,
        environment: Address,
        title: *const UnicodeString,
        desktop: *const UnicodeString,
        shell: *const UnicodeString,
        runtime: *const UnicodeString,
    ) -> NtStatus;
    pub(crate) fn RtlDestroyProcessParameters(parameters: Address) -> NtStatus;
    pub(crate) fn LdrVerifyImageMatchesChecksum(
        file: Handle,
        callback: Option<unsafe extern "system" fn(u64, *const u8)>,
        parameter: u64,
        characteristics: *mut u16,
    ) -> NtStatus;
    pub(crate) fn RtlLockBootStatusData(file: *mut Handle) -> NtStatus;
    pub(crate) fn RtlUnlockBootStatusData(file: Handle) -> NtStatus;
    pub(crate) fn RtlGetSetBootStatusData(
        file: Handle,
        read: u8,
        item: u32,
        buffer: *mut u8,
        length: u32,
        returned: *mut u32,
    ) -> NtStatus;
    pub(crate) fn RtlCreateUserProcess(
        image: *const UnicodeString,
        attributes: u32,
        parameters: Address,
        process_security: Address,
        thread_security: Address,
        parent: Handle,
        inherit_handles: u8,
        debug_port: Handle,
        exception_port: Handle,
        information: *mut UserProcessInformation,
    ) -> NtStatus;
    pub(crate) fn RtlDosSearchPath_U(
        path: *const u16,
        file: *const u16,
        extension: *const u16,
        length: u32,
        buffer: *mut u16,
        file_part: *mut Address,
    ) -> u32;
    pub(crate) fn RtlDosPathNameToNtPathName_U(
        dos: *const u16,
        nt: *mut UnicodeString,
        file_part: *mut Address,
        directory: Address,
    ) -> u8;
    pub(crate) fn RtlFreeUnicodeString(string: *mut UnicodeString);
    pub(crate) fn RtlEnterCriticalSection(section: *mut CriticalSection) -> NtStatus;
    pub(crate) fn RtlLeaveCriticalSection(section: *mut CriticalSection) -> NtStatus;
    pub(crate) fn RtlCreateUserThread(
        process: Handle,
        descriptor: Address,
        suspended: u8,
        zero_bits: u32,
        stack_reserve: u64,
        stack_commit: u64,
        start: extern "win64" fn(u64) -> u32,
        argument: u64,
        thread: *mut Handle,
        client_id: *mut ClientId,
    ) -> NtStatus;
    pub(crate) fn RtlSetEnvironmentVariable(
        environment: *mut Address,
        name: *const UnicodeString,
        value: *const UnicodeString,
    ) -> NtStatus;
    pub(crate) fn RtlExpandEnvironmentStrings_U(
        environment: Address,
        source: *const UnicodeString,
        target: *mut UnicodeString,
        needed: *mut u32,
    ) -> NtStatus;
    pub(crate) fn RtlSetThreadIsCritical(new: u8, old: *mut u8, check: u8) -> NtStatus;
    pub(crate) fn RtlAddVectoredExceptionHandler(
        first: u32,
        handler: extern "win64" fn(*const [u64; 2]) -> i32,
    ) -> Address;
    pub(crate) fn LdrQueryImageFileExecutionOptions(
        image: *const UnicodeString,
        value: *const u16,
        kind: u32,
        buffer: *mut u8,
        size: u32,
        returned: *mut u32,
    ) -> NtStatus;
}

/// There is no ntdll on the host.
#[cfg(not(target_os = "windows"))]
mod absent {
    #![expect(clippy::too_many_arguments, reason = "as many as the functions have")]
    #![expect(non_snake_case, reason = "NT's names")]
    use super::{
        Address, ClientId, CriticalSection, Handle, NtStatus, UnicodeString, UserProcessInformation,
    };

    pub(crate) unsafe fn RtlCreateProcessParameters(
        _: *mut Address,
        _: *const UnicodeString,
        _: *const UnicodeString,
        _: *const UnicodeString,
        _: *const UnicodeString,
        _: Address,
        _: *const UnicodeString,
        _: *const UnicodeString,
        _: *const UnicodeString,
        _: *const UnicodeString,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlDestroyProcessParameters(_: Address) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn LdrVerifyImageMatchesChecksum(
        _: Handle,
        _: Option<unsafe extern "system" fn(u64, *const u8)>,
        _: u64,
        _: *mut u16,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlLockBootStatusData(_: *mut Handle) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlUnlockBootStatusData(_: Handle) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlGetSetBootStatusData(
        _: Handle,
        _: u8,
        _: u32,
        _: *mut u8,
        _: u32,
        _: *mut u32,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlCreateUserProcess(
        _: *const UnicodeString,
        _: u32,
        _: Address,
        _: Address,
        _: Address,
        _: Handle,
        _: u8,
        _: Handle,
        _: Handle,
        _: *mut UserProcessInformation,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlDosSearchPath_U(
        _: *const u16,
        _: *const u16,
        _: *const u16,
        _: u32,
        _: *mut u16,
        _: *mut Address,
    ) -> u32 {
        0
    }
    pub(crate) unsafe fn RtlDosPathNameToNtPathName_U(
        _: *const u16,
        _: *mut UnicodeString,
        _: *mut Address,
        _: Address,
    ) -> u8 {
        0
    }
    pub(crate) unsafe fn RtlFreeUnicodeString(_: *mut UnicodeString) {}
    pub(crate) unsafe fn RtlEnterCriticalSection(_: *mut CriticalSection) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlLeaveCriticalSection(_: *mut CriticalSection) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlCreateUserThread(
        _: Handle,
        _: Address,
        _: u8,
        _: u32,
        _: u64,
        _: u64,
        _: extern "win64" fn(u64) -> u32,
        _: u64,
        _: *mut Handle,
        _: *mut ClientId,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlSetEnvironmentVariable(
        _: *mut Address,
        _: *const UnicodeString,
        _: *const UnicodeString,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlExpandEnvironmentStrings_U(
        _: Address,
        _: *const UnicodeString,
        _: *mut UnicodeString,
        _: *mut u32,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlSetThreadIsCritical(_: u8, _: *mut u8, _: u8) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
    pub(crate) unsafe fn RtlAddVectoredExceptionHandler(
        _: u32,
        _: extern "win64" fn(*const [u64; 2]) -> i32,
    ) -> Address {
        0
    }
    pub(crate) unsafe fn LdrQueryImageFileExecutionOptions(
        _: *const UnicodeString,
        _: *const u16,
        _: u32,
        _: *mut u8,
        _: u32,
        _: *mut u32,
    ) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
}
#[cfg(not(target_os = "windows"))]
pub(crate) use absent::*;
