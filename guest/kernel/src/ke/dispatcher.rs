//! Dispatcher objects: what can be waited for, and what signalling it does.
//!
//! A header knows who waits for it, in order. An entry there may be stale: a thread whose wait ended for another
//! reason takes its entries away only when it runs again, and until then they are passed over. The kernel is
//! not preempted, so what stands in one function here happens at once; but a header's guard must be gone
//! before another header, or the same one by another way, is looked at.

use alloc::collections::VecDeque;
use alloc::sync::{Arc, Weak};

use hal::cell::KernelCell;
use nt::NtStatus;

use super::mutant::Mutant;
use super::thread::take_all;
use super::{sched, wait};
use crate::ps::Thread;

/// How much more important a thread is for a while when an object wakes it (NT's EVENT_INCREMENT and its
/// like).
const WAKE_INCREMENT: u32 = 1;

/// What being waited for does to an object.
#[derive(Debug)]
pub enum HeaderKind {
    /// It stays signalled: processes, threads, notification events and timers.
    Notification,
    /// It is signalled no more: synchronization events and timers.
    Synchronization,
    /// It loses one of its count.
    Semaphore,
    /// It belongs to the thread from now on.
    Mutant {
        /// Itself, for the list of what its owner owns.
        own: Weak<Mutant>,
        /// Id of the owner, 0 while there is none.
        owner: u32,
        /// Its last owner ended without giving it up.
        abandoned: bool,
    },
}

/// DISPATCHER_HEADER.
#[derive(Debug)]
pub struct Header {
    pub(super) kind: HeaderKind,
    /// Signalled when it is above zero. A mutant's falls by one each time its owner gets it again.
    pub(super) state: i32,
    waiters: Waiters,
}

/// Something that can be waited for.
pub type Signal = KernelCell<Header>;

/// A thread that waits.
#[derive(Clone, Debug)]
struct Waiter {
    thread: Arc<Thread>,
    /// Which of the objects of its wait this is; [`ALL`] when it waits for all of them.
    key: u32,
}

/// See [`Waiter::key`].
const ALL: u32 = u32::MAX;

/// Who waits, in order. The first needs no memory.
#[derive(Debug, Default)]
struct Waiters {
    first: Option<Waiter>,
    others: VecDeque<Waiter>,
}

impl Waiters {
    fn push(&mut self, waiter: Waiter) {
        match self.first {
            None => self.first = Some(waiter),
            Some(_) => self.others.push_back(waiter),
        }
    }

    fn get(&self, index: usize) -> Option<&Waiter> {
        match index {
            0 => self.first.as_ref(),
            _ => self.others.get(index - 1),
        }
    }

    fn remove(&mut self, index: usize) {
        match index {
            0 => self.first = self.others.pop_front(),
            _ => drop(self.others.remove(index - 1)),
        }
    }
}

/// A header that is not signalled and stays so once it is.
pub const fn unsignalled() -> Signal {
    header(HeaderKind::Notification, 0)
}

/// A header of any kind.
pub const fn header(kind: HeaderKind, state: i32) -> Signal {
    KernelCell::new(Header { kind, state, waiters: Waiters { first: None, others: VecDeque::new() } })
}

impl Header {
    /// Whether a wait by that thread would end at once.
    pub(super) fn is_signalled_for(&self, thread: &Thread) -> bool {
        self.state > 0 || matches!(self.kind, HeaderKind::Mutant { owner, .. } if owner == thread.id())
    }

    /// Does to the signalled object what the end of a wait does. Returns whether it had been abandoned.
    pub(super) fn satisfy(&mut self, thread: &Thread) -> bool {
        match &mut self.kind {
            HeaderKind::Notification => false,
            HeaderKind::Synchronization => {
                self.state = 0;
                false
            }
            HeaderKind::Semaphore => {
                self.state -= 1;
                false
            }
            HeaderKind::Mutant { own, owner, abandoned } => {
                self.state = self.state.saturating_sub(1);
                if self.state == 0 {
                    *owner = thread.id();
                    thread.tcb.owns(own.clone());
                }
                core::mem::take(abandoned)
            }
        }
    }

    /// Ends a wait of the current thread for this object at once, if it is signalled.
    #[inline]
    pub(super) fn try_take(&mut self) -> Option<bool> {
        match self.kind {
            HeaderKind::Notification => (self.state > 0).then_some(false),
            HeaderKind::Synchronization if self.state > 0 => {
                self.state = 0;
                Some(false)
            }
            HeaderKind::Synchronization => None,
            HeaderKind::Semaphore | HeaderKind::Mutant { .. } => {
                let thread = sched::current();
                self.is_signalled_for(&thread).then(|| self.satisfy(&thread))
            }
        }
    }

    /// Puts a thread that waits at the end; `number` is what the wait returns for this object, nothing when
    /// the thread waits for all of its objects.
    pub(super) fn enqueue(&mut self, thread: &Arc<Thread>, number: Option<u32>) {
        self.waiters.push(Waiter { thread: thread.clone(), key: number.unwrap_or(ALL) });
    }

    /// Takes a thread out that waits no more.
    pub(super) fn dequeue(&mut self, thread: &Arc<Thread>) {
        let is_it = |waiter: &Waiter| Arc::ptr_eq(&waiter.thread, thread);
        while self.waiters.first.as_ref().is_some_and(is_it) {
            self.waiters.remove(0);
        }
        if !self.waiters.others.is_empty() {
            self.waiters.others.retain(|waiter| !is_it(waiter));
        }
    }
}

/// The status of a wait that the object of that number ended.
pub(super) fn satisfied(number: u32, abandoned: bool) -> NtStatus {
    match abandoned {
        false => NtStatus(NtStatus::SUCCESS.0 + number),
        true => NtStatus(NtStatus::ABANDONED_WAIT_0.0 + number),
    }
}

/// Signals an object. Returns its state before that.
pub fn signal(signal: &Signal) -> i32 {
    let (before, waited_for) = {
        let mut header = signal.lock();
        (core::mem::replace(&mut header.state, 1), header.waiters.first.is_some())
    };
    if waited_for {
        release(signal);
    }
    before
}

/// Takes an object's signal away. Returns its state before that.
pub fn reset(signal: &Signal) -> i32 {
    core::mem::take(&mut signal.lock().state)
}

/// Wakes those whose waits the state of an object ends, in order, while it is signalled.
pub(super) fn release(signal: &Signal) {
    let mut index = 0;
    loop {
        let mut header = signal.lock();
        if header.state <= 0 {
            return;
        }
        let Some(waiter) = header.waiters.get(index) else { return };
        let Waiter { thread, key } = waiter.clone();
        if !thread.tcb.is_waiting() {
            header.waiters.remove(index);
        } else if key != ALL {
            header.waiters.remove(index);
            let abandoned = header.satisfy(&thread);
            drop(header);
            wait::wake(&thread, satisfied(key, abandoned), WAKE_INCREMENT);
        } else {
            drop(header);
            match take_all(&thread) {
                Some(status) => {
                    signal.lock().waiters.remove(index);
                    wait::wake(&thread, status, WAKE_INCREMENT);
                }
                None => index += 1,
            }
        }
    }
}
