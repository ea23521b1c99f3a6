//! What the process itself was started with.
#![expect(unsafe_code, reason = "reads the process environment block and its parameters")]

use alloc::vec::Vec;
#[cfg(target_os = "windows")]
use core::ptr::with_exposed_provenance;

use nt::layout::{parameters, peb};
use nt::types::UnicodeString;
use nt::{NtStatus, kuser};
use zerocopy::FromZeros;

use crate::ntdll::RtlSetThreadIsCritical;

/// Reads memory that the system has given the process.
///
/// # Safety
/// There is such a value at the address.
#[cfg(target_os = "windows")]
unsafe fn read<T: FromZeros + Copy>(address: u64) -> T {
    // SAFETY: as the caller says.
    unsafe { with_exposed_provenance::<T>(address as usize).read() }
}

/// There is none on the host.
#[cfg(not(target_os = "windows"))]
unsafe fn read<T: FromZeros + Copy>(_: u64) -> T {
    T::new_zeroed()
}

/// A field of the PEB, which is where the kernel puts it.
fn of_peb<T: FromZeros + Copy>(offset: u64) -> T {
    // SAFETY: the kernel has written the PEB before the program began; it cannot be unmapped.
    unsafe { read(peb::ADDRESS + offset) }
}

/// A field of the process parameters.
fn of_parameters<T: FromZeros + Copy>(offset: usize) -> T {
    let block: u64 = of_peb(peb::PROCESS_PARAMETERS);
    // SAFETY: the parameters live as long as the process; the loader has made addresses of their offsets.
    unsafe { read(block + offset as u64) }
}

/// A copy of the process's environment, with the empty string that ends it.
pub fn environment() -> Vec<u16> {
    let start: u64 = of_parameters(parameters::ENVIRONMENT);
    let (mut block, mut before) = (Vec::new(), 0_u16);
    for at in 0.. {
        // SAFETY: an environment ends with an empty string; nothing behind that is read.
        let unit: u16 = unsafe { read(start + at * 2) };
        block.push(unit);
        if unit == 0 && before == 0 {
            break;
        }
        before = unit;
    }
    if block.len() == 1 {
        block.push(0);
    }
    block
}

/// `DebugFlags` of the parameters: not zero breaks at the start.
pub fn debug_flags() -> u32 {
    of_parameters(parameters::DEBUG_FLAGS)
}

/// Major version of the system, as programs see it: 5 for the 2000/XP/2003 family.
pub fn major_version() -> u32 {
    of_peb(peb::OS_MAJOR_VERSION)
}

/// Version of the system, as programs see it: major, minor, build.
pub fn version() -> [u32; 3] {
    let build: u16 = of_peb(peb::OS_MAJOR_VERSION + 8);
    [of_peb(peb::OS_MAJOR_VERSION), of_peb(peb::OS_MAJOR_VERSION + 4), build.into()]
}

/// The system's root as a DOS path, which `KUSER_SHARED_DATA` has.
pub fn system_root() -> Vec<u16> {
    let start = kuser::USER_ADDRESS + kuser::offset::NT_SYSTEM_ROOT as u64;
    // SAFETY: every process has the page, and the field has 260 units.
    (0..260).map(|at| unsafe { read(start + at * 2) }).take_while(|&unit: &u16| unit != 0).collect()
}

/// Makes the calling thread critical, if the global flags ask for critical threads.
///
/// # Errors
/// UNSUCCESSFUL when they do not.
pub fn critical_thread_if_asked() -> Result<(), NtStatus> {
    // SAFETY: it is not asked what was before.
    unsafe { RtlSetThreadIsCritical(1, core::ptr::null_mut(), 1) }.ok()
}

/// Whether the processor has physical address extensions, as every one of 64 bits does.
pub fn has_pae() -> bool {
    const INDEX: u64 = 9;
    let address = kuser::USER_ADDRESS + kuser::offset::PROCESSOR_FEATURES as u64 + INDEX;
    // SAFETY: every process has the page, and the field has 64 bytes.
    unsafe { read::<u8>(address) != 0 }
}

/// The command line.
pub fn command_line() -> Vec<u16> {
    let string: UnicodeString = of_parameters(parameters::COMMAND_LINE);
    // SAFETY: the string of the parameters has that many units.
    (0..u64::from(string.length / 2)).map(|at| unsafe { read(string.buffer + at * 2) }).collect()
}
