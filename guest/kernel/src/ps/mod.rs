//! Processes and threads as objects.

pub mod attributes;
pub mod cid;
pub mod entries;
pub mod exit;
pub mod first;
mod open;
mod parameters;
mod process;
mod query;
mod set;
pub mod system;
pub mod system_dll;
mod thread;
pub mod win32;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use hal::cell::KernelCell;
use hal::context::Task;
use nt::NtStatus;
use nt::dispatch::Entry;
use nt::layout::peb;

use self::attributes::{Attributes, ThreadAttributes};
use crate::ke::dispatcher::{Signal, unsignalled};
use crate::ke::thread::Tcb;
use crate::mm::space::ProcessSpace;
use crate::ob::{Body, HandleTable, Object};
use crate::se;

/// Id of the System process, as on every NT since 5.1.
pub const SYSTEM_PROCESS_ID: u32 = 4;
/// Base priority of an ordinary thread (NORMAL_PRIORITY_CLASS).
const NORMAL_PRIORITY: u32 = 8;

/// The services of this component.
pub mod services {
    pub use super::exit::{terminate_process as NtTerminateProcess, terminate_thread as NtTerminateThread};
    pub use super::open::{open_process as NtOpenProcess, open_thread as NtOpenThread};
    pub use super::process::create as NtCreateProcess;
    pub use super::query::{
        query_process as NtQueryInformationProcess, query_thread as NtQueryInformationThread,
    };
    pub use super::set::{set_process as NtSetInformationProcess, set_thread as NtSetInformationThread};
    pub use super::thread::create as NtCreateThread;
}

/// The object of a living process.
pub fn object_of_process(process: &Process) -> Option<Object> {
    cid::object(process.id)
}

/// The object of a living thread.
pub fn object_of_thread(thread: &Thread) -> Option<Object> {
    cid::object(thread.id)
}

/// Where the kernel enters a process on its own account; nothing when the process does not say.
pub fn user_entry(process: &Process, entry: Entry) -> Option<u64> {
    process.system_dll.lock().entry(entry)
}

/// Puts a process into a session: it and its PEB know.
///
/// # Errors
/// NO_MEMORY when the PEB has to be made.
pub fn set_session(process: &Process, session: u32) -> Result<(), NtStatus> {
    process.attributes.lock().session = session;
    match process.space.lock().as_mut() {
        Some(space) => space.write(peb::ADDRESS + peb::SESSION_ID, &session.to_le_bytes()),
        None => Ok(()),
    }
}

/// A process.
#[derive(Debug)]
pub struct Process {
    id: u32,
    image: String,
    space: KernelCell<Option<ProcessSpace>>,
    handles: KernelCell<HandleTable>,
    attributes: KernelCell<Attributes>,
    /// Where ntdll is, and where the kernel enters it.
    system_dll: KernelCell<system_dll::Mapped>,
    state: KernelCell<ProcessState>,
    ended: Signal,
    /// What win32k has of it.
    win32: AtomicU64,
    /// win32k knows it.
    gui: AtomicBool,
}

#[derive(Debug)]
struct ProcessState {
    threads: Vec<Arc<Thread>>,
    /// Set once the process is to end.
    exit: Option<NtStatus>,
    /// Cycles of threads that have ended.
    ended_cycles: u64,
}

impl Process {
    /// Its id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The file name of its image.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// The file name, cut to 15 bytes and padded with NULs.
    pub fn short_name(&self) -> [u8; 16] {
        let mut name = [0; 16];
        let len = self.image.len().min(15);
        name[..len].copy_from_slice(&self.image.as_bytes()[..len]);
        name
    }

    /// Its address space; the System process has none.
    pub fn space(&self) -> &KernelCell<Option<ProcessSpace>> {
        &self.space
    }

    /// Its handles.
    pub fn handles(&self) -> &KernelCell<HandleTable> {
        &self.handles
    }

    /// What it is besides threads and memory.
    pub fn attributes(&self) -> &KernelCell<Attributes> {
        &self.attributes
    }

    /// Address of its PEB; 0 for the System process.
    pub fn peb(&self) -> u64 {
        if self.id == SYSTEM_PROCESS_ID { 0 } else { peb::ADDRESS }
    }

    /// Time stamp counts that its threads have run, those that have ended included.
    pub fn cycles(&self) -> u64 {
        let state = self.state.lock();
        state.threads.iter().fold(state.ended_cycles, |sum, thread| sum.wrapping_add(thread.cycles()))
    }

