//! The two entries of the DLL.
#![expect(unsafe_code, reason = "exports by name")]

use csrlib::api::ServerDll;
use nt::NtStatus;

use crate::{console, exit, harderror};

/// The user server: hard errors, the end of sessions.
#[unsafe(no_mangle)]
extern "win64" fn UserServerDllInitialization(dll: &mut ServerDll) -> NtStatus {
    dll.set_apis(&exit::APIS);
    dll.hard_error = Some(harderror::show);
    dll.shutdown = Some(exit::end_process);
    NtStatus::SUCCESS
}

/// The console server.
#[unsafe(no_mangle)]
extern "win64" fn ConServerDllInitialization(dll: &mut ServerDll) -> NtStatus {
    dll.set_apis(&console::APIS);
    NtStatus::SUCCESS
}
