//! `NtSetInformationProcess` and `NtSetInformationThread`.

use nt::NtStatus;
use nt::psinfo::{ProcessPriorityClass, QuotaLimits, process_class, thread_class};
use nt::security::{PROCESS_SET_QUOTA, THREAD_SET_THREAD_TOKEN, privilege};
use nt::types::{Handle, UserPtr};

use super::attributes::priority_class;
use crate::ke::service::NtResult;
use crate::mm::{self, user};
use crate::ob::{self, body::Kind};
use crate::se;

/// PROCESS_SET_INFORMATION.
const PROCESS_SET: u32 = 0x200;
/// THREAD_SET_INFORMATION.
const THREAD_SET: u32 = 0x20;
/// Highest priority.
const HIGH_PRIORITY: u32 = 31;
/// Priorities from here on are real-time ones (LOW_REALTIME_PRIORITY).
const REAL_TIME: u32 = 16;
/// The one processor.
const AFFINITY: u64 = 1;

/// A number that the caller gives; its size must be exactly that.
fn number<const SIZE: usize>(information: UserPtr<u8>, length: u32) -> Result<[u8; SIZE], NtStatus> {
    if length as usize != SIZE {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::read(UserPtr::<[u8; SIZE]>::new(information.address))
}

/// Handles or addresses.
fn words<const COUNT: usize>(information: UserPtr<u8>, length: u32) -> Result<[u64; COUNT], NtStatus> {
    if length as usize != size_of::<[u64; COUNT]>() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::read(UserPtr::new(information.address))
}

fn word(information: UserPtr<u8>, length: u32) -> Result<u32, NtStatus> {
    number(information, length).map(u32::from_le_bytes)
}

/// Only processors that exist.
fn affinity(information: UserPtr<u8>, length: u32) -> Result<(), NtStatus> {
    match u64::from_le_bytes(number(information, length)?) {
        AFFINITY => Ok(()),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// `NtSetInformationProcess`.
pub fn set_process(process: Handle, class: u32, information: UserPtr<u8>, length: u32) -> NtResult {
    let rights = if class == process_class::QUOTA_LIMITS { PROCESS_SET_QUOTA } else { PROCESS_SET };
    let process = ob::handle::process(process, rights)?;
    match class {
        process_class::QUOTA_LIMITS => {
            if length as usize != size_of::<QuotaLimits>() {
                return Err(NtStatus::INFO_LENGTH_MISMATCH);
            }
            mm::set_limits(&process, &user::read(UserPtr::new(information.address))?)?;
        }
        process_class::EXCEPTION_PORT => {
            se::require(privilege::TCB)?;
            let [port] = words(information, length)?;
            let port = ob::handle::reference(Handle(port), Some(Kind::Port), 0)?;
            // Whoever came first keeps it.
            let mut attributes = process.attributes().lock();
            if attributes.exception_port.is_some() {
                return Err(NtStatus::PORT_ALREADY_SET);
            }
            attributes.exception_port = Some(port);
        }
        process_class::ACCESS_TOKEN => {
            // PROCESS_ACCESS_TOKEN: the token, and a thread that is not looked at.
            let [token, _] = words(information, length)?;
            se::set_process_token(&process, Handle(token))?;
        }
        process_class::BASE_PRIORITY => {
            // The top bit asks for the foreground, which this system does not tell apart.
            let priority = word(information, length)? & 0x7FFF_FFFF;
            if priority == 0 || priority > HIGH_PRIORITY {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            if priority > process.attributes().lock().base_priority {
                se::require(privilege::INCREASE_BASE_PRIORITY)?;
            }
            process.set_base_priority(priority);
        }
        process_class::DEFAULT_HARD_ERROR_MODE => {
            let mode = word(information, length)?;
            process.attributes().lock().hard_error_mode = mode;
        }
        process_class::PRIORITY_CLASS => {
            let class =
                ProcessPriorityClass { foreground: 0, priority_class: number::<2>(information, length)?[1] };
            let base = priority_class::base(class.priority_class).ok_or(NtStatus::INVALID_PARAMETER)?;
            if base >= REAL_TIME {
                se::require(privilege::INCREASE_BASE_PRIORITY)?;
            }
            process.attributes().lock().priority_class = class.priority_class;
            process.set_base_priority(base);
        }
        process_class::AFFINITY_MASK => affinity(information, length)?,
        process_class::PRIORITY_BOOST => drop(word(information, length)?),
        process_class::SESSION => {
            se::require(privilege::TCB)?;
            let session = word(information, length)?;
            super::set_session(&process, session)?;
        }
        process_class::BREAK_ON_TERMINATION => {
            se::require(privilege::DEBUG)?;
            let critical = word(information, length)?;
            process.attributes().lock().break_on_termination = critical != 0;
        }
        // There is no I/O privilege of user mode on x64 (spec/smss.md 5.1: x86 only).
        process_class::USER_MODE_IOPL => return Err(NtStatus::INVALID_INFO_CLASS),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    }
    Ok(NtStatus::SUCCESS)
}

/// `NtSetInformationThread`.
pub fn set_thread(thread: Handle, class: u32, information: UserPtr<u8>, length: u32) -> NtResult {
    let rights =
        if class == thread_class::IMPERSONATION_TOKEN { THREAD_SET_THREAD_TOKEN } else { THREAD_SET };
    let thread = ob::handle::thread(thread, rights)?;
    match class {
        thread_class::IMPERSONATION_TOKEN => {
            let [token] = words(information, length)?;
            se::set_thread_token(&thread, Handle(token))?;
        }
        thread_class::PRIORITY => {
            let priority = word(information, length)?;
            if priority == 0 || priority > HIGH_PRIORITY {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            if priority >= REAL_TIME {
                se::require(privilege::INCREASE_BASE_PRIORITY)?;
            }
            thread.set_priority(priority);
        }
        thread_class::BASE_PRIORITY => {
            let increment = word(information, length)? as i32;
            thread.set_base_increment(increment)?;
        }
        thread_class::AFFINITY_MASK => affinity(information, length)?,
        thread_class::WIN32_START_ADDRESS => {
            let address = u64::from_le_bytes(number(information, length)?);
            thread.attributes().lock().start_address = address;
        }
        thread_class::BREAK_ON_TERMINATION => {
            se::require(privilege::DEBUG)?;
            let critical = word(information, length)?;
            thread.attributes().lock().break_on_termination = critical != 0;
        }
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    }
    Ok(NtStatus::SUCCESS)
}
