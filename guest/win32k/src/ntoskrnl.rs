//! What the kernel exports (`guest/kernel/src/exports`), with the types that Microsoft's and ReactOS's headers give.
#![expect(unsafe_code, reason = "functions of another image")]

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes};

/// A pointer to an object, a process or a thread. Nothing is read through it but what [`crate::object`] says.
pub type Pointer = u64;

/// KPROCESSOR_MODE UserMode.
pub const USER_MODE: u8 = 1;

/// WIN32_CALLOUTS_FPNS, as far as the kernel calls it.
#[repr(C)]
pub struct Callouts {
    pub process: extern "win64" fn(Pointer, u8) -> NtStatus,
    pub thread: extern "win64" fn(Pointer, u32) -> NtStatus,
}

#[link(name = "ntoskrnl.exe", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "win64" {
    pub static ExDesktopObjectType: Pointer;
    pub static ExWindowStationObjectType: Pointer;
    pub fn ExAllocatePoolWithTag(pool: u32, size: u64, tag: u32) -> *mut u8;
    pub fn ExFreePoolWithTag(block: *mut u8, tag: u32);
    pub fn IoGetCurrentProcess() -> Pointer;
    pub fn KeAddSystemServiceTable(
        base: *const usize,
        counts: *mut u32,
        limit: u32,
        arguments: *const u8,
        index: u32,
    ) -> u8;
    pub fn KeBugCheckEx(code: u32, p1: u64, p2: u64, p3: u64, p4: u64) -> !;
    pub fn MmCopyVirtualMemory(
        from_process: Pointer,
        from: u64,
        to_process: Pointer,
        to: u64,
        size: u64,
        mode: u8,
        copied: *mut u64,
    ) -> NtStatus;
    pub fn ObCloseHandle(handle: Handle, mode: u8) -> NtStatus;
    pub fn ObOpenObjectByName(
        attributes: u64,
        object_type: Pointer,
        mode: u8,
        access_state: u64,
        desired: u32,
        context: *mut u32,
        handle: *mut Handle,
    ) -> NtStatus;
    pub fn ObOpenObjectByPointer(
        object: Pointer,
        attributes: u32,
        access_state: u64,
        desired: u32,
        object_type: Pointer,
        mode: u8,
        handle: *mut Handle,
    ) -> NtStatus;
    pub fn ObReferenceObjectByHandle(
        handle: Handle,
        desired: u32,
        object_type: Pointer,
        mode: u8,
        object: *mut Pointer,
        information: u64,
    ) -> NtStatus;
    pub fn ObfDereferenceObject(object: Pointer);
    pub fn PsEstablishWin32Callouts(callouts: *const Callouts);
    pub fn PsGetCurrentProcessId() -> u64;
    pub fn PsGetCurrentProcessSessionId() -> u32;
    pub fn PsGetCurrentProcessWin32Process() -> *mut u8;
    pub fn PsGetCurrentThreadId() -> u64;
    pub fn PsGetCurrentThreadTeb() -> u64;
    pub fn PsSetProcessWin32Process(process: Pointer, value: *mut u8, previous: *mut u8) -> NtStatus;
    pub fn PsSetThreadWin32Thread(thread: Pointer, value: *mut u8, previous: *mut u8) -> NtStatus;
    pub fn SeSinglePrivilegeCheck(privilege: u64, mode: u8) -> u8;
    pub fn ZwCreateDirectoryObject(
        handle: *mut Handle,
        access: u32,
        attributes: *const ObjectAttributes,
    ) -> NtStatus;
    pub fn ZwCreateEvent(
        handle: *mut Handle,
        access: u32,
        attributes: *const ObjectAttributes,
        event_type: u32,
        state: u8,
    ) -> NtStatus;
}
