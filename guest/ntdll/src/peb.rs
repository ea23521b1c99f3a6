//! The process and thread environment blocks as ntdll sees them, and the functions that read and write them.
//! Offsets: spec/smss.md 7.3 and 7.4; phnt `ntpebteb.h`.
#![expect(unsafe_code, reason = "the blocks are memory that the kernel made")]

use core::arch::asm;
use core::mem::offset_of;

use nt::NtStatus;
use nt::types::{ClientId, UnicodeString};

use crate::ldr::data::PebLdrData;
use crate::sync::CriticalSection;

/// Slots of `TEB.TlsSlots`, and bits of the PEB's bitmap of them.
pub const TLS_SLOTS: u32 = 64;

/// RTL_BITMAP.
#[repr(C)]
#[derive(Debug)]
pub struct Bitmap {
    pub size: u32,
    pub buffer: *mut u32,
}

/// PEB.
#[repr(C)]
#[derive(Debug)]
pub struct Peb {
    pub inherited_address_space: u8,
    pub read_image_file_exec_options: u8,
    pub being_debugged: u8,
    pub bit_field: u8,
    padding: u32,
    pub mutant: u64,
    pub image_base_address: u64,
    pub ldr: *mut PebLdrData,
    pub process_parameters: u64,
    pub sub_system_data: u64,
    pub process_heap: u64,
    pub fast_peb_lock: *mut CriticalSection,
    reserved_1: [u64; 6],
    pub tls_expansion_counter: u32,
    pub tls_bitmap: *mut Bitmap,
    pub tls_bitmap_bits: [u32; 2],
    pub read_only_shared_memory_base: u64,
    pub read_only_shared_memory_heap: u64,
    pub read_only_static_server_data: u64,
    reserved_2: [u64; 3],
    pub number_of_processors: u32,
    pub nt_global_flag: u32,
    /// How long to wait for a critical section, relative time in 100 ns; 0: for ever.
    pub critical_section_timeout: i64,
    reserved_3: [u64; 4],
    pub number_of_heaps: u32,
    pub maximum_number_of_heaps: u32,
    pub process_heaps: u64,
    reserved_4: [u64; 3],
    pub loader_lock: *mut CriticalSection,
    pub os_major_version: u32,
    pub os_minor_version: u32,
    pub os_build_number: u16,
    pub os_csd_version: u16,
    pub os_platform_id: u32,
    pub image_subsystem: u32,
}

/// TEB.
#[repr(C)]
#[derive(Debug)]
pub struct Teb {
    pub exception_list: u64,
    /// End of the stack.
    pub stack_base: u64,
    /// Lowest address of the stack that has memory.
    pub stack_limit: u64,
    reserved_1: [u64; 3],
    pub this: *mut Self,
    pub environment_pointer: u64,
    pub client_id: ClientId,
    pub active_rpc_handle: u64,
    /// Each module's block of static thread-local storage, by its index.
    pub thread_local_storage_pointer: *mut *mut u8,
    pub peb: *mut Peb,
    pub last_error_value: u32,
    reserved_2: [u8; 0x254],
    /// What a service raises when it returns.
    pub exception_code: u32,
    reserved_3: [u8; 0xF8C],
    pub last_status_value: NtStatus,
    pub static_unicode_string: UnicodeString,
    pub static_unicode_buffer: [u16; 261],
    /// Lowest reserved address of the stack.
    pub deallocation_stack: u64,
    pub tls_slots: [u64; TLS_SLOTS as usize],
    reserved_4: [u8; 0x30],
    pub hard_error_mode: u32,
}

const _: () = {
    assert!(offset_of!(Peb, ldr) == 0x18 && offset_of!(Peb, process_heap) == 0x30);
    assert!(offset_of!(Peb, fast_peb_lock) == 0x38 && offset_of!(Peb, tls_expansion_counter) == 0x70);
    assert!(offset_of!(Peb, tls_bitmap) == 0x78 && offset_of!(Peb, number_of_processors) == 0xB8);
    assert!(offset_of!(Peb, critical_section_timeout) == 0xC0 && offset_of!(Peb, number_of_heaps) == 0xE8);
    assert!(offset_of!(Peb, loader_lock) == 0x110 && offset_of!(Peb, image_subsystem) == 0x128);
    assert!(offset_of!(Teb, this) == 0x30 && offset_of!(Teb, client_id) == 0x40);
    assert!(offset_of!(Teb, thread_local_storage_pointer) == 0x58 && offset_of!(Teb, peb) == 0x60);
    assert!(offset_of!(Teb, exception_code) == 0x2C0 && offset_of!(Teb, last_status_value) == 0x1250);
    assert!(offset_of!(Teb, deallocation_stack) == 0x1478 && offset_of!(Teb, tls_slots) == 0x1480);
    assert!(offset_of!(Teb, hard_error_mode) == 0x16B0);
};

