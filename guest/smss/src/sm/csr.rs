//! StartCsr and StopCsr: further sessions, each with a Windows subsystem and an initial command of its own
//! (spec/smss.md 3.4).

use nt::NtStatus;
use nt::sm::StartCsr;
use rt::sync::{Guard, Mutex};

use super::listen::Busy;
use crate::initial;
use crate::subsystem::table::TABLE;
use crate::subsystem::{self, configuration, end};

/// The session manager is in one session's space at a time.
static MAKING: Mutex<()> = Mutex::new(());

/// Makes everybody wait who asks for a session, as long as this lives: while the initial command runs already, and the
/// session manager is still in the first session's space.
pub fn put_off() -> Guard<'static, ()> {
    MAKING.lock()
}

/// Makes a session. What was asked for gets its answer in its place.
///
/// # Errors
/// INVALID_PARAMETER: a length that is odd or too large; INVALID_DEVICE_STATE before the first session is there; what
/// the steps say, in which case nothing of the session is left.
pub fn start(request: &mut StartCsr) -> Result<(), NtStatus> {
    let length = request.length as usize;
    let given = request
        .command
        .get(..length / 2)
        .filter(|_| length.is_multiple_of(2))
        .ok_or(NtStatus::INVALID_PARAMETER)?;
    let configuration = configuration::get().ok_or(NtStatus::INVALID_DEVICE_STATE)?;
    let command = if given.is_empty() { &configuration.initial_command } else { given };
    if command.is_empty() {
        return Err(NtStatus::INVALID_DEVICE_STATE);
    }
    let _busy = Busy::new();
    let _alone = MAKING.lock();
    let mu_session = subsystem::make_session(&configuration)?;
    let made = subsystem::start_required(&configuration, mu_session)
        .and_then(|()| initial::start_in(&configuration, command, mu_session));
    // What comes after this belongs to no session again.
    let _ = rt::session::detach(mu_session);
    let initial = match made {
        Ok(initial) => initial,
        Err(status) => {
            end::session(mu_session);
            return Err(status);
        }
    };
    request.mu_session = mu_session;
    request.initial_process = initial;
    request.subsystem_process = TABLE.lock().windows_process_id(mu_session);
    Ok(())
}

/// Ends a session. The first one lives as long as the system.
///
/// # Errors
/// ACCESS_DENIED for session 0, OBJECT_NAME_NOT_FOUND for one that is not there.
pub fn stop(mu_session: u32) -> Result<(), NtStatus> {
    if mu_session == 0 {
        return Err(NtStatus::ACCESS_DENIED);
    }
    if !TABLE.lock().has_session(mu_session) {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
    }
    let _busy = Busy::new();
    end::session(mu_session);
    Ok(())
}
