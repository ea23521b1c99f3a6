//! Processes and threads as objects.

pub mod cid;
pub mod create;
pub mod exit;
mod parameters;

use alloc::string::String;
use alloc::sync::Arc;

use hal::cell::KernelCell;
use hal::context::Task;
use nt::NtStatus;

use crate::ke::wait::{self, Signal};
use crate::mm::space::UserSpace;
use crate::ob::{Body, HandleTable, Object, Security};

/// Id of the System process, as on every NT since 5.1.
pub const SYSTEM_PROCESS_ID: u32 = 4;
/// Base priority of an ordinary thread (NORMAL_PRIORITY_CLASS).
const NORMAL_PRIORITY: u32 = 8;

/// The services of this component.
pub mod services {
    pub use super::create::create_thread as NtCreateThread;
    pub use super::exit::{terminate_process as NtTerminateProcess, terminate_thread as NtTerminateThread};
}

/// The object of a living process.
pub fn object_of_process(process: &Process) -> Option<Object> {
    cid::object(process.id)
}

/// The object of a living thread.
pub fn object_of_thread(thread: &Thread) -> Option<Object> {
    cid::object(thread.id)
}

/// A process.
#[derive(Debug)]
pub struct Process {
    id: u32,
    image: String,
    space: KernelCell<Option<UserSpace>>,
    handles: KernelCell<HandleTable>,
    state: KernelCell<ProcessState>,
    ended: Signal,
}

#[derive(Debug)]
struct ProcessState {
    threads: alloc::vec::Vec<Arc<Thread>>,
    /// Set once the process is to end.
    exit: Option<NtStatus>,
    /// Where the next TEB goes: they grow down from below the PEB.
    next_teb: u64,
}

impl Process {
    /// Its id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The file name, cut to 15 bytes and padded with NULs.
    pub fn short_name(&self) -> [u8; 16] {
        let mut name = [0; 16];
        let len = self.image.len().min(15);
        name[..len].copy_from_slice(&self.image.as_bytes()[..len]);
        name
    }

    /// Its address space; the System process has none.
    pub fn space(&self) -> &KernelCell<Option<UserSpace>> {
        &self.space
    }

    /// Its handles.
    pub fn handles(&self) -> &KernelCell<HandleTable> {
        &self.handles
    }

    /// Signalled when the process has ended.
    pub fn signal(&self) -> &Signal {
        &self.ended
    }

    /// The status it ended or is ending with; PENDING while it lives.
    pub fn exit_status(&self) -> NtStatus {
        self.state.lock().exit.unwrap_or(NtStatus::PENDING)
    }
}

/// A thread.
#[derive(Debug)]
pub struct Thread {
    id: u32,
    process: Arc<Process>,
    task: Arc<Task>,
    priority: u32,
    state: KernelCell<ThreadState>,
    ended: Signal,
}

#[derive(Debug, Default)]
struct ThreadState {
    /// User mode begins with these registers.
    start: Option<alloc::boxed::Box<hal::trap::TrapFrame>>,
    /// What a system thread runs.
    routine: Option<fn()>,
    /// Whether it waits, and what the wait ended with.
    waiting: bool,
    wait_status: Option<NtStatus>,
    /// Set once the thread is to end.
    exit: Option<NtStatus>,
    user: bool,
}

impl Thread {
    /// Its id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its process.
    pub fn process(&self) -> &Arc<Process> {
        &self.process
    }

    /// What the processor switches to.
    pub fn task(&self) -> &Arc<Task> {
        &self.task
    }

    /// Its priority, 0 to 31.
    pub fn priority(&self) -> u32 {
        self.priority
    }

    /// Signalled when the thread has ended.
    pub fn signal(&self) -> &Signal {
        &self.ended
    }

    /// Whether it ever runs in user mode.
    pub fn has_user_mode(&self) -> bool {
        self.state.lock().user
    }

    /// Whether it or its process is to end.
    pub fn must_end(&self) -> bool {
        self.state.lock().exit.is_some()
    }

    /// It is about to wait.
    pub fn begin_wait(&self) {
        let mut state = self.state.lock();
        state.waiting = true;
        state.wait_status = None;
    }

    /// Ends its wait, unless it has ended already. Returns whether it was waiting.
    pub fn end_wait(&self, status: NtStatus) -> bool {
        let mut state = self.state.lock();
        let waited = core::mem::take(&mut state.waiting);
        if waited {
            state.wait_status = Some(status);
        }
        waited
    }

    /// What its wait ended with.
    pub fn wait_status(&self) -> Option<NtStatus> {
        self.state.lock().wait_status.take()
    }
}

fn new_process(image: &str, space: Option<UserSpace>) -> Arc<Process> {
    let id = cid::next();
    let process = Arc::new(Process {
        id,
        image: image.into(),
        space: KernelCell::new(space),
        handles: KernelCell::new(HandleTable::new(id)),
        state: KernelCell::new(ProcessState {
            threads: alloc::vec::Vec::new(),
            exit: None,
            next_teb: nt::layout::peb::ADDRESS,
        }),
        ended: wait::unsignalled(),
    });
    cid::insert(id, Object::new(Body::Process(process.clone()), obns::Attributes::NONE, Security::default()));
    process
}
