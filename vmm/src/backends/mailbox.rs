//! Bytes on their way between the vCPU thread and the supervising thread.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// More than this waits to be written: the guest has to wait as well.
const HIGH_WATER: usize = 256 << 10;
/// More than this waits to be read by the guest: the input has to wait.
const INBOX_MAX: usize = 4 << 10;
/// How long the guest waits before it looks whether it is to stop.
const PATIENCE: Duration = Duration::from_millis(20);

/// What a port has sent and nobody has written yet.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Mutex<Vec<u8>>,
    taken: Condvar,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    /// Appends; true when the box was empty before, so that somebody should be told.
    ///
    /// When too much is waiting it blocks, until `stop` says that the run is over.
    pub fn push(&self, data: &[u8], stop: impl Fn() -> bool) -> bool {
        let mut bytes = locked(&self.bytes);
        while bytes.len() >= HIGH_WATER && !stop() {
            bytes = self.taken.wait_timeout(bytes, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        let was_empty = bytes.is_empty();
        bytes.extend_from_slice(data);
        was_empty
    }

    /// Whether the guest has to wait before it can add more.
    pub fn is_full(&self) -> bool {
        locked(&self.bytes).len() >= HIGH_WATER
    }

    /// Whether nothing is waiting.
    pub fn is_empty(&self) -> bool {
        locked(&self.bytes).is_empty()
    }

    /// Moves everything to the end of `into`.
    pub fn take(&self, into: &mut Vec<u8>) {
        let mut bytes = locked(&self.bytes);
        if into.is_empty() {
            std::mem::swap(&mut *bytes, into);
        } else {
            into.append(&mut bytes);
        }
        if into.len() >= HIGH_WATER {
            self.taken.notify_one();
        }
    }
}

/// What comes to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A byte.
    Byte(u8),
    /// A break.
    Break,
}

/// What has been typed and the guest has not taken yet.
#[derive(Debug, Default)]
pub struct Inbox {
    arrivals: Mutex<VecDeque<Arrival>>,
    /// Who fills it, and who has stopped.
    sources: AtomicUsize,
    closed: AtomicUsize,
}

impl Inbox {
    /// Appends what was read from the input.
    pub fn push(&self, data: &[u8]) {
        locked(&self.arrivals).extend(data.iter().map(|&byte| Arrival::Byte(byte)));
    }

    /// Appends what was typed.
    pub fn push_typed(&self, typed: &[Arrival]) {
        locked(&self.arrivals).extend(typed);
    }

    /// One more fills it.
    pub fn add_source(&self) {
        self.sources.fetch_add(1, Ordering::SeqCst);
    }

    /// Nothing more will come from one of those who fill it.
    pub fn close(&self) {
        self.closed.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether nothing is here and nothing more will come.
    pub fn is_finished(&self) -> bool {
        let closed = self.closed.load(Ordering::SeqCst);
        closed > 0 && closed >= self.sources.load(Ordering::SeqCst) && locked(&self.arrivals).is_empty()
    }

    /// Whether more may be read from the input now.
    pub fn has_room(&self) -> bool {
        locked(&self.arrivals).len() < INBOX_MAX
    }

    /// Hands at most `room` arrivals to `deliver`; gives how many those were.
    pub fn deliver(&self, room: usize, deliver: impl FnMut(Arrival)) -> usize {
        if room == 0 {
            return 0;
        }
        let mut arrivals = locked(&self.arrivals);
        let count = room.min(arrivals.len());
        arrivals.drain(..count).for_each(deliver);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_announced_once() {
        let outbox = Outbox::default();
        assert!(outbox.push(b"ab", || false));
        assert!(!outbox.push(b"c", || false));
        let mut taken = b"x".to_vec();
        outbox.take(&mut taken);
        assert_eq!(taken, b"xabc");
        assert!(outbox.push(b"d", || false));
    }

    #[test]
    fn a_full_outbox_lets_go_when_the_run_is_over() {
        let outbox = Outbox::default();
        outbox.push(&vec![0; HIGH_WATER], || false);
        assert!(!outbox.push(b"more", || true));
    }

    #[test]
    fn input_is_delivered_as_far_as_there_is_room() {
        let inbox = Inbox::default();
        inbox.push(b"hello");
        let mut got = Vec::new();
        inbox.push_typed(&[Arrival::Break]);
        assert_eq!(inbox.deliver(2, |arrival| got.push(arrival)), 2);
        assert_eq!(inbox.deliver(0, |arrival| got.push(arrival)), 0);
        assert_eq!(inbox.deliver(16, |arrival| got.push(arrival)), 4);
        let expected: Vec<Arrival> = b"hello".iter().map(|&byte| Arrival::Byte(byte)).collect();
        assert_eq!(got, [&expected[..], &[Arrival::Break]].concat());
        assert!(inbox.has_room());
    }

    #[test]
    fn input_is_finished_when_it_is_closed_and_taken() {
        let inbox = Inbox::default();
        assert!(!inbox.is_finished());
        inbox.push(b"x");
        inbox.close();
        assert!(!inbox.is_finished());
        inbox.deliver(1, |_| {});
        assert!(inbox.is_finished());
    }
}
