//! Waits for any and for all, time-outs, signalling and waiting.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;

use super::calls::{self, NOTIFICATION, SYNCHRONIZATION};
use super::{end, expect, forget, leave, left, left_are, same, settle, start};
use crate::checks::verdict;

static EVENTS: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

fn events() -> [Handle; 2] {
    EVENTS.each_ref().map(|event| Handle(event.load(Ordering::Relaxed)))
}

fn make_events() -> [Handle; 2] {
    for event in &EVENTS {
        event.store(calls::event(SYNCHRONIZATION, false).0, Ordering::Relaxed);
    }
    events()
}

extern "win64" fn wait_for_both(number: u64) -> ! {
    if calls::wait_all(&events(), None) == NtStatus::SUCCESS {
        leave(number);
    }
    rt::exit_thread()
}

extern "win64" fn wait_for_first(number: u64) -> ! {
    if calls::wait(events()[0], None) == NtStatus::SUCCESS {
        leave(number);
    }
    rt::exit_thread()
}

extern "win64" fn wait_for_either(number: u64) -> ! {
    leave(number + u64::from(calls::wait_any(&events(), None).0));
    rt::exit_thread()
}

/// All are taken at once, or none.
pub fn all() {
    let [first, second] = make_events();
    forget();
    let both = start(wait_for_both, 1);
    calls::set(first);
    settle();
    same("all-waits-for-the-other", left(), 0);
    expect("all-took-nothing", calls::poll(first), NtStatus::SUCCESS);
    // Whoever wants only the one gets it, although the other waits longer.
    let one = start(wait_for_first, 2);
    calls::set(first);
    end("all-passed-over", one);
    left_are("all-passed-over-who", &[2]);
    calls::set(second);
    settle();
    same("all-still-waits", left(), 1);
    calls::set(first);
    end("all-satisfied", both);
    left_are("all-satisfied-who", &[2, 1]);
    expect("all-took-first", calls::poll(first), NtStatus::TIMEOUT);
    expect("all-took-second", calls::poll(second), NtStatus::TIMEOUT);
    calls::set(first);
    expect("all-time-out", calls::wait_all(&[first, second], Some(-1000)), NtStatus::TIMEOUT);
    expect("all-time-out-took-nothing", calls::poll(first), NtStatus::SUCCESS);
    calls::set(first);
    calls::set(second);
    expect("all-at-once", calls::wait_all(&[first, second], None), NtStatus::SUCCESS);
    let (_, mutant) = calls::mutant("", false);
    let (_, semaphore) = calls::semaphore("", 1, 1);
    let notification = calls::event(NOTIFICATION, true);
    let mixed = [mutant, semaphore, notification];
    expect("all-mixed", calls::wait_all(&mixed, Some(0)), NtStatus::SUCCESS);
    expect("all-mixed-took", calls::wait_all(&mixed, Some(0)), NtStatus::TIMEOUT);
    same("all-mixed-owner", calls::give_up(mutant), (NtStatus::SUCCESS, 0));
    // Two threads that each want both: one gets both, the other nothing.
    forget();
    let threads = [1, 2].map(|number| start(wait_for_both, number));
    calls::set(first);
    calls::set(second);
    settle();
    left_are("all-one-of-two", &[1]);
    calls::set(second);
    calls::set(first);
    for thread in threads {
        end("all-both-end", thread);
    }
    for handle in [first, second, mutant, semaphore, notification] {
        rt::close(handle);
    }
}

/// The first that is signalled, by number.
pub fn any() {
    let [first, second] = make_events();
    calls::set(second);
    expect("any-second", calls::wait_any(&[first, second], Some(0)), NtStatus(1));
    calls::set(first);
    calls::set(second);
    expect("any-first-of-both", calls::wait_any(&[first, second], Some(0)), NtStatus(0));
    expect("any-second-untouched", calls::poll(second), NtStatus::SUCCESS);
    expect("any-none", calls::wait_any(&[first, second], Some(-1000)), NtStatus::TIMEOUT);
    forget();
    let thread = start(wait_for_either, 10);
    calls::set(second);
    end("any-woken", thread);
    left_are("any-woken-by", &[11]);
    calls::set(first);
    expect("any-forgotten", calls::poll(first), NtStatus::SUCCESS);
    expect("any-same-twice", calls::wait_any(&[first, first], Some(-1000)), NtStatus::TIMEOUT);
    calls::set(first);
    expect("any-same-twice-signalled", calls::wait_any(&[first, first], None), NtStatus(0));
    let mut many = [first; 64];
    many[63] = second;
    calls::set(second);
    expect("any-of-64", calls::wait_any(&many, None), NtStatus(63));
    // The current thread and process can be waited for, but live.
    let selves = [Handle::CURRENT_THREAD, Handle::CURRENT_PROCESS];
    expect("any-self", calls::wait_any(&selves, Some(-1000)), NtStatus::TIMEOUT);
    for handle in [first, second] {
        rt::close(handle);
    }
}

