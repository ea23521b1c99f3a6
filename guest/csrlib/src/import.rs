//! What is imported from ntdll.dll, as Microsoft documents it.
#![expect(unsafe_code, reason = "functions of another module")]

use nt::NtStatus;
use nt::types::{ClientId, Handle, IoStatusBlock, ObjectAttributes, UnicodeString};

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    pub fn NtCreateDirectoryObject(to: *mut Handle, access: u32, name: *const ObjectAttributes) -> NtStatus;
    pub fn NtCreateSymbolicLinkObject(
        to: *mut Handle,
        access: u32,
        name: *const ObjectAttributes,
        target: *const UnicodeString,
    ) -> NtStatus;
    pub fn NtOpenSymbolicLinkObject(to: *mut Handle, access: u32, name: *const ObjectAttributes) -> NtStatus;
    pub fn NtQuerySymbolicLinkObject(
        link: Handle,
        target: *mut UnicodeString,
        returned: *mut u32,
    ) -> NtStatus;
    pub fn NtMakeTemporaryObject(object: Handle) -> NtStatus;
    pub fn NtOpenEvent(to: *mut Handle, access: u32, name: *const ObjectAttributes) -> NtStatus;
    pub fn NtSetEvent(event: Handle, previous: *mut i32) -> NtStatus;
    pub fn NtSetSecurityObject(object: Handle, information: u32, descriptor: *const u8) -> NtStatus;
    pub fn NtSetInformationProcess(process: Handle, class: u32, value: *const u8, size: u32) -> NtStatus;
    pub fn NtQueryInformationProcess(
        process: Handle,
        class: u32,
        value: *mut u8,
        size: u32,
        returned: *mut u32,
    ) -> NtStatus;
    pub fn NtQuerySystemInformation(class: u32, value: *mut u8, size: u32, returned: *mut u32) -> NtStatus;
    pub fn NtOpenProcess(
        to: *mut Handle,
        access: u32,
        name: *const ObjectAttributes,
        id: *const ClientId,
    ) -> NtStatus;
    pub fn NtOpenThread(
        to: *mut Handle,
        access: u32,
        name: *const ObjectAttributes,
        id: *const ClientId,
    ) -> NtStatus;
    pub fn NtQueryInformationThread(
        thread: Handle,
        class: u32,
        value: *mut u8,
        size: u32,
        returned: *mut u32,
    ) -> NtStatus;
    pub fn NtReadVirtualMemory(
        process: Handle,
        from: u64,
        to: *mut u8,
        size: u64,
        read: *mut u64,
    ) -> NtStatus;
    pub fn NtTerminateProcess(process: Handle, status: NtStatus) -> NtStatus;
    pub fn NtResumeThread(thread: Handle, count: *mut u32) -> NtStatus;
    pub fn NtWaitForSingleObject(object: Handle, alertable: u8, timeout: *const i64) -> NtStatus;
    pub fn NtOpenProcessToken(process: Handle, access: u32, token: *mut Handle) -> NtStatus;
    pub fn NtPrivilegeCheck(token: Handle, privileges: *mut u32, result: *mut u8) -> NtStatus;
    pub fn NtSetInformationThread(thread: Handle, class: u32, value: *const u64, size: u32) -> NtStatus;
    pub fn NtCreateSection(
        to: *mut Handle,
        access: u32,
        name: *const ObjectAttributes,
        size: *const i64,
        protection: u32,
        kind: u32,
        file: Handle,
    ) -> NtStatus;
    pub fn NtMapViewOfSection(
        section: Handle,
        process: Handle,
        base: *mut u64,
        zero_bits: u64,
        commit: u64,
        offset: *mut i64,
        size: *mut u64,
        inherit: u32,
        kind: u32,
        protection: u32,
    ) -> NtStatus;
    pub fn NtOpenFile(
        to: *mut Handle,
        access: u32,
        name: *const ObjectAttributes,
        status: *mut IoStatusBlock,
        share: u32,
        options: u32,
    ) -> NtStatus;
    pub fn NtReadFile(
        file: Handle,
        event: Handle,
        routine: u64,
        context: u64,
        status: *mut IoStatusBlock,
        to: *mut u8,
        size: u32,
        offset: *const i64,
        key: *mut u32,
    ) -> NtStatus;
    pub fn RtlCreateHeap(flags: u32, base: u64, reserve: u64, commit: u64, lock: u64, parameters: u64)
    -> u64;
    pub fn RtlAllocateHeap(heap: u64, flags: u32, size: u64) -> u64;
}
