//! Objects and handles.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::Handle;

use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::ke::wait::Signal;
use crate::ps::{Process, Thread};

/// What a handle can stand for.
#[derive(Clone, Debug)]
pub enum Object {
    /// A process.
    Process(Arc<Process>),
    /// A thread.
    Thread(Arc<Thread>),
}

impl Object {
    /// What a wait for the object waits for.
    pub fn signal(&self) -> &Signal {
        match self {
            Self::Process(process) => process.signal(),
            Self::Thread(thread) => thread.signal(),
        }
    }
}

/// The handles of a process. Handle values are multiples of four, as NT's are.
#[derive(Debug, Default)]
pub struct HandleTable {
    entries: Vec<Option<Object>>,
}

impl HandleTable {
    /// An empty table.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Makes a handle.
    pub fn insert(&mut self, object: Object) -> Handle {
        let index = match self.entries.iter().position(Option::is_none) {
            Some(free) => {
                self.entries[free] = Some(object);
                free
            }
            None => {
                self.entries.push(Some(object));
                self.entries.len() - 1
            }
        };
        Handle((index as u64 + 1) * 4)
    }

    fn entry(&mut self, handle: Handle) -> Option<&mut Option<Object>> {
        let index = (handle.0 / 4).checked_sub(1)?;
        self.entries.get_mut(usize::try_from(index).ok()?)
    }

    /// The object of a handle.
    pub fn get(&mut self, handle: Handle) -> Option<Object> {
        self.entry(handle)?.clone()
    }

    /// Drops a handle; gives back what it stood for.
    pub fn remove(&mut self, handle: Handle) -> Option<Object> {
        self.entry(handle)?.take()
    }

    /// Drops all handles.
    pub fn clear(&mut self) -> Vec<Option<Object>> {
        core::mem::take(&mut self.entries)
    }
}

/// The object of a handle of the current process; pseudo-handles included.
///
/// # Errors
/// INVALID_HANDLE.
pub fn lookup(handle: Handle) -> Result<Object, NtStatus> {
    let thread = sched::current();
    match handle {
        Handle::CURRENT_PROCESS => Ok(Object::Process(thread.process().clone())),
        Handle::CURRENT_THREAD => Ok(Object::Thread(thread)),
        _ => thread.process().handles().lock().get(handle).ok_or(NtStatus::INVALID_HANDLE),
    }
}

/// `NtClose`.
pub fn close(handle: Handle) -> NtResult {
    let object = sched::current().process().handles().lock().remove(handle);
    object.map(|_| NtStatus::SUCCESS).ok_or(NtStatus::INVALID_HANDLE)
}