/// What is refused.
pub fn refused() {
    let event = calls::event(NOTIFICATION, true);
    let handles = [event; 65];
    expect("wait-65", calls::wait_any(&handles, Some(0)), NtStatus::INVALID_PARAMETER_1);
    expect("wait-0", calls::wait_any(&[], Some(0)), NtStatus::INVALID_PARAMETER_1);
    expect("wait-type", calls::wait_several(1, &handles, 2, Some(0)), NtStatus::INVALID_PARAMETER_3);
    expect("wait-twice", calls::wait_all(&[event, event], Some(0)), NtStatus::INVALID_PARAMETER_MIX);
    expect("wait-no-handle", calls::wait_any(&[event, Handle(0x4444)], Some(0)), NtStatus::INVALID_HANDLE);
    let (_, weak) = calls::named_event(r"\TestWeak", 0, NOTIFICATION, true);
    let (_, no_synchronize) = calls::open(calls::Kind::Event, r"\TestWeak", 1);
    expect("wait-access", calls::poll(no_synchronize), NtStatus::ACCESS_DENIED);
    for handle in [event, weak, no_synchronize] {
        rt::close(handle);
    }
}

/// Relative and absolute time-outs, and delays.
pub fn time_outs() {
    let event = calls::event(NOTIFICATION, false);
    let took = |work: &dyn Fn()| {
        let start = calls::system_time();
        work();
        calls::system_time() - start
    };
    let relative = took(&|| expect("time-out", calls::wait(event, Some(-50_000)), NtStatus::TIMEOUT));
    verdict("time-out-took-5-ms", (50_000..50_000_000).contains(&relative), "another time");
    let absolute = took(&|| {
        let due = calls::system_time() + 50_000;
        expect("time-out-absolute", calls::wait(event, Some(due)), NtStatus::TIMEOUT);
    });
    verdict("time-out-absolute-took-5-ms", (50_000..50_000_000).contains(&absolute), "another time");
    expect("time-out-past", calls::wait(event, Some(1)), NtStatus::TIMEOUT);
    expect("delay-past", calls::delay(false, 1), NtStatus::SUCCESS);
    let delayed = took(&|| expect("delay-relative", calls::delay(false, -50_000), NtStatus::SUCCESS));
    verdict("delay-took-5-ms", (50_000..50_000_000).contains(&delayed), "another time");
    // A time-out that was not needed does not come later.
    calls::set(event);
    expect("time-out-not-needed", calls::wait(event, Some(-10_000)), NtStatus::SUCCESS);
    calls::reset(event);
    expect("time-out-own", calls::wait(event, Some(-100_000)), NtStatus::TIMEOUT);
    rt::close(event);
}

extern "win64" fn answer(_: u64) -> ! {
    let [first, second] = events();
    for _ in 0..10 {
        calls::wait(first, None);
        leave(2);
        calls::set(second);
    }
    rt::exit_thread()
}

/// `NtSignalAndWaitForSingleObject`: ping and pong.
pub fn signal_and_wait() {
    let [first, second] = make_events();
    forget();
    let thread = start(answer, 0);
    for _ in 0..5 {
        leave(1);
        expect("signal-and-wait", calls::signal_and_wait(first, second, None), NtStatus::SUCCESS);
    }
    left_are("signal-and-wait-order", &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    calls::terminate(thread, NtStatus::SUCCESS);
    end("signal-and-wait-ended", thread);
    let (_, mutant) = calls::mutant("", true);
    let (_, semaphore) = calls::semaphore("", 0, 1);
    expect("signal-mutant", calls::signal_and_wait(mutant, second, Some(0)), NtStatus::TIMEOUT);
    let not_owned = calls::signal_and_wait(mutant, second, Some(0));
    expect("signal-mutant-not-owned", not_owned, NtStatus::MUTANT_NOT_OWNED);
    expect("signal-semaphore", calls::signal_and_wait(semaphore, semaphore, Some(0)), NtStatus::SUCCESS);
    calls::release(semaphore, 1);
    let full = calls::signal_and_wait(semaphore, second, Some(0));
    expect("signal-semaphore-full", full, NtStatus::SEMAPHORE_LIMIT_EXCEEDED);
    let process = calls::signal_and_wait(Handle::CURRENT_PROCESS, second, Some(0));
    expect("signal-process", process, NtStatus::OBJECT_TYPE_MISMATCH);
    for handle in [first, second, mutant, semaphore] {
        rt::close(handle);
    }
}

/// The more important thread runs first, and at once.
pub fn priorities() {
    let [first, second] = make_events();
    forget();
    let thread = start(wait_for_first, 1);
    expect("priority-low", calls::set_base_priority(thread, -15), NtStatus::SUCCESS);
    calls::set(first);
    same("priority-low-waits", left(), 0);
    end("priority-low-runs", thread);
    forget();
    let thread = start(wait_for_first, 1);
    calls::set_base_priority(thread, 2);
    calls::set(first);
    same("priority-high-runs-at-once", left(), 1);
    end("priority-high-ends", thread);
    forget();
    let low = start(wait_for_first, 1);
    let high = start(wait_for_both, 2);
    calls::set_base_priority(low, -15);
    calls::set_base_priority(high, -2);
    calls::set(first);
    calls::set(first);
    calls::set(second);
    for thread in [low, high] {
        end("priority-both-end", thread);
    }
    left_are("priority-order", &[2, 1]);
    for bad in [0, 32, u32::MAX] {
        let refused = calls::set_priority(Handle::CURRENT_THREAD, bad);
        expect("priority-refused", refused, NtStatus::INVALID_PARAMETER);
    }
    rt::close(first);
    rt::close(second);
}
