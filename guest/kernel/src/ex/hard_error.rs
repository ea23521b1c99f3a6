//! Hard errors: errors that somebody must be told of (spec/smss.md 4.2).

use alloc::string::String;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};

use hal::cell::KernelCell;
use nt::harderror::{HardErrorMessage, OVERRIDE_ERROR_MODE, option, response};
use nt::lpc::message_type;
use nt::security::privilege;
use nt::types::{Handle, UnicodeString, UserPtr};
use nt::{NtStatus, bugcheck};
use zerocopy::{FromBytes, IntoBytes};

use crate::ke::bugcheck::bugcheck;
use crate::ke::service::NtResult;
use crate::ke::{clock, sched};
use crate::lpc::{self, Port};
use crate::mm::user;
use crate::ob::Body;
use crate::se;

/// Most parameters that a caller may give (spec 4.2).
const MAX_PARAMETERS: u32 = 4;
/// Longest text that a parameter gives to the stop screen, in UTF-16 units.
const TEXT_MAX: usize = 64;

/// Whether there is somebody to tell (ExReadyForErrors).
static READY: AtomicBool = AtomicBool::new(false);
/// The port of the process that shows hard errors, and that process's id.
static PORT: KernelCell<Option<(Arc<Port>, u32)>> = KernelCell::new(None);

/// `NtRaiseHardError`. To shut the system down takes SeShutdownPrivilege (spec 4.2).
pub fn raise(
    status: NtStatus,
    count: u32,
    string_mask: u32,
    parameters: UserPtr<u64>,
    wanted: u32,
    answer: UserPtr<u32>,
) -> NtResult {
    if count > MAX_PARAMETERS {
        return Err(NtStatus::INVALID_PARAMETER_2);
    }
    if wanted > option::SHUTDOWN_SYSTEM {
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
    if wanted == option::SHUTDOWN_SYSTEM {
        se::require(privilege::SHUTDOWN)?;
    }
    user::write(answer.address, &response::RETURN_TO_CALLER.to_le_bytes())?;
    if wanted == option::SHUTDOWN_SYSTEM {
        READY.store(false, Ordering::Relaxed);
    }
    if !READY.load(Ordering::Relaxed) && status.is_error() {
        stop(status, &values, &texts);
    }
    let process = sched::current().process().clone();
    let (mode, own_port) = {
        let attributes = process.attributes().lock();
        (attributes.hard_error_mode, attributes.exception_port.clone())
    };
    if mode & 1 == 0 && status.0 & OVERRIDE_ERROR_MODE == 0 {
        return Ok(NtStatus::SUCCESS);
    }
    let default = PORT.lock().clone();
    let port = match (own_port.as_ref().and_then(|object| object.body()), &default) {
        (Some(Body::Port(port)), _) => port.clone(),
        // Who shows hard errors cannot be told of its own.
        (_, Some((_, shower))) if *shower == process.id() => match status.is_error() {
            true => stop(status, &values, &texts),
            false => return Ok(NtStatus::SUCCESS),
        },
        (_, Some((port, _))) => port.clone(),
        _ => return Ok(NtStatus::SUCCESS),
    };
    let mut message = HardErrorMessage {
        status: status.0 & !OVERRIDE_ERROR_MODE,
        error_time: clock::system_time() as i64,
        valid_response_options: wanted,
        number_of_parameters: count,
        unicode_string_parameter_mask: string_mask,
        ..HardErrorMessage::default()
    };
    message.parameters[..values.len()].copy_from_slice(&values);
    let reply = lpc::ask_for_kernel(&port, message_type::ERROR_EVENT, message.as_bytes())?;
    let said =
        HardErrorMessage::read_from_prefix(&reply).map_or(response::NOT_HANDLED, |(reply, _)| reply.response);
    user::write(answer.address, &said.min(response::MAX).to_le_bytes())?;
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
                "The {} system process terminated unexpectedly with a status of 0x{:08x} (0x{:08x} 0x{:08x}).",
                texts[0], cause.0, values[2], values[3]
            ),
        ),
        _ => bugcheck(status.0, *values, status, format_args!("{} {}", texts[0], texts[1])),
    }
}

/// Who showed hard errors has ended: somebody else may do it.
pub fn process_ended(process: u32) {
    let ended = PORT.lock().take_if(|(_, shower)| *shower == process);
    if ended.is_some() {
        READY.store(false, Ordering::Relaxed);
    }
}

/// `NtSetDefaultHardErrorPort`: works once until its caller ends, for whoever has SeTcbPrivilege (spec 4.2).
pub fn set_default_port(port: Handle) -> NtResult {
    se::require(privilege::TCB)?;
    if READY.load(Ordering::Relaxed) {
        return Err(NtStatus::UNSUCCESSFUL);
    }
    let port = lpc::reference(port)?;
    *PORT.lock() = Some((port, sched::current_process_id()));
    READY.store(true, Ordering::Relaxed);
    Ok(NtStatus::SUCCESS)
}
