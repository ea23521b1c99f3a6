//! The session manager, the first user program. So far it says that it runs, that the session is
//! ready, and shuts the system down again.
#![cfg_attr(target_os = "windows", no_std, no_main)]

use nt::{NtStatus, events};
use rt::ShutdownAction;

rt::program!(start);

/// When the session manager ends, so does the system; so it ends by shutting down.
fn start(_peb: usize) -> NtStatus {
    rt::trace(events::SMSS_START, b'I', [0; 2], "");
    rt::display("Session Manager 5.2\n");
    rt::trace(events::SMSS_SESSION_READY, b'I', [0; 2], "");
    rt::shutdown(ShutdownAction::PowerOff)
}
