//! Handles that close themselves, and what is done with any: copies, waits, events.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::security::EVENT_ALL_ACCESS;
use nt::types::{Boolean, Handle, UserPtr};

use crate::services::{self, pointer_to, syscall};

/// DUPLICATE_CLOSE_SOURCE.
const CLOSE_SOURCE: u32 = 1;
/// DUPLICATE_SAME_ACCESS.
const SAME_ACCESS: u32 = 2;

/// A handle of the own process, closed when it is dropped.
#[derive(Debug, PartialEq, Eq)]
pub struct Owned(Handle);

impl Owned {
    /// Takes over who closes it.
    pub fn new(handle: Handle) -> Self {
        Self(handle)
    }

    /// The handle, as long as this lives.
    pub fn get(&self) -> Handle {
        self.0
    }

    /// The handle, which nobody closes from here on.
    pub fn into_handle(self) -> Handle {
        let handle = self.0;
        core::mem::forget(self);
        handle
    }

    /// A copy of a handle of another process, which PROCESS_DUP_HANDLE is needed for.
    ///
    /// # Errors
    /// What `NtDuplicateObject` says.
    pub fn copy_from(process: Handle, handle: Handle) -> Result<Self, NtStatus> {
        duplicate(process, handle, Handle::CURRENT_PROCESS, SAME_ACCESS).map(Self)
    }

    /// Takes a handle of another process away from it.
    ///
    /// # Errors
    /// What `NtDuplicateObject` says.
    pub fn move_from(process: Handle, handle: Handle) -> Result<Self, NtStatus> {
        duplicate(process, handle, Handle::CURRENT_PROCESS, SAME_ACCESS | CLOSE_SOURCE).map(Self)
    }

    /// Gives another process a copy; the number is one of that process's.
    ///
    /// # Errors
    /// What `NtDuplicateObject` says.
    pub fn copy_to(&self, process: Handle) -> Result<Handle, NtStatus> {
        duplicate(Handle::CURRENT_PROCESS, self.0, process, SAME_ACCESS)
    }

    /// A second handle of the same object.
    ///
    /// # Errors
    /// What `NtDuplicateObject` says.
    pub fn again(&self) -> Result<Self, NtStatus> {
        Self::copy_from(Handle::CURRENT_PROCESS, self.0)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        services::close(self.0);
    }
}

/// Closes a handle of another process.
pub fn close_in(process: Handle, handle: Handle) {
    let nowhere = UserPtr::new(0);
    // SAFETY: no place is given for a copy.
    unsafe { syscall::NtDuplicateObject(process, handle, Handle::NULL, nowhere, 0, 0, CLOSE_SOURCE) };
}

fn duplicate(from: Handle, handle: Handle, to: Handle, options: u32) -> Result<Handle, NtStatus> {
    let mut copy = Handle::NULL;
    let place = UserPtr::new(core::ptr::from_mut(&mut copy).expose_provenance() as u64);
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtDuplicateObject(from, handle, to, place, 0, 0, options) }.ok()?;
    Ok(copy)
}

/// A notification event without a name, not signalled.
///
/// # Errors
/// What `NtCreateEvent` says.
pub fn event() -> Result<Owned, NtStatus> {
    let mut event = Handle::NULL;
    let place = UserPtr::new(core::ptr::from_mut(&mut event).expose_provenance() as u64);
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtCreateEvent(place, EVENT_ALL_ACCESS, UserPtr::new(0), 0, Boolean(0)) }.ok()?;
    Ok(Owned(event))
}

/// Signals an event.
pub fn set_event(event: &Owned) -> NtStatus {
    // SAFETY: the state before is not asked for.
    unsafe { syscall::NtSetEvent(event.0, UserPtr::new(0)) }
}

/// Waits until an object is signalled, for at most so many seconds: TIMEOUT when they are over.
pub fn wait_seconds(handle: Handle, seconds: u32) -> NtStatus {
    let interval = -i64::from(seconds) * 10_000_000;
    // SAFETY: the time-out outlives the call.
    unsafe { syscall::NtWaitForSingleObject(handle, Boolean(0), pointer_to(&interval)) }
}

/// Waits until one of several objects is signalled: which one. Otherwise what ended the wait.
///
/// # Errors
/// Every status of `NtWaitForMultipleObjects` that is no number of an object.
pub fn wait_any(handles: &[Handle]) -> Result<usize, NtStatus> {
    const ANY: u32 = 1;
    let count = handles.len() as u32;
    // SAFETY: the handles outlive the call; no time-out, so no pointer.
    let status = unsafe {
        syscall::NtWaitForMultipleObjects(count, pointer_to(handles), ANY, Boolean(0), UserPtr::new(0))
    };
    if status.0 < count { Ok(status.0 as usize) } else { Err(status) }
}
