//! The process's own parameters, and the lock that they are read and changed under.
#![expect(unsafe_code, reason = "they are memory that the process's maker has filled")]

mod create;
mod critical;
pub mod parameters;
mod stack;
mod thread;

use core::ptr::with_exposed_provenance_mut;

use nt::process::ProcessParameters;

use crate::peb::{RtlAcquirePebLock, RtlReleasePebLock, peb};

/// The process's parameters. The kernel may have made them without what comes after [`SIZE`].
///
/// [`SIZE`]: nt::layout::parameters::SIZE
pub fn parameters() -> *mut ProcessParameters {
    // SAFETY: the PEB lives as long as the process.
    with_exposed_provenance_mut(unsafe { (*peb()).process_parameters } as usize)
}

/// The PEB's lock, held.
pub struct PebLock(());

impl PebLock {
    /// Waits for it.
    pub fn take() -> Self {
        RtlAcquirePebLock();
        Self(())
    }
}

impl Drop for PebLock {
    fn drop(&mut self) {
        RtlReleasePebLock();
    }
}
