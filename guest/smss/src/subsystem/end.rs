//! Ending subsystems and sessions.

use nt::NtStatus;
use nt::sm::{SbMessage, SbSession, sb_api};
use nt::types::Handle;
use rt::{handle, process};

use super::sb;
use super::table::TABLE;

/// What processes of a session end with that is stopped: DBG_TERMINATE_PROCESS, as at the end of a logon.
const STOPPED: NtStatus = NtStatus(0x4001_0004);
/// How long a process may take to its end, in seconds.
const PATIENCE: u32 = 5;

/// Forgets a subsystem, ends its process, and lets go who waits for it.
pub fn subsystem(id: u32, status: NtStatus) {
    let removed = TABLE.lock().remove(id);
    let Some(subsystem) = removed else { return };
    if let Some((process, _)) = &subsystem.process {
        terminate(process.get(), status);
    }
    handle::set_event(&subsystem.event);
}

/// Ends a process, which has gone then but for one that cannot end.
fn terminate(process: Handle, status: NtStatus) {
    process::terminate(process, status);
    handle::wait_seconds(process, PATIENCE);
}

/// Ends a session: its subsystems are told of the end of what they have (TerminateSession), then the initial command and
/// the subsystems end.
pub fn session(mu_session: u32) {
    let sessions = TABLE.lock().sm_sessions_of(mu_session);
    for session in sessions {
        let owner = TABLE.lock().contact(session.owner);
        if let Some(port) = owner.and_then(|owner| owner.port) {
            let data = SbSession { session: session.id };
            // Whatever it says, its process ends below.
            let _ = sb::send(&port, &mut SbMessage::new(sb_api::TERMINATE_SESSION, &data));
        }
        TABLE.lock().remove_sm_session(session.id);
    }
    let initial = TABLE.lock().take_initial(mu_session);
    if let Some(initial) = initial {
        terminate(initial.get(), STOPPED);
    }
    let subsystems = TABLE.lock().of_session(mu_session);
    for id in subsystems {
        subsystem(id, STOPPED);
    }
}