/// The calling thread's block.
pub fn teb() -> *mut Teb {
    let teb;
    // SAFETY: GS points to the TEB in user mode, which holds its own address.
    unsafe { asm!("mov {}, gs:[0x30]", out(reg) teb, options(nostack, readonly, preserves_flags)) };
    teb
}

/// The process's block.
pub fn peb() -> *mut Peb {
    let peb;
    // SAFETY: GS points to the TEB in user mode, which holds the PEB's address.
    unsafe { asm!("mov {}, gs:[0x60]", out(reg) peb, options(nostack, readonly, preserves_flags)) };
    peb
}

/// The calling thread's id.
pub fn thread_id() -> u64 {
    let id;
    // SAFETY: GS points to the TEB in user mode, which holds the thread's id.
    unsafe { asm!("mov {}, gs:[0x48]", out(reg) id, options(nostack, readonly, preserves_flags)) };
    id
}

/// The process heap's handle.
pub fn process_heap() -> u64 {
    // SAFETY: the PEB lives as long as the process.
    unsafe { (*peb()).process_heap }
}

/// Remembers the status that an operation failed with.
pub fn set_last_status(status: NtStatus) {
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).last_status_value = status };
}

/// The calling thread's environment block.
#[unsafe(no_mangle)]
extern "win64" fn NtCurrentTeb() -> *mut Teb {
    teb()
}

/// The process's environment block.
#[unsafe(no_mangle)]
extern "win64" fn RtlGetCurrentPeb() -> *mut Peb {
    peb()
}

/// Takes the lock of the process's block.
#[unsafe(no_mangle)]
pub extern "win64" fn RtlAcquirePebLock() -> NtStatus {
    // SAFETY: the loader has put the lock there.
    unsafe { crate::sync::RtlEnterCriticalSection((*peb()).fast_peb_lock) }
}

/// Gives the lock of the process's block up.
#[unsafe(no_mangle)]
pub extern "win64" fn RtlReleasePebLock() -> NtStatus {
    // SAFETY: as above.
    unsafe { crate::sync::RtlLeaveCriticalSection((*peb()).fast_peb_lock) }
}

/// The last status that a function remembered.
#[unsafe(no_mangle)]
extern "win64" fn RtlGetLastNtStatus() -> NtStatus {
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).last_status_value }
}

/// The last Win32 error code.
#[unsafe(no_mangle)]
extern "win64" fn RtlGetLastWin32Error() -> u32 {
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).last_error_value }
}

/// Sets the last Win32 error code.
#[unsafe(no_mangle)]
extern "win64" fn RtlSetLastWin32Error(error: u32) {
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).last_error_value = error };
}

/// Which hard errors the thread wants to see: the bits of RtlSetThreadErrorMode.
#[unsafe(no_mangle)]
extern "win64" fn RtlGetThreadErrorMode() -> u32 {
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).hard_error_mode }
}

/// Sets which hard errors the thread wants to see; tells what it was.
///
/// # Safety
/// `old` is NULL or can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetThreadErrorMode(mode: u32, old: *mut u32) -> NtStatus {
    /// RTL_ERRORMODE_*: fail critical errors, no GP fault box, no open-file box.
    const KNOWN: u32 = 0x70;
    if mode & !KNOWN != 0 {
        return NtStatus::INVALID_PARAMETER_1;
    }
    // SAFETY: the TEB is the calling thread's own; the caller vouches for `old`.
    unsafe {
        if !old.is_null() {
            *old = (*teb()).hard_error_mode;
        }
        (*teb()).hard_error_mode = mode;
    }
    NtStatus::SUCCESS
}
