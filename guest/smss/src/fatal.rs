//! How the session manager ends (spec/smss.md 4.1).

use nt::NtStatus;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// A step of the initialisation failed.
    Initialization,
    /// The initial command cannot be started.
    InitialCommand,
    /// A known DLL's checksum is not that of its content.
    KnownDllChecksum,
    /// What is listed as a known DLL is none.
    KnownDllNotDll,
}

/// Stops the system.
pub fn stop(_fatal: Fatal, status: NtStatus) -> ! {
    // The session manager is critical: its end is the system's.
    rt::exit(status)
}
