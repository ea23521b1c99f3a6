//! What csrss.exe and the server DLLs call.
#![expect(unsafe_code, reason = "exports by name; reads the process parameters")]

use core::ptr::with_exposed_provenance;

use csrlib::api::Caller;
use nt::NtStatus;
use nt::csr::{ApiMessage, CreateProcess, CreateThread, ShutdownParameters};
use nt::layout::peb;
use nt::process::ProcessParameters;

use crate::{own, request, shutdown, start};

fn status_of(result: Result<(), NtStatus>) -> NtStatus {
    result.err().unwrap_or(NtStatus::SUCCESS)
}

/// Starts the server by the command line of the process; tells the session that it serves.
#[unsafe(no_mangle)]
extern "win64" fn CsrServerInitialization(session: &mut u32) -> NtStatus {
    // SAFETY: the loader has made addresses of the offsets in the parameters, which stay as they are; so does the PEB.
    let line = unsafe {
        let field = |offset| with_exposed_provenance::<u64>((peb::ADDRESS + offset) as usize);
        *session = *field(peb::SESSION_ID).cast::<u32>();
        let block = *field(peb::PROCESS_PARAMETERS);
        let line = (*with_exposed_provenance::<ProcessParameters>(block as usize)).command_line;
        match line.buffer {
            0 => &[],
            text => core::slice::from_raw_parts(
                with_exposed_provenance(text as usize),
                usize::from(line.length / 2),
            ),
        }
    };
    status_of(start::server(line, *session))
}

/// A process that a client has made becomes a client.
#[unsafe(no_mangle)]
extern "win64" fn CsrCreateProcess(caller: &Caller, process: &CreateProcess) -> NtStatus {
    status_of(own::create_process(caller, process))
}

/// A thread that a client has made becomes known.
#[unsafe(no_mangle)]
extern "win64" fn CsrCreateThread(caller: &Caller, thread: &CreateThread) -> NtStatus {
    status_of(own::create_thread(caller, thread))
}

/// When the caller is to end at shutdown. A process that has ended since changes nothing.
#[unsafe(no_mangle)]
extern "win64" fn CsrSetShutdownParameters(caller: &Caller, parameters: &ShutdownParameters) -> NtStatus {
    status_of(shutdown::set_parameters(caller, parameters))
}

/// When the caller is to end at shutdown.
#[unsafe(no_mangle)]
extern "win64" fn CsrGetShutdownParameters(caller: &Caller, parameters: &mut ShutdownParameters) -> NtStatus {
    match shutdown::parameters(caller) {
        Some(own) => {
            *parameters = own;
            NtStatus::SUCCESS
        }
        None => NtStatus::INVALID_CID,
    }
}

/// Ends the processes of the caller's session, or tells them.
#[unsafe(no_mangle)]
extern "win64" fn CsrShutdownProcesses(caller: &Caller, flags: u32) -> NtStatus {
    status_of(shutdown::processes(caller, flags))
}

/// The calling thread acts as the sender of a message.
#[unsafe(no_mangle)]
extern "win64" fn CsrImpersonateClient(message: &ApiMessage) -> NtStatus {
    request::impersonate(message)
}

/// Sees to it that another thread waits for requests.
#[unsafe(no_mangle)]
extern "win64" fn CsrNeedRequestThread() {
    request::need_thread();
}
