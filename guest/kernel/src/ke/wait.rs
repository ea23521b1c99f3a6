//! Waiting: for one object, for any or all of several, for a time, or to be woken by who knows the thread.
//!
//! | to wait for | call |
//! |---|---|
//! | one object | [`wait`], or [`wait_as`] with a [`Mode`] |
//! | any of several | [`wait_for_any`] |
//! | all of several | [`wait_for_all`] |
//! | a time | [`delay`] |
//! | somebody who keeps the thread in a list of his own | [`park`]; he calls [`unpark`] |
//!
//! Time-outs are in 100 ns: negative from now on, positive system time, `Some(0)` not at all.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::waits;
use nt::NtStatus;

use super::dispatcher::{Signal, satisfied};
use super::due::{self, Due};
use super::object::{signal_of, take_all};
pub use super::thread::Mode;
use super::{apc, sched, suspend, swap};
use crate::ob::Object;
use crate::ps::Thread;

/// Inside the kernel only: a wait is broken off because its thread has been suspended, and goes on later.
pub(super) const SUSPENDED: NtStatus = NtStatus::THREAD_WAS_SUSPENDED;

/// Waits for one object: SUCCESS, ABANDONED_WAIT_0, TIMEOUT, THREAD_IS_TERMINATING.
pub fn wait(signal: &Signal, timeout: Option<i64>) -> NtStatus {
    wait_for_any(&[signal], timeout, Mode::User)
}

/// Waits for any of several objects. The result is SUCCESS or ABANDONED_WAIT_0 plus the number of the first one
/// that is signalled; TIMEOUT; or what the mode allows. A time-out of 0 does not wait, but looks whether there is
/// an alert.
pub fn wait_for_any(signals: &[&Signal], timeout: Option<i64>, mode: Mode) -> NtStatus {
    match take_first(signals) {
        Some(status) => status,
        None => wait_until(Wanted::Any(signals), timeout, mode),
    }
}

/// Waits for all of several objects, which are all taken at once or not at all: SUCCESS, ABANDONED_WAIT_0, or as
/// [`wait_for_any`]. The objects can be waited for, and are different ones.
pub fn wait_for_all(objects: Vec<Object>, timeout: Option<i64>, mode: Mode) -> NtStatus {
    match take_all(&objects, &sched::current()) {
        Some(status) => status,
        None => wait_until(Wanted::All(objects), timeout, mode),
    }
}

/// Waits for a time: SUCCESS, or what the mode allows.
pub fn delay(interval: i64, mode: Mode) -> NtStatus {
    match wait_until(Wanted::Any(&[]), Some(interval), mode) {
        NtStatus::TIMEOUT => NtStatus::SUCCESS,
        status => status,
    }
}

/// Waits until somebody calls [`unpark`]: SUCCESS, TIMEOUT, or what the mode allows. Whoever is to call has
/// the thread by now. A suspension does not break this wait off: the thread is woken as any other, and stops
/// on its way out.
pub fn park(timeout: Option<i64>, mode: Mode) -> NtStatus {
    let thread = sched::current();
    match beginning(&thread, timeout, mode) {
        Some(status) => status,
        None => sleep(&thread, timeout.map(due::due), mode, false),
    }
}

/// Wakes a thread that is parked; nothing happens to one that is not.
pub fn unpark(thread: &Arc<Thread>) {
    wake(thread, NtStatus::SUCCESS, 1);
}

/// What a wait is for.
enum Wanted<'a> {
    Any(&'a [&'a Signal]),
    All(Vec<Object>),
}

fn take_first(signals: &[&Signal]) -> Option<NtStatus> {
    signals.iter().zip(0..).find_map(|(signal, number)| {
        let abandoned = signal.lock().try_take()?;
        Some(satisfied(number, abandoned))
    })
}

/// What ends a wait before it begins.
fn beginning(thread: &Thread, timeout: Option<i64>, mode: Mode) -> Option<NtStatus> {
    if mode >= Mode::User && thread.must_end() {
        return Some(NtStatus::THREAD_IS_TERMINATING);
    }
    if mode == Mode::Alertable
        && let Some(status) = apc::test_alert(thread)
    {
        return Some(status);
    }
    (timeout == Some(0)).then_some(NtStatus::TIMEOUT)
}

fn wait_until(mut wanted: Wanted<'_>, timeout: Option<i64>, mode: Mode) -> NtStatus {
    let thread = sched::current();
    if let Some(status) = beginning(&thread, timeout, mode) {
        return status;
    }
    let due = timeout.map(due::due);
    let breakable = mode >= Mode::User;
    loop {
        let status = match &mut wanted {
            Wanted::Any(signals) => {
                for (signal, number) in signals.iter().zip(0..) {
                    signal.lock().enqueue(&thread, Some(number));
                }
                let status = sleep(&thread, due, mode, breakable);
                // The one object whose signal has ended the wait has forgotten it already.
                if signals.len() > 1 || status != NtStatus::SUCCESS {
                    signals.iter().for_each(|signal| signal.lock().dequeue(&thread));
                }
                status
            }
            Wanted::All(objects) => {
                for signal in objects.iter().filter_map(|object| signal_of(object).ok()) {
                    signal.lock().enqueue(&thread, None);
                }
                thread.tcb.begin_wait_for_all(core::mem::take(objects));
                let status = sleep(&thread, due, mode, breakable);
                *objects = thread.tcb.end_wait_for_all();
                for signal in objects.iter().filter_map(|object| signal_of(object).ok()) {
                    signal.lock().dequeue(&thread);
                }
                status
            }
        };
        if status != SUSPENDED {
            return status;
        }
        suspend::stay(&thread);
        let taken = match &wanted {
            Wanted::Any(signals) => take_first(signals),
            Wanted::All(objects) => take_all(objects, &thread),
        };
        if let Some(status) = taken.or_else(|| beginning(&thread, None, mode)) {
            return status;
        }
    }
}

/// Leaves the processor until somebody ends the wait.
pub(super) fn sleep(thread: &Arc<Thread>, due: Option<Due>, mode: Mode, breakable: bool) -> NtStatus {
    thread.tcb.begin_wait(mode, breakable);
    let timer = due.map(|due| due::set_timeout(thread, due));
    let place = waits::begin(thread.process().id(), thread.id());
    let status = loop {
        sched::block();
        if let Some(status) = thread.tcb.wait_result() {
            break status;
        }
    };
    waits::end(place);
    if let Some(timer) = timer
        && status != NtStatus::TIMEOUT
    {
        due::cancel(timer);
    }
    status
}

/// The time of a waiting thread is up.
pub fn timed_out(thread: &Arc<Thread>) {
    wake(thread, NtStatus::TIMEOUT, 0);
}

/// Ends the wait of a thread that is to end, unless the kernel needs what it waits for.
pub fn cancel(thread: &Arc<Thread>) {
    if thread.tcb.waits_as(Mode::User) {
        wake(thread, NtStatus::THREAD_IS_TERMINATING, 0);
    }
}

/// Ends a thread's wait, and makes it more important for a while.
pub(super) fn wake(thread: &Arc<Thread>, status: NtStatus, increment: u32) {
    if thread.tcb.end_wait(status) {
        match thread.tcb.is_stack_out() {
            false => sched::ready_with(thread.clone(), increment),
            true => swap::wanted(thread.clone(), increment),
        }
    }
}
