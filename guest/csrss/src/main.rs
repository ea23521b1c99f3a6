//! The Windows subsystem (spec/smss.md 5.1): csrsrv.dll does it all. The main thread starts it and ends; the threads of csrsrv
//! keep the process.
#![cfg_attr(target_os = "windows", no_std, no_main)]

rt::program!(start);

/// Failure ends the process with its status.
#[cfg(target_os = "windows")]
fn start(_peb: usize) -> nt::NtStatus {
    match begin() {
        Ok(()) => rt::exit_thread(),
        Err(status) => status,
    }
}

/// In the order of spec/smss.md 5.1. There is no I/O privilege to ask for on x64.
#[cfg(target_os = "windows")]
fn begin() -> Result<(), nt::NtStatus> {
    use csrlib::process::set;
    use nt::psinfo::process_class;
    use nt::types::Handle;

    /// Of the foreground (9), and 4 more.
    const BASE_PRIORITY: u32 = 13;
    let this = Handle::CURRENT_PROCESS;
    set(this, process_class::BASE_PRIORITY, &BASE_PRIORITY)?;
    let session = csrlib::server::initialise()?;
    // Nobody could show its own hard errors.
    set(this, process_class::DEFAULT_HARD_ERROR_MODE, &0_u32)?;
    if session == 0 {
        set(this, process_class::BREAK_ON_TERMINATION, &1_u32)?;
    }
    Ok(())
}

/// There is no csrsrv on the host.
#[cfg(not(target_os = "windows"))]
fn start(_peb: usize) -> nt::NtStatus {
    nt::NtStatus::NOT_IMPLEMENTED
}
