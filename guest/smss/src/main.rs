//! The session manager, the first user program. So far it runs the programs of BootExecute, says that the
//! session is ready, and shuts the system down again.
#![cfg_attr(target_os = "windows", no_std, no_main)]

extern crate alloc;

mod execute;

use nt::{NtStatus, events};
use rt::ShutdownAction;
use rt::registry::Key;

rt::program!(start);

/// The session manager's key.
const SESSION_MANAGER: &[u16] =
    nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager");

/// When the session manager ends, so does the system; so it ends by shutting down.
fn start(_peb: usize) -> NtStatus {
    rt::trace(events::SMSS_START, b'I', [0; 2], "");
    rt::display("Session Manager 5.2\n");
    let lines = Key::open(SESSION_MANAGER).and_then(|key| key.value(nt::wide!("BootExecute")));
    let lines = lines.map(|value| value.units()).unwrap_or_default();
    rt::trace(events::SMSS_BOOT_EXECUTE_LIST, b'B', [0; 2], "");
    for line in smgrammar::strings(&lines) {
        // A program that cannot be run is no reason to stop (spec/smss.md 1.3 step 6).
        let _ = execute::line(line);
    }
    rt::trace(events::SMSS_BOOT_EXECUTE_LIST, b'E', [0; 2], "");
    rt::trace(events::SMSS_SESSION_READY, b'I', [0; 2], "");
    rt::shutdown(ShutdownAction::PowerOff)
}
