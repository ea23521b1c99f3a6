//! Processes: what csrss asks and sets of them.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;
use core::ptr::{from_mut, from_ref, null_mut};

use nt::NtStatus;
use nt::types::{ClientId, Handle, ObjectAttributes, UnicodeString};
use rt::handle::Owned;
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::import;

/// TOKEN_QUERY.
const TOKEN_QUERY: u32 = 8;
/// Longest text that is read out of another process, in UTF-16 units.
const TEXT_MAX: usize = 0x400;

/// Opens a process by its id.
///
/// # Errors
/// What `NtOpenProcess` says.
pub fn open(id: u64, access: u32) -> Result<Owned, NtStatus> {
    let attributes =
        ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..ObjectAttributes::default() };
    let id = ClientId { process: id, thread: 0 };
    let mut handle = Handle::NULL;
    // SAFETY: all of them live here.
    unsafe { import::NtOpenProcess(&raw mut handle, access, &raw const attributes, &raw const id) }.ok()?;
    Ok(Owned::new(handle))
}

/// Opens a thread of a process, to ask of it.
///
/// # Errors
/// What `NtOpenThread` says.
pub fn open_thread(id: ClientId) -> Result<Owned, NtStatus> {
    /// THREAD_QUERY_INFORMATION.
    const QUERY: u32 = 0x40;
    let attributes =
        ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..ObjectAttributes::default() };
    let mut handle = Handle::NULL;
    // SAFETY: all of them live here.
    unsafe { import::NtOpenThread(&raw mut handle, QUERY, &raw const attributes, &raw const id) }.ok()?;
    Ok(Owned::new(handle))
}

/// Asks for a class of a thread's information.
///
/// # Errors
/// What `NtQueryInformationThread` says.
pub fn query_thread<T: FromBytes + IntoBytes>(thread: Handle, class: u32) -> Result<T, NtStatus> {
    let mut value = T::new_zeroed();
    let place = from_mut(&mut value).cast::<u8>();
    // SAFETY: the place outlives the call; its size is told, and any bytes are a value.
    unsafe { import::NtQueryInformationThread(thread, class, place, size_of::<T>() as u32, null_mut()) }
        .ok()?;
    Ok(value)
}

/// Sets a class of a process's information.
///
/// # Errors
/// What `NtSetInformationProcess` says.
pub fn set<T: IntoBytes + Immutable>(process: Handle, class: u32, value: &T) -> Result<(), NtStatus> {
    let place = from_ref(value).cast::<u8>();
    // SAFETY: the value outlives the call; its size is told.
    unsafe { import::NtSetInformationProcess(process, class, place, size_of::<T>() as u32) }.ok()
}

/// Asks for a class of a process's information.
///
/// # Errors
/// What `NtQueryInformationProcess` says.
pub fn query<T: FromBytes + IntoBytes>(process: Handle, class: u32) -> Result<T, NtStatus> {
    let mut value = T::new_zeroed();
    let place = from_mut(&mut value).cast::<u8>();
    // SAFETY: the place outlives the call; its size is told, and any bytes are a value.
    unsafe { import::NtQueryInformationProcess(process, class, place, size_of::<T>() as u32, null_mut()) }
        .ok()?;
    Ok(value)
}

/// Asks for a class of the system's information: as many bytes as it has, at most those of the place.
///
/// # Errors
/// What `NtQuerySystemInformation` says.
pub fn query_system(class: u32, place: &mut [u8]) -> Result<(), NtStatus> {
    let size = place.len() as u32;
    // SAFETY: the place outlives the call; its size is told.
    unsafe { import::NtQuerySystemInformation(class, place.as_mut_ptr(), size, null_mut()) }.ok()
}

/// Reads a value out of another process.
///
/// # Errors
/// What `NtReadVirtualMemory` says.
pub fn read<T: FromBytes + IntoBytes>(process: Handle, address: u64) -> Result<T, NtStatus> {
    let mut value = T::new_zeroed();
    let (place, size) = (from_mut(&mut value).cast::<u8>(), size_of::<T>() as u64);
    // SAFETY: the place outlives the call; its size is told, and any bytes are a value.
    unsafe { import::NtReadVirtualMemory(process, address, place, size, null_mut()) }.ok()?;
    Ok(value)
}

/// Reads the text of a UNICODE_STRING of another process, cut at 1024 units; none at NULL.
///
/// # Errors
/// What `NtReadVirtualMemory` says.
pub fn read_text(process: Handle, string: u64) -> Result<Vec<u16>, NtStatus> {
    if string == 0 {
        return Ok(Vec::new());
    }
    let string: UnicodeString = read(process, string)?;
    let mut text = alloc::vec![0_u16; usize::from(string.length / 2).min(TEXT_MAX)];
    let size = (text.len() * 2) as u64;
    // SAFETY: the text has that size and outlives the call.
    unsafe {
        import::NtReadVirtualMemory(process, string.buffer, text.as_mut_ptr().cast(), size, null_mut())
    }
    .ok()?;
    Ok(text)
}

/// Ends a process.
pub fn terminate(process: Handle, status: NtStatus) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { import::NtTerminateProcess(process, status) }
}

/// Lets a suspended thread run.
pub fn resume(thread: Handle) -> NtStatus {
    // SAFETY: the count before is not asked for.
    unsafe { import::NtResumeThread(thread, null_mut()) }
}

/// Waits for a process's end for so many milliseconds. Whether it has ended.
pub fn wait(process: Handle, milliseconds: u32) -> bool {
    let timeout = -10_000 * i64::from(milliseconds);
    // SAFETY: the time-out outlives the call.
    unsafe { import::NtWaitForSingleObject(process, 0, &raw const timeout) == NtStatus::SUCCESS }
}

/// Whether a privilege is enabled in a process's token.
///
/// # Errors
/// What opening and asking the token gives.
pub fn has_privilege(process: Handle, privilege: u32) -> Result<bool, NtStatus> {
    let mut token = Handle::NULL;
    // SAFETY: the handle outlives the call.
    unsafe { import::NtOpenProcessToken(process, TOKEN_QUERY, &raw mut token) }.ok()?;
    let token = Owned::new(token);
    // PRIVILEGE_SET: count, control, one LUID with its attributes.
    let mut set = [1, 1, privilege, 0, 0];
    let mut result = 0_u8;
    // SAFETY: set and result outlive the call.
    unsafe { import::NtPrivilegeCheck(token.get(), set.as_mut_ptr(), &raw mut result) }.ok()?;
    Ok(result != 0)
}

/// The calling thread acts as itself again.
pub fn revert() {
    /// ThreadImpersonationToken.
    const CLASS: u32 = 5;
    let none = 0_u64;
    // SAFETY: the number outlives the call.
    unsafe { import::NtSetInformationThread(Handle::CURRENT_THREAD, CLASS, &raw const none, 8) };
}

/// The process's own id, which the thread environment block has.
pub fn own_id() -> u64 {
    let id;
    // SAFETY: GS points to the TEB in user mode, which holds the process's id.
    unsafe {
        core::arch::asm!("mov {}, gs:[0x40]", out(reg) id, options(nostack, readonly, preserves_flags))
    };
    id
}
