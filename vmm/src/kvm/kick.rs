//! Getting a vCPU out of the guest from another thread: a flag that KVM checks before it enters,
//! and a signal that makes it leave. The two together leave no gap.
#![expect(unsafe_code, reason = "signals, and a flag in the page shared with KVM")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use vmm_sys_util::signal::{SIGRTMIN, register_signal_handler};

use super::Error;

/// Makes a vCPU leave the guest, from any thread, as long as the vCPU exists.
#[derive(Debug, Default)]
pub struct Kick {
    target: Mutex<Option<Target>>,
}

#[derive(Debug)]
struct Target {
    thread: libc::pthread_t,
    immediate_exit: NonNull<AtomicU8>,
}

// SAFETY: the pointer is only used for atomic stores, and a pthread_t may be used by any thread.
unsafe impl Send for Target {}

impl Kick {
    /// Makes the vCPU come back with [`super::Exit::Kicked`], now or as soon as it enters. Does nothing
    /// before there is a vCPU and after it is gone.
    pub fn kick(&self) {
        let target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = &*target {
            // SAFETY: a target is there only between `attach` and `detach`, and `attach`'s caller
            // promised that the byte stays mapped so long. KVM reads it at any time, so it is
            // accessed atomically.
            unsafe { target.immediate_exit.as_ref() }.store(1, Ordering::Release);
            // SAFETY: the thread detaches before it ends, and we hold the lock that takes, so the
            // handle is of a live thread.
            unsafe { libc::pthread_kill(target.thread, SIGRTMIN()) };
        }
    }

    /// Names the vCPU to kick: run by the calling thread, with this `immediate_exit` byte.
    ///
    /// # Safety
    /// The byte must stay mapped, and the calling thread alive, until [`Kick::detach`] is called.
    pub(super) unsafe fn attach(&self, immediate_exit: NonNull<AtomicU8>) {
        // SAFETY: pthread_self has no preconditions.
        let thread = unsafe { libc::pthread_self() };
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(Target { thread, immediate_exit });
    }

    /// Forgets the vCPU.
    pub(super) fn detach(&self) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

extern "C" fn on_kick(_: libc::c_int, _: *mut libc::siginfo_t, _: *mut libc::c_void) {}

/// Installs the empty handler of the kick signal. It only has to interrupt `KVM_RUN`.
///
/// # Errors
/// [`Error::Ioctl`] when the kernel refuses.
pub fn install_kick_handler() -> Result<(), Error> {
    register_signal_handler(SIGRTMIN(), on_kick).map_err(Error::ioctl("sigaction"))
}
