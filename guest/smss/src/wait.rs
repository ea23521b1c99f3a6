//! The wait for csrss and for the initial command (spec/smss.md 1.3 step 19, 4.1).

use nt::{NtStatus, events};
use rt::sync::Guard;
use rt::{handle, process};

use crate::fatal::{self, Fatal};
use crate::initial::Initial;
use crate::subsystem::table::TABLE;

/// Waits for as long as the system lives, which is until one of them has ended. `others` may make their sessions from
/// then on.
pub fn for_ever(initial: &Initial, others: Guard<'_, ()>) -> ! {
    rt::trace(events::SMSS_SESSION_READY, b'I', [0; 2], "");
    // Without session space there is nothing to leave.
    let _ = rt::session::detach(0);
    drop(others);
    let windows = TABLE.lock().windows();
    let initial = initial.process.get();
    let (what, status) = match &windows {
        Some(windows) => match handle::wait_any(&[windows.get(), initial]) {
            Ok(0) => (Fatal::WindowsSubsystem, exit_status(windows.get())),
            Ok(_) => (Fatal::LogonProcess, exit_status(initial)),
            Err(status) => (Fatal::LogonProcess, status),
        },
        None => match rt::wait(initial) {
            NtStatus::SUCCESS => (Fatal::LogonProcess, exit_status(initial)),
            status => (Fatal::LogonProcess, status),
        },
    };
    let number = u64::from(what == Fatal::LogonProcess);
    rt::trace(events::SMSS_WAIT_SATISFIED, b'I', [number, status.0.into()], "");
    fatal::stop(what, status)
}

fn exit_status(process: nt::types::Handle) -> NtStatus {
    process::basic(process).map_or(NtStatus::UNSUCCESSFUL, |basic| NtStatus(basic.exit_status))
}
