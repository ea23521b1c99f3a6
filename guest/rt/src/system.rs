//! The process itself, and the system as a whole.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::psinfo::{process_class, thread_class};
use nt::sysinfo::{SystemBasicInformation, SystemProcessorInformation, class};
use nt::types::{Handle, UserPtr};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::services::{pointer_to, pointer_to_mut, syscall};
use crate::text::string_of;

/// Sets a class of information of the own process.
fn set_process<T: IntoBytes + Immutable>(class: u32, value: &T) -> Result<(), NtStatus> {
    let (process, size) = (Handle::CURRENT_PROCESS, size_of::<T>() as u32);
    // SAFETY: the value outlives the call; its size is told.
    unsafe { syscall::NtSetInformationProcess(process, class, pointer_to(value), size) }.ok()
}

fn query_system<T: FromBytes>(class: u32) -> Result<T, NtStatus> {
    let mut information = T::new_zeroed();
    let (to, size) = (pointer_to_mut(&mut information), size_of::<T>() as u32);
    // SAFETY: the place outlives the call; its size is told.
    unsafe { syscall::NtQuerySystemInformation(class, to, size, UserPtr::new(0)) }.ok()?;
    Ok(information)
}

/// The system stops when the process ends, or not.
///
/// # Errors
/// What `NtSetInformationProcess` says.
pub fn set_process_critical(critical: bool) -> Result<(), NtStatus> {
    set_process(process_class::BREAK_ON_TERMINATION, &u32::from(critical))
}

/// The system stops when the calling thread ends, or not.
///
/// # Errors
/// What `NtSetInformationThread` says.
pub fn set_thread_critical(critical: bool) -> Result<(), NtStatus> {
    let value = u32::from(critical);
    let class = thread_class::BREAK_ON_TERMINATION;
    // SAFETY: the value outlives the call; its size is told.
    unsafe { syscall::NtSetInformationThread(Handle::CURRENT_THREAD, class, pointer_to(&value), 4) }.ok()
}

/// Sets the priority that the process's threads begin with, 1 to 31.
///
/// # Errors
/// What `NtSetInformationProcess` says.
pub fn set_base_priority(priority: u32) -> Result<(), NtStatus> {
    set_process(process_class::BASE_PRIORITY, &priority)
}

/// Whether the process is told of hard errors (bit 0), and what else of its mode.
///
/// # Errors
/// What `NtSetInformationProcess` says.
pub fn set_hard_error_mode(mode: u32) -> Result<(), NtStatus> {
    set_process(process_class::DEFAULT_HARD_ERROR_MODE, &mode)
}

/// Drive letters that the process sees: bit 0 is A.
///
/// # Errors
/// What `NtQueryInformationProcess` says.
pub fn drive_letters() -> Result<u32, NtStatus> {
    // PROCESS_DEVICEMAP_INFORMATION: a bitmap, and a type for each letter.
    let mut map = [0_u32; 9];
    let (process, size) = (Handle::CURRENT_PROCESS, size_of_val(&map) as u32);
    let class = process_class::DEVICE_MAP;
    let to = pointer_to_mut(&mut map);
    // SAFETY: the place outlives the call; its size is told.
    unsafe { syscall::NtQueryInformationProcess(process, class, to, size, UserPtr::new(0)) }.ok()?;
    Ok(map[0])
}

/// Pages, addresses, processors.
///
/// # Errors
/// What `NtQuerySystemInformation` says.
pub fn basic_information() -> Result<SystemBasicInformation, NtStatus> {
    query_system(class::BASIC)
}

/// What the processor is.
///
/// # Errors
/// What `NtQuerySystemInformation` says.
pub fn processor_information() -> Result<SystemProcessorInformation, NtStatus> {
    query_system(class::PROCESSOR)
}

/// Has the configuration manager load the other hives (0), or accept the boot (more); see
/// [`nt::registry::initialize`].
///
/// # Errors
/// What `NtInitializeRegistry` says.
pub fn initialize_registry(condition: u32) -> Result<(), NtStatus> {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtInitializeRegistry(condition) }.ok()
}

/// Makes a paging file; sizes are in bytes.
///
/// # Errors
/// What `NtCreatePagingFile` says.
pub fn create_paging_file(path: &[u16], minimum: u64, maximum: u64) -> Result<(), NtStatus> {
    let path = string_of(path);
    let (minimum, maximum) = (minimum as i64, maximum as i64);
    // SAFETY: all three outlive the call.
    unsafe {
        let (path, minimum) = (pointer_to(&path), pointer_to(&minimum));
        syscall::NtCreatePagingFile(path, minimum, pointer_to(&maximum), 0)
    }
    .ok()
}
