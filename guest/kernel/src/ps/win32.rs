//! Threads that call win32k (GUI threads), and the sessions that processes are in (spec/smss.md 1.3 step 14, 5.5).

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use hal::driver;
use nt::NtStatus;
use nt::layout::teb;

use super::{Process, Thread, object_of_process, object_of_thread, set_session};
use crate::mm::session::Session;

/// What the thread call-out is told: PsW32ThreadCalloutInitialize, PsW32ThreadCalloutExit.
const THREAD_BEGINS: u64 = 0;
const THREAD_ENDS: u64 = 1;

impl Process {
    /// The session that it is attached to.
    pub fn session(&self) -> Option<Arc<Session>> {
        self.attributes.lock().session_space.clone()
    }
}

/// Puts a process that is in no session into a new one.
///
/// # Errors
/// ALREADY_COMMITTED when it is in one; NO_MEMORY.
pub fn create_session(process: &Process) -> Result<u32, NtStatus> {
    if process.session().is_some() {
        return Err(NtStatus::ALREADY_COMMITTED);
    }
    let session = Session::new()?;
    let id = session.id();
    attach(process, session);
    set_session(process, id)?;
    Ok(id)
}

/// A process is in that session from now on.
pub(super) fn attach(process: &Process, session: Arc<Session>) {
    if let Some(space) = process.space.lock().as_mut() {
        space.set_session(Some(session.space()));
    }
    process.attributes.lock().session_space = Some(session);
}

/// Takes a process out of its session, whose number the caller knows. It and its children cannot call win32k then.
///
/// # Errors
/// INVALID_PARAMETER for another session's number; UNABLE_TO_FREE_VM when it has GUI threads.
pub fn detach_session(process: &Process, id: u32) -> Result<(), NtStatus> {
    if process.session().is_none_or(|session| session.id() != id) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if process.gui.load(Ordering::Relaxed) {
        return Err(NtStatus::UNABLE_TO_FREE_VM);
    }
    leave(process);
    set_session(process, 0)
}

/// A process is in no session any more; a session that nobody is in goes.
pub(super) fn leave(process: &Process) {
    let session = process.attributes.lock().session_space.take();
    if session.is_none() {
        return;
    }
    if let Some(space) = process.space.lock().as_mut() {
        space.set_session(None);
    }
    drop(session);
}

/// Makes the current thread a GUI thread before its first call of win32k.
///
/// # Errors
/// What win32k's call-outs say.
pub fn convert(thread: &Thread, session: &Session) -> Result<(), NtStatus> {
    if thread.gui.load(Ordering::Relaxed) {
        return Ok(());
    }
    let callouts = session.callouts();
    let process = thread.process();
    if !process.gui.load(Ordering::Relaxed) {
        tell(callouts.process, address_of_process(process), 1)?;
        process.gui.store(true, Ordering::Relaxed);
    }
    tell(callouts.thread, address_of_thread(thread), THREAD_BEGINS)?;
    thread.gui.store(true, Ordering::Relaxed);
    Ok(())
}

/// The current thread ends, and its process with it if it is the last.
pub(super) fn end_thread(thread: &Thread, last: bool) {
    let process = thread.process();
    let Some(session) = process.session() else { return };
    let callouts = session.callouts();
    // There is nothing to do about what they say.
    if thread.gui.swap(false, Ordering::Relaxed) {
        let _ = tell(callouts.thread, address_of_thread(thread), THREAD_ENDS);
    }
    if last && process.gui.swap(false, Ordering::Relaxed) {
        let _ = tell(callouts.process, address_of_process(process), 0);
    }
}

fn tell(callout: u64, object: u64, what: u64) -> Result<(), NtStatus> {
    if callout == 0 {
        return Ok(());
    }
    let mut arguments = [0; driver::MAX_ARGUMENTS];
    arguments[..2].copy_from_slice(&[object, what]);
    NtStatus(driver::call(callout, &arguments) as u32).ok()
}

/// The number that images know a process by.
pub fn address_of_process(process: &Process) -> u64 {
    object_of_process(process).map_or(0, |object| object.address())
}

/// The number that images know a thread by.
pub fn address_of_thread(thread: &Thread) -> u64 {
    object_of_thread(thread).map_or(0, |object| object.address())
}

impl Thread {
    /// What win32k has of the thread; the TEB shows it (spec/smss.md 7.4).
    pub fn set_win32(&self, value: u64) {
        self.win32.store(value, Ordering::Relaxed);
        if let Some(space) = self.process.space.lock().as_mut() {
            // A thread whose TEB is gone does not read it.
            let _ = space.write(self.task.teb() + teb::WIN32_THREAD_INFO, &value.to_le_bytes());
        }
    }

    /// The same, as it was set.
    pub fn win32(&self) -> u64 {
        self.win32.load(Ordering::Relaxed)
    }
}

impl Process {
    /// What win32k has of the process.
    pub fn set_win32(&self, value: u64) {
        self.win32.store(value, Ordering::Relaxed);
    }

    /// The same, as it was set.
    pub fn win32(&self) -> u64 {
        self.win32.load(Ordering::Relaxed)
    }
}
