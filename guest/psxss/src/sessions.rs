//! The programs that the subsystem has been given: a process each, at the top of what it starts.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::sm::{SbCreateSession, SessionComplete, SmMessage, sm_api};
use nt::types::Handle;
use rt::handle::Owned;
use rt::lpc::Port;
use rt::process;
use rt::sync::Mutex;

/// What a program ends with whose session is ended.
const ENDED: NtStatus = NtStatus(0x4001_0004);

/// SM session ids and processes.
static SESSIONS: Mutex<Vec<(u32, Arc<Owned>)>> = Mutex::new(Vec::new());
/// The connection to the session manager.
static MANAGER: Mutex<Option<Arc<Port<SmMessage>>>> = Mutex::new(None);

/// Whom to tell of the end of programs.
pub fn set_manager(port: Port<SmMessage>) {
    *MANAGER.lock() = Some(Arc::new(port));
}

/// Takes a program over and lets it run; a thread waits for its end.
///
/// # Errors
/// What making the thread, and resuming, say; then the handles are the session manager's again.
pub fn begin(data: &SbCreateSession) -> Result<(), NtStatus> {
    let process = Arc::new(Owned::new(Handle(data.process.process)));
    SESSIONS.lock().push((data.session, process.clone()));
    let begun = process::resume(Handle(data.process.thread))
        .ok()
        .and_then(|()| rt::start_thread(watch, data.session.into()).map(drop));
    match begun {
        Ok(()) => drop(Owned::new(Handle(data.process.thread))),
        Err(_) => {
            forget(data.session);
            // Who has sent it closes it.
            if let Some(process) = Arc::into_inner(process) {
                process.into_handle();
            }
        }
    }
    begun
}

/// Ends a program.
///
/// # Errors
/// INVALID_PARAMETER: it is not here.
pub fn end(session: u32) -> Result<(), NtStatus> {
    let process = find(session).ok_or(NtStatus::INVALID_PARAMETER)?;
    process::terminate(process.get(), ENDED).ok()
}

fn find(session: u32) -> Option<Arc<Owned>> {
    SESSIONS.lock().iter().find(|(id, _)| *id == session).map(|(_, process)| process.clone())
}

fn forget(session: u32) {
    SESSIONS.lock().retain(|(id, _)| *id != session);
}

/// Waits for the end of a program, and tells the session manager.
extern "win64" fn watch(session: u64) -> u32 {
    let session = session as u32;
    let Some(process) = find(session) else { return NtStatus::UNSUCCESSFUL.0 };
    rt::wait(process.get());
    let status = process::basic(process.get()).map_or(NtStatus::UNSUCCESSFUL.0, |basic| basic.exit_status);
    forget(session);
    let manager = MANAGER.lock().clone();
    if let Some(manager) = manager {
        let data = SessionComplete { session, status };
        // Nobody is left to hear of a failure.
        let _ = manager.request(&mut SmMessage::new(sm_api::SESSION_COMPLETE, &data));
    }
    NtStatus::SUCCESS.0
}
