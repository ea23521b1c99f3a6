//! Page faults at user addresses.

use hal::trap::FAULT_PRESENT;
use nt::NtStatus;

use super::space::Kind;
use crate::ke::sched;

/// Mends a fault of the current process, or says what is wrong.
///
/// # Errors
/// ACCESS_VIOLATION when the address is nobody's or its protection forbids the access; STACK_OVERFLOW
/// beyond the end of the stack; NO_MEMORY when there is no page left.
pub fn resolve(address: u64, error: u64) -> Result<(), NtStatus> {
    let thread = sched::current();
    let mut space = thread.process().space().lock();
    let space = space.as_mut().ok_or(NtStatus::ACCESS_VIOLATION)?;
    match space.find(address).map(|vad| vad.kind) {
        Some(Kind::DemandZero(access)) if error & FAULT_PRESENT == 0 => Ok(space.map_zero(address, access)?),
        Some(Kind::StackGuard) => Err(NtStatus::STACK_OVERFLOW),
        _ => Err(NtStatus::ACCESS_VIOLATION),
    }
}
