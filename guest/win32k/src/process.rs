//! What win32k keeps of a process and its threads: NT's W32PROCESS and W32THREAD.
#![expect(unsafe_code, reason = "what the kernel keeps for win32k is an address")]

extern crate alloc;

use alloc::vec::Vec;
use core::cell::Cell;

use nt::NtStatus;
use nt::types::Handle;

use crate::memory;
use crate::ntoskrnl::{
    Pointer, PsGetCurrentProcessId, PsGetCurrentProcessWin32Process, PsGetCurrentThreadId,
    PsSetProcessWin32Process, PsSetThreadWin32Thread,
};
use crate::object::Reference;

/// An object that a process or thread uses, and the handle by which it was given.
#[derive(Debug)]
pub struct Slot {
    /// The handle; it may be closed by now.
    pub handle: Handle,
    /// The object.
    pub object: Option<Reference>,
}

impl Default for Slot {
    fn default() -> Self {
        Self { handle: Handle::NULL, object: None }
    }
}

/// A process with a GUI thread.
#[derive(Default)]
pub struct Process {
    station: Cell<Slot>,
    /// Its GUI threads, by id, and their desktops.
    threads: Cell<Vec<(u64, Slot)>>,
}

/// The id of the caller's process.
pub fn current_id() -> u64 {
    // SAFETY: it takes nothing.
    unsafe { PsGetCurrentProcessId() }
}

/// The id of the calling thread.
pub fn current_thread_id() -> u64 {
    // SAFETY: it takes nothing.
    unsafe { PsGetCurrentThreadId() }
}

impl Process {
    /// The current one: every process that calls a service has been told of.
    pub fn current() -> Option<&'static Self> {
        // SAFETY: what is kept there is what `begin` put there, and lives until `end`, which the process does not outlive.
        unsafe { PsGetCurrentProcessWin32Process().cast::<Self>().as_ref() }
    }

    /// A process is about to have its first GUI thread.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn begin(process: Pointer) -> Result<(), NtStatus> {
        let block = memory::keep(Self::default())?;
        // SAFETY: the kernel only keeps the address.
        unsafe { PsSetProcessWin32Process(process, block.cast(), core::ptr::null_mut()) }.ok()
    }

    /// The current process ends.
    pub fn end(process: Pointer) {
        // SAFETY: the block is what `begin` has put there; from here on nobody finds it.
        unsafe {
            let block = PsGetCurrentProcessWin32Process().cast::<Self>();
            if block.is_null() {
                return;
            }
            let _ = PsSetProcessWin32Process(process, core::ptr::null_mut(), block.cast());
            drop(memory::take(block));
        }
    }

    /// The calling thread becomes a GUI thread.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn begin_thread(&self, thread: Pointer) -> Result<(), NtStatus> {
        let mut threads = self.threads.take();
        let room = threads.try_reserve(1);
        if room.is_ok() {
            threads.push((current_thread_id(), Slot::default()));
        }
        self.threads.set(threads);
        room.map_err(|_| NtStatus::NO_MEMORY)?;
        let mark = core::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the kernel only keeps the address, and shows it in the TEB.
        unsafe { PsSetThreadWin32Thread(thread, mark, core::ptr::null_mut()) }.ok()
    }

    /// The calling thread ends.
    pub fn end_thread(&self) {
        let id = current_thread_id();
        let mut threads = self.threads.take();
        threads.retain(|(other, _)| *other != id);
        self.threads.set(threads);
    }

    /// Works on its window station.
    pub fn with_station<R>(&self, work: impl FnOnce(&mut Slot) -> R) -> R {
        let mut slot = self.station.take();
        let result = work(&mut slot);
        self.station.set(slot);
        result
    }

    /// Works on the desktop of one of its threads; nothing for a thread that it does not have.
    pub fn with_desktop<R>(&self, thread: u64, work: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        self.with_threads(|threads| {
            threads.iter_mut().find(|(id, _)| *id == thread).map(|(_, slot)| work(slot))
        })
    }

    /// Whether one of its threads uses a desktop.
    pub fn uses_desktop(&self, desktop: &Reference) -> bool {
        self.with_threads(|threads| threads.iter().any(|(_, slot)| slot.object.as_ref() == Some(desktop)))
    }

    fn with_threads<R>(&self, work: impl FnOnce(&mut Vec<(u64, Slot)>) -> R) -> R {
        let mut threads = self.threads.take();
        let result = work(&mut threads);
        self.threads.set(threads);
        result
    }
}
