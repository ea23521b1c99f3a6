//! The session manager, the first user program. So far it only says that it runs.
#![cfg_attr(target_os = "windows", no_std, no_main)]

use nt::{NtStatus, events};

rt::program!(start);

/// Runs for ever: when the session manager ends, so does the system.
fn start(_peb: usize) -> NtStatus {
    rt::trace(events::SMSS_START, b'I', [0; 2], "");
    rt::wait_for_ever()
}
