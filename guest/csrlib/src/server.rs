//! What server DLLs ask of csrsrv.
#![expect(unsafe_code, reason = "functions of another module")]

use nt::NtStatus;
use nt::csr::{ApiMessage, CreateProcess, CreateThread, ShutdownParameters};

use crate::api::Caller;

#[link(name = "csrsrv", kind = "raw-dylib")]
unsafe extern "system" {
    fn CsrCreateProcess(caller: &Caller, process: &CreateProcess) -> NtStatus;
    fn CsrCreateThread(caller: &Caller, thread: &CreateThread) -> NtStatus;
    fn CsrSetShutdownParameters(caller: &Caller, parameters: &ShutdownParameters) -> NtStatus;
    fn CsrGetShutdownParameters(caller: &Caller, parameters: &mut ShutdownParameters) -> NtStatus;
    fn CsrShutdownProcesses(caller: &Caller, flags: u32) -> NtStatus;
    fn CsrImpersonateClient(message: &ApiMessage) -> NtStatus;
    fn CsrNeedRequestThread();
    fn CsrServerInitialization(session: &mut u32) -> NtStatus;
}

/// Starts csrsrv by the process's command line: the session that it serves. For csrss.exe.
///
/// # Errors
/// Whatever went wrong: the process cannot go on.
pub fn initialise() -> Result<u32, NtStatus> {
    let mut session = 0;
    // SAFETY: references are what csrsrv expects; so it is below.
    unsafe { CsrServerInitialization(&mut session) }.ok()?;
    Ok(session)
}

/// A process that a client has made becomes a client.
///
/// # Errors
/// What copying its handles gives; INVALID_CID: they are others than it says.
pub fn create_process(caller: &Caller, process: &CreateProcess) -> Result<(), NtStatus> {
    // SAFETY: as above.
    unsafe { CsrCreateProcess(caller, process) }.ok()
}

/// A thread that a client has made becomes known.
///
/// # Errors
/// What copying its handle gives; INVALID_CID: no known process.
pub fn create_thread(caller: &Caller, thread: &CreateThread) -> Result<(), NtStatus> {
    // SAFETY: as above.
    unsafe { CsrCreateThread(caller, thread) }.ok()
}

/// When the caller is to end at shutdown.
///
/// # Errors
/// INVALID_PARAMETER.
pub fn set_shutdown_parameters(caller: &Caller, parameters: &ShutdownParameters) -> Result<(), NtStatus> {
    // SAFETY: as above.
    unsafe { CsrSetShutdownParameters(caller, parameters) }.ok()
}

/// When the caller is to end at shutdown.
///
/// # Errors
/// INVALID_CID.
pub fn shutdown_parameters(caller: &Caller) -> Result<ShutdownParameters, NtStatus> {
    let mut parameters = ShutdownParameters::default();
    // SAFETY: as above.
    unsafe { CsrGetShutdownParameters(caller, &mut parameters) }.ok()?;
    Ok(parameters)
}

/// Ends the processes of the caller's session, or tells them, by their levels, the highest first; not the caller itself.
///
/// # Errors
/// CANCELLED: a server DLL wants it to stop.
pub fn shutdown_processes(caller: &Caller, flags: u32) -> Result<(), NtStatus> {
    // SAFETY: as above.
    unsafe { CsrShutdownProcesses(caller, flags) }.ok()
}

/// Another thread is to wait for requests: this one may be busy for long.
pub fn need_request_thread() {
    // SAFETY: it takes nothing.
    unsafe { CsrNeedRequestThread() };
}

/// The calling thread acts as the client whose message it serves, as long as this lives.
#[derive(Debug)]
pub struct Impersonation(());

impl Impersonation {
    /// Begins.
    ///
    /// # Errors
    /// What `NtImpersonateClientOfPort` says.
    pub fn of(message: &ApiMessage) -> Result<Self, NtStatus> {
        // SAFETY: as above.
        unsafe { CsrImpersonateClient(message) }.ok()?;
        Ok(Self(()))
    }
}

impl Drop for Impersonation {
    fn drop(&mut self) {
        crate::process::revert();
    }
}
