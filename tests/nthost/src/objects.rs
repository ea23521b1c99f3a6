//! Objects behind handles.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nt::NtStatus;

/// What a handle is for.
#[derive(Clone, Debug)]
pub enum Object {
    /// An event, or a thread, which is one that is signalled at its end.
    Signal(Arc<Signal>),
    /// A file: its contents.
    File(Arc<Vec<u8>>),
    /// A section of a file; whether it is an image.
    Section(Arc<Vec<u8>>, bool),
}

/// Something to wait for.
#[derive(Debug)]
pub struct Signal {
    state: Mutex<bool>,
    changed: Condvar,
    /// It releases one waiter, and is taken away then.
    once: bool,
}

impl Signal {
    pub fn new(once: bool, state: bool) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new(), once })
    }

    /// Sets it; gives what it was.
    pub fn set(&self, state: bool) -> bool {
        let before =
            std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state);
        self.changed.notify_all();
        before
    }

    /// Waits for it, at most so long.
    pub fn wait(&self, timeout: Option<Duration>) -> NtStatus {
        let end = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !*state {
            let left =
                end.map_or(Duration::from_secs(3600), |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return NtStatus::TIMEOUT;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *state = !self.once;
        NtStatus::SUCCESS
    }
}