    /// Sets the base priority of the process, and of its threads by as much.
    pub fn set_base_priority(&self, base: u32) {
        let old = core::mem::replace(&mut self.attributes.lock().base_priority, base) as i32;
        for thread in self.threads() {
            let moved = (thread.base_priority() as i32 + base as i32 - old).clamp(1, 31);
            thread.set_base_priority(moved as u32);
        }
    }

    /// How many threads live in it.
    pub fn thread_count(&self) -> usize {
        self.state.lock().threads.len()
    }

    /// Its living threads.
    pub fn threads(&self) -> Vec<Arc<Thread>> {
        self.state.lock().threads.clone()
    }

    /// Signalled when the process has ended.
    pub fn signal(&self) -> &Signal {
        &self.ended
    }

    /// The status it ended or is ending with; PENDING while it lives.
    pub fn exit_status(&self) -> NtStatus {
        self.state.lock().exit.unwrap_or(NtStatus::PENDING)
    }

    /// Whether it has ended or is to end.
    pub fn has_ended(&self) -> bool {
        self.state.lock().exit.is_some()
    }
}

/// A thread.
#[derive(Debug)]
pub struct Thread {
    id: u32,
    process: Arc<Process>,
    task: Arc<Task>,
    /// What the kernel proper keeps of it.
    pub tcb: Tcb,
    /// It has a user mode.
    user: bool,
    cycles: AtomicU64,
    attributes: KernelCell<ThreadAttributes>,
    state: KernelCell<ThreadState>,
    ended: Signal,
    /// What win32k has of it.
    win32: AtomicU64,
    /// It has called win32k.
    gui: AtomicBool,
}

#[derive(Debug, Default)]
struct ThreadState {
    /// What a system thread runs.
    routine: Option<fn()>,
    /// Set once the thread is to end.
    exit: Option<NtStatus>,
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

    /// Sets its base priority relative to the process's: -2 to 2, or -15 (idle) and 15 (critical).
    ///
    /// # Errors
    /// INVALID_PARAMETER.
    pub fn set_base_increment(self: &Arc<Self>, increment: i32) -> Result<(), NtStatus> {
        let process = self.process.attributes.lock().base_priority as i32;
        let base = match increment {
            -2..=2 => (process + increment).clamp(1, 15 + 16 * i32::from(process >= 16)),
            -15 => 1 + 15 * i32::from(process >= 16),
            15 => 15 + 16 * i32::from(process >= 16),
            _ => return Err(NtStatus::INVALID_PARAMETER),
        };
        self.set_base_priority(base as u32);
        Ok(())
    }

    /// Time stamp counts it has run.
    pub fn cycles(&self) -> u64 {
        self.cycles.load(Ordering::Relaxed)
    }

    /// It has run for that long.
    #[inline]
    pub fn add_cycles(&self, cycles: u64) {
        self.cycles.fetch_add(cycles, Ordering::Relaxed);
    }

    /// What it is besides its state.
    pub fn attributes(&self) -> &KernelCell<ThreadAttributes> {
        &self.attributes
    }

    /// The status it ended or is ending with; PENDING while it lives.
    pub fn exit_status(&self) -> NtStatus {
        self.state.lock().exit.unwrap_or(NtStatus::PENDING)
    }

    /// Signalled when the thread has ended.
    pub fn signal(&self) -> &Signal {
        &self.ended
    }

    /// Whether it ever runs in user mode.
    pub fn has_user_mode(&self) -> bool {
        self.user
    }

    /// Whether it or its process is to end.
    pub fn must_end(&self) -> bool {
        self.state.lock().exit.is_some()
    }
}

fn new_process(image: &str, space: Option<ProcessSpace>, attributes: Attributes) -> Arc<Process> {
    let id = cid::next();
    let process = Arc::new(Process {
        id,
        image: image.into(),
        space: KernelCell::new(space),
        handles: KernelCell::new(HandleTable::new(id)),
        attributes: KernelCell::new(attributes),
        system_dll: KernelCell::default(),
        state: KernelCell::new(ProcessState { threads: Vec::new(), exit: None, ended_cycles: 0 }),
        ended: unsignalled(),
        win32: AtomicU64::new(0),
        gui: AtomicBool::new(false),
    });
    cid::insert(
        id,
        Object::new(Body::Process(process.clone()), obns::Attributes::NONE, se::default_security()),
    );
    process
}
