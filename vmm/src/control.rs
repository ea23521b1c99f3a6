//! What the supervising thread and the vCPU thread tell each other.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vmm_sys_util::eventfd::{EFD_CLOEXEC, EFD_NONBLOCK, EventFd};

use crate::kvm::Kick;
use crate::outcome::Outcome;

/// Shared by the two threads of a run.
#[derive(Debug)]
pub(crate) struct Control {
    /// Gets the vCPU out of the guest.
    pub(crate) kick: Arc<Kick>,
    wake: EventFd,
    stop: Mutex<Option<Outcome>>,
    stopping: AtomicBool,
    done: AtomicBool,
    input: AtomicBool,
}

impl Control {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            kick: Arc::default(),
            wake: EventFd::new(EFD_CLOEXEC | EFD_NONBLOCK)?,
            stop: Mutex::new(None),
            stopping: AtomicBool::new(false),
            done: AtomicBool::new(false),
            input: AtomicBool::new(false),
        })
    }

    /// Asks the vCPU thread to end the run with `outcome`. The first request wins.
    pub(crate) fn stop(&self, outcome: Outcome) {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(outcome);
        self.stopping.store(true, Ordering::SeqCst);
        self.kick.kick();
    }

    /// Whether the run is to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// The outcome that was asked for.
    pub(crate) fn requested(&self) -> Option<Outcome> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There is input for the guest.
    pub(crate) fn input_arrived(&self) {
        // Before the kick: a vCPU that is not there yet, or just leaving, finds it all the same.
        self.input.store(true, Ordering::SeqCst);
        self.kick.kick();
    }

    /// Whether input has arrived since the last time.
    pub(crate) fn take_input(&self) -> bool {
        self.input.load(Ordering::SeqCst) && self.input.swap(false, Ordering::SeqCst)
    }

    /// Wakes the supervising thread.
    pub(crate) fn wake(&self) {
        // It fails only when the counter is full, and then the thread is awake already.
        let _ = self.wake.write(1);
    }

    /// The vCPU thread is through.
    pub(crate) fn finish(&self) {
        self.done.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Whether [`Control::finish`] was called; forgets earlier wake-ups.
    pub(crate) fn is_done(&self) -> bool {
        let _ = self.wake.read();
        self.done.load(Ordering::SeqCst)
    }
}

impl AsFd for Control {
    fn as_fd(&self) -> BorrowedFd<'_> {
        borrow(&self.wake)
    }
}

#[expect(unsafe_code, reason = "EventFd does not implement AsFd")]
fn borrow(wake: &EventFd) -> BorrowedFd<'_> {
    // SAFETY: the descriptor is open as long as `wake` lives, and the result's lifetime is bound to that.
    unsafe { BorrowedFd::borrow_raw(wake.as_raw_fd()) }
}
