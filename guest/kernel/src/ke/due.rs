//! What is due at a time: time-outs of waits, and timer objects.

use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};

use super::clock::{self, CLOCK, Clock};
use super::timer::Timer;
use super::wait;
use crate::ps::Thread;

/// When something is due: in 100 ns of interrupt time, or of system time, which somebody may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    time: u64,
    is_system_time: bool,
}

/// Place in the queue. The number keeps apart what is due at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    due: Due,
    number: u64,
}

/// What is due.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// The time-out of a thread's wait.
    Wait(Arc<Thread>),
    /// A timer object.
    Timer(Weak<Timer>),
    /// A routine of the kernel's own, and its argument.
    Routine(fn(u64), u64),
}

/// By time and number.
type Entries = BTreeMap<(u64, u64), What>;

pub(super) struct Queue {
    by_interrupt_time: Entries,
    by_system_time: Entries,
    next: u64,
}

impl Queue {
    pub(super) const fn new() -> Self {
        Self { by_interrupt_time: Entries::new(), by_system_time: Entries::new(), next: 0 }
    }

    fn entries(&mut self, due: Due) -> &mut Entries {
        if due.is_system_time { &mut self.by_system_time } else { &mut self.by_interrupt_time }
    }
}

impl Clock {
    /// Takes the first entry that is due at that interrupt time.
    fn pop(&mut self, now: u64) -> Option<(Due, What)> {
        let system = self.system_time_at(now);
        for (entries, now, is_system_time) in
            [(&mut self.queue.by_interrupt_time, now, false), (&mut self.queue.by_system_time, system, true)]
        {
            if let Some(first) = entries.first_entry().filter(|first| first.key().0 <= now) {
                let ((time, _), what) = first.remove_entry();
                return Some((Due { time, is_system_time }, what));
            }
        }
        None
    }

    /// Interrupt time at which something is due.
    fn interrupt_time_of(&self, due: Due) -> u64 {
        match due.is_system_time {
            false => due.time,
            true => self.interrupt_time_at(due.time),
        }
    }

    /// Arms the timer for what is due first.
    pub(super) fn arm_for_first(&mut self, now: u64) {
        let first = self.queue.by_interrupt_time.keys().next().map(|&(time, _)| time);
        let system = self.queue.by_system_time.keys().next().map(|&(time, _)| self.interrupt_time_at(time));
        if let Some(due) = first.into_iter().chain(system).min() {
            self.arm(due, now);
        }
    }
}

/// When a time of NT's is: negative from now on, else system time.
pub fn due(time: i64) -> Due {
    match time {
        ..0 => after(clock::interrupt_time(), time.unsigned_abs()),
        0.. => Due { time: time.unsigned_abs(), is_system_time: true },
    }
}

/// Some time after an interrupt time.
pub(super) fn after(time: u64, delay: u64) -> Due {
    Due { time: time.saturating_add(delay), is_system_time: false }
}

/// Interrupt time at which something is due.
pub(super) fn interrupt_time_of(due: Due) -> u64 {
    CLOCK.lock().interrupt_time_of(due)
}

pub(super) fn enter(due: Due, what: What) -> Place {
    let mut clock = CLOCK.lock();
    let number = clock.queue.next;
    clock.queue.next += 1;
    clock.queue.entries(due).insert((due.time, number), what);
    let now = clock.now();
    let time = clock.interrupt_time_of(due);
    clock.arm(time, now);
    Place { due, number }
}

/// A waiting thread is to be woken at that time. Returns what cancels it.
pub fn set_timeout(thread: &Arc<Thread>, due: Due) -> Place {
    enter(due, What::Wait(thread.clone()))
}

/// A routine is to be called at that time, by the clock's interrupt: it must not wait. Returns what cancels it.
pub fn call(due: Due, routine: fn(u64), argument: u64) -> Place {
    enter(due, What::Routine(routine, argument))
}

/// What was entered at that place is not due any more.
pub fn cancel(place: Place) {
    // Dropped behind the guard.
    let entry = CLOCK.lock().queue.entries(place.due).remove(&(place.due.time, place.number));
    drop(entry);
}

/// Does what is due, and arms the timer for what is due next.
pub(super) fn expire(now: u64) {
    loop {
        let next = CLOCK.lock().pop(now);
        match next {
            Some((_, What::Wait(thread))) => wait::timed_out(&thread),
            Some((due, What::Timer(timer))) => {
                if let Some(timer) = timer.upgrade() {
                    timer.expire(due, now);
                }
            }
            Some((_, What::Routine(routine, argument))) => routine(argument),
            None => break,
        }
    }
    CLOCK.lock().arm_for_first(now);
}
