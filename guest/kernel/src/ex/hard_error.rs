//! Hard errors: errors that somebody must be told of (spec/smss.md 4.2).

use alloc::string::String;
use core::sync::atomic::{AtomicBool, Ordering};

use hal::cell::KernelCell;
use nt::security::privilege;
use nt::types::{Handle, UnicodeString, UserPtr};
use nt::{NtStatus, bugcheck};

use crate::ke::bugcheck::bugcheck;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::Object;
use crate::ob::body::Kind;
use crate::se;

/// Most parameters of a hard error (MAXIMUM_HARDERROR_PARAMETERS, spec 4.2).
const MAX_PARAMETERS: u32 = 4;
/// HARDERROR_RESPONSE_OPTION: the last one shuts the system down.
const OPTION_SHUTDOWN_SYSTEM: u32 = 6;
/// HARDERROR_RESPONSE: the caller is to go on by itself.
const RESPONSE_RETURN_TO_CALLER: u32 = 0;
/// Longest text that a parameter gives to the stop screen, in UTF-16 units.
const TEXT_MAX: usize = 64;

/// Whether there is somebody to tell (ExReadyForErrors).
static READY: AtomicBool = AtomicBool::new(false);
/// The port of the process that shows hard errors.
static PORT: KernelCell<Option<Object>> = KernelCell::new(None);

/// `NtRaiseHardError`. To shut the system down takes SeShutdownPrivilege (spec 4.2).
pub fn raise(
    status: NtStatus,
    count: u32,
    string_mask: u32,
    parameters: UserPtr<u64>,
    option: u32,
    response: UserPtr<u32>,
) -> NtResult {
    if count > MAX_PARAMETERS {
        return Err(NtStatus::INVALID_PARAMETER_2);
    }
    if option > OPTION_SHUTDOWN_SYSTEM {
        return Err(NtStatus::INVALID_PARAMETER_5);
    }
    let mut values = [0; MAX_PARAMETERS as usize];
    let mut texts: [String; MAX_PARAMETERS as usize] = Default::default();
    for index in 0..count {
        let slot = index as usize;
        let place = parameters.address.wrapping_add(8 * u64::from(index));
        let value = u64::from_le_bytes(user::read(UserPtr::<[u8; 8]>::new(place))?);
        values[slot] = value;
        if string_mask & 1 << index != 0 {
            let string: UnicodeString = user::read(UserPtr::new(value))?;
            let units = user::read_utf16(string.buffer, usize::from(string.length / 2).min(TEXT_MAX))?;
            texts[slot] = String::from_utf16_lossy(&units);
        }
    }
    if option == OPTION_SHUTDOWN_SYSTEM {
        se::require(privilege::SHUTDOWN)?;
    }
    user::write(response.address, &RESPONSE_RETURN_TO_CALLER.to_le_bytes())?;
    if option == OPTION_SHUTDOWN_SYSTEM {
        READY.store(false, Ordering::Relaxed);
    }
    if !READY.load(Ordering::Relaxed) && status.is_error() {
        stop(status, &values, &texts);
    }
    Ok(NtStatus::SUCCESS)
}

/// An error that nobody can be told of stops the system; the stop code is the status itself, as Windows shows it.
fn stop(status: NtStatus, values: &[u64; 4], texts: &[String; 4]) -> ! {
    let cause = NtStatus(values[1] as u32);
    match status.0 {
        bugcheck::STATUS_SYSTEM_PROCESS_TERMINATED => bugcheck(
            status.0,
            *values,
            cause,
            format_args!(
                "The {} system process terminated unexpectedly with a status of 0x{:08x} (0x{:08x} 0x{:08x})",
                texts[0], cause.0, values[2], values[3]
            ),
        ),
        _ => bugcheck(status.0, *values, status, format_args!("{} {}", texts[0], texts[1])),
    }
}

/// `NtSetDefaultHardErrorPort`: works once, for whoever has SeTcbPrivilege (spec 4.2).
pub fn set_default_port(port: Handle) -> NtResult {
    se::require(privilege::TCB)?;
    if READY.load(Ordering::Relaxed) {
        return Err(NtStatus::UNSUCCESSFUL);
    }
    let object = crate::ob::handle::reference(port, Some(Kind::Port), 0)?;
    *PORT.lock() = Some(object);
    READY.store(true, Ordering::Relaxed);
    Ok(NtStatus::SUCCESS)
}
