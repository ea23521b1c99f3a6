//! Client processes and their threads.

use alloc::sync::Arc;
use alloc::vec::Vec;

use csrlib::api::Caller;
use csrlib::process;
use nt::NtStatus;
use nt::csr::{ApiMessage, DEFAULT_SHUTDOWN_LEVEL};
use nt::psinfo::process_class;
use nt::types::{ClientId, Handle};
use rt::handle::Owned;
use rt::lpc::Port;

use crate::request;
use crate::session;
use crate::state::{STATE, State};

/// A thread of a client.
pub struct Thread {
    /// Its id.
    pub id: u64,
    /// The thread itself stays as long as it is known, so that its id is nobody else's.
    _handle: Owned,
}

/// A client's connection.
pub struct Connection {
    /// The port; the view goes with it.
    pub port: Port<ApiMessage>,
    /// Where csrss sees the memory that the client shares.
    pub base: u64,
    /// Its bytes.
    pub size: u64,
}

/// A client process.
pub struct Process {
    /// Its id.
    pub id: u64,
    /// The process.
    pub handle: Owned,
    /// What its connection is called.
    pub sequence: u64,
    /// SM session; 0 for none.
    pub session: u32,
    /// `TOP_LEVEL`, `GROUP_LEADER`.
    pub flags: u32,
    /// When it ends at shutdown: higher ones first.
    pub shutdown_level: u32,
    /// SHUTDOWN_NORETRY.
    pub shutdown_flags: u32,
    /// The threads that are known.
    pub threads: Vec<Thread>,
    /// Its connection. A call that it makes keeps it, too, for the memory that goes with it.
    pub connection: Option<Arc<Connection>>,
}

impl Process {
    /// The process as the caller of something.
    pub fn caller(&self, thread: u64) -> Caller {
        Caller {
            client_id: ClientId { process: self.id, thread },
            process: self.handle.get(),
            session: self.session,
            flags: self.flags,
        }
    }

    /// Whether a thread is known.
    pub fn knows(&self, thread: u64) -> bool {
        self.threads.iter().any(|known| known.id == thread)
    }
}

impl State {
    /// The client with that process id.
    pub fn process(&mut self, id: u64) -> Option<&mut Process> {
        self.processes.iter_mut().find(|process| process.id == id)
    }
}

/// A new client.
pub struct New {
    /// Its ids.
    pub client_id: ClientId,
    /// The process.
    pub process: Owned,
    /// Its first thread.
    pub thread: Owned,
    /// SM session.
    pub session: u32,
    /// `TOP_LEVEL`, `GROUP_LEADER`.
    pub flags: u32,
}

/// A process becomes a client: its unhandled exceptions come here from now on.
///
/// # Errors
/// What setting the exception port gives, INVALID_CID for a client that is one already.
pub fn add(new: New) -> Result<(), NtStatus> {
    reap();
    // Children of a client have its exception port from their beginning.
    match process::set(new.process.get(), process_class::EXCEPTION_PORT, &request::api_port().0) {
        Ok(()) | Err(NtStatus::PORT_ALREADY_SET) => {}
        Err(status) => return Err(status),
    }
    let mut state = STATE.lock();
    if state.process(new.client_id.process).is_some() {
        return Err(NtStatus::INVALID_CID);
    }
    let sequence = state.next_sequence;
    state.next_sequence += 1;
    state.processes.push(Process {
        id: new.client_id.process,
        handle: new.process,
        sequence,
        session: new.session,
        flags: new.flags,
        shutdown_level: DEFAULT_SHUTDOWN_LEVEL,
        shutdown_flags: 0,
        threads: alloc::vec![Thread { id: new.client_id.thread, _handle: new.thread }],
        connection: None,
    });
    Ok(())
}

/// A thread of a client becomes known.
///
/// # Errors
/// INVALID_CID when there is no such client.
pub fn add_thread(id: ClientId, handle: Owned) -> Result<(), NtStatus> {
    let mut state = STATE.lock();
    let process = state.process(id.process).ok_or(NtStatus::INVALID_CID)?;
    if !process.knows(id.thread) {
        process.threads.push(Thread { id: id.thread, _handle: handle });
    }
    Ok(())
}

/// A client's thread has ended. With the last one the process is forgotten.
pub fn thread_ended(id: ClientId) {
    let gone = {
        let mut state = STATE.lock();
        let Some(process) = state.process(id.process) else { return };
        process.threads.retain(|thread| thread.id != id.thread);
        process.threads.is_empty()
    };
    if gone {
        forget(|process| process.id == id.process);
    }
}

/// A client's connection is closed: nothing can come from it any more.
pub fn disconnected(sequence: u64) {
    forget(|process| process.sequence == sequence);
}

/// Forgets clients that ended without a connection, so that nobody said so. A wait that is over at once asks each.
pub fn reap() {
    let suspects: Vec<(u64, Handle)> = {
        let state = STATE.lock();
        let silent = state.processes.iter().filter(|process| process.connection.is_none());
        silent.map(|process| (process.sequence, process.handle.get())).collect()
    };
    for (sequence, handle) in suspects {
        if process::wait(handle, 0) {
            disconnected(sequence);
        }
    }
}

/// Forgets a client, and tells the session manager when it was the last one of its SM session.
fn forget(which: impl Fn(&Process) -> bool) {
    let (gone, last) = {
        let mut state = STATE.lock();
        let Some(index) = state.processes.iter().position(which) else { return };
        let gone = state.processes.swap_remove(index);
        let last = gone.session != 0 && state.processes.iter().all(|other| other.session != gone.session);
        (gone, last)
    };
    let session = gone.session;
    // Handles and connection are closed with the lock free.
    let status = if last { exit_status(gone.handle.get()) } else { NtStatus::SUCCESS };
    drop(gone);
    if last {
        session::complete(session, status);
    }
}

fn exit_status(process: Handle) -> NtStatus {
    process::query::<[u64; 6]>(process, process_class::BASIC)
        .map_or(NtStatus::UNSUCCESSFUL, |basic| NtStatus(basic[0] as u32))
}
