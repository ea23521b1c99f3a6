//! The calls of csrsrv itself, and what server DLLs ask for in a client's name.

use csrlib::api::{ApiRoutine, Caller, GROUP_LEADER};
use csrlib::process;
use nt::NtStatus;
use nt::csr::{ApiMessage, ClientConnect, CreateProcess, CreateThread, NEW_PROCESS_GROUP, SetPriorityClass};
use nt::psinfo::{process_class, thread_class};
use nt::types::{ClientId, Handle};
use rt::handle::Owned;

use crate::client::{self, New};
use crate::state::STATE;

/// By number: `nt::csr::csr_api`.
pub static APIS: [ApiRoutine; 5] =
    [client_connect, thread_connect, profile_control, identify_alertable_thread, set_priority_class];

/// A client connects to a server DLL.
extern "win64" fn client_connect(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    let wanted: ClientConnect = message.get();
    let dll = STATE.lock().servers.get(wanted.server as usize).copied().flatten();
    match dll {
        Some(dll) => dll.connect.map_or(NtStatus::SUCCESS, |connect| connect(caller)),
        None => NtStatus::INVALID_PARAMETER,
    }
}

/// A thread of a client that its maker has not told of.
extern "win64" fn thread_connect(message: &mut ApiMessage, _: &Caller) -> NtStatus {
    let id = message.header.client_id;
    let made = process::open_thread(id).and_then(|handle| client::add_thread(id, handle));
    made.err().unwrap_or(NtStatus::SUCCESS)
}

extern "win64" fn profile_control(_: &mut ApiMessage, _: &Caller) -> NtStatus {
    NtStatus::NOT_IMPLEMENTED
}

/// Threads can be alerted without further ado: it is enough that there is one.
extern "win64" fn identify_alertable_thread(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    let id: ClientId = message.get();
    match STATE.lock().process(caller.client_id.process) {
        Some(process) if id.process == process.id && process.knows(id.thread) => NtStatus::SUCCESS,
        _ => NtStatus::INVALID_CID,
    }
}

/// Sets a priority class for a client that may not do so itself.
extern "win64" fn set_priority_class(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    let wanted: SetPriorityClass = message.get();
    let set = || {
        // The copy has the client's own rights.
        let process = Owned::copy_from(caller.process, Handle(wanted.process))?;
        process::set(process.get(), process_class::PRIORITY_CLASS, &[0, wanted.class as u8])
    };
    set().err().unwrap_or(NtStatus::SUCCESS)
}

/// A process that a client has made becomes a client, of the same SM session.
///
/// # Errors
/// What copying its handles gives; INVALID_CID: they are others than the client says.
pub fn create_process(caller: &Caller, new: &CreateProcess) -> Result<(), NtStatus> {
    let process = Owned::copy_from(caller.process, Handle(new.process))?;
    let thread = Owned::copy_from(caller.process, Handle(new.thread))?;
    // The handles count, not what the client says of them.
    if identity(&thread)? != (new.client_id.process, new.client_id.thread)
        || process::query::<[u64; 6]>(process.get(), process_class::BASIC)?[4] != new.client_id.process
    {
        return Err(NtStatus::INVALID_CID);
    }
    let flags = if new.flags & NEW_PROCESS_GROUP != 0 { GROUP_LEADER } else { 0 };
    client::add(New { client_id: new.client_id, process, thread, session: caller.session, flags })
}

/// A thread that a client has made, in itself or in another client, becomes known.
///
/// # Errors
/// What copying its handle gives; INVALID_CID: it is another one than the client says, or not of a client.
pub fn create_thread(caller: &Caller, new: &CreateThread) -> Result<(), NtStatus> {
    let thread = Owned::copy_from(caller.process, Handle(new.thread))?;
    if identity(&thread)? != (new.client_id.process, new.client_id.thread) {
        return Err(NtStatus::INVALID_CID);
    }
    client::add_thread(new.client_id, thread)
}

/// Process and thread id of a thread.
fn identity(thread: &Owned) -> Result<(u64, u64), NtStatus> {
    // THREAD_BASIC_INFORMATION: status, TEB, client id, affinity, priorities.
    let basic: [u64; 6] = process::query_thread(thread.get(), thread_class::BASIC)?;
    Ok((basic[2], basic[3]))
}
