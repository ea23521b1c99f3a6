//! Suspension.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;

use super::calls::{self, SYNCHRONIZATION};
use super::{end, expect, forget, leave, left, left_are, same, settle, start, start_spinning};

static EVENT: AtomicU64 = AtomicU64::new(0);
static COUNT: AtomicU64 = AtomicU64::new(0);

fn event() -> Handle {
    Handle(EVENT.load(Ordering::Relaxed))
}

extern "win64" fn wait_and_leave(number: u64) -> ! {
    leave(calls::wait(event(), None).0 as u64 + number);
    rt::exit_thread()
}

extern "win64" fn wait_a_while(_: u64) -> ! {
    leave(calls::wait(event(), Some(-300_000)).0.into());
    rt::exit_thread()
}

extern "win64" fn count(_: u64) -> ! {
    loop {
        COUNT.fetch_add(1, Ordering::Relaxed);
        core::hint::spin_loop();
    }
}

extern "win64" fn suspend_self(_: u64) -> ! {
    leave(1);
    leave(calls::suspend(Handle::CURRENT_THREAD).1.into());
    leave(2);
    rt::exit_thread()
}

/// Counts; and a suspended thread does nothing, not even take what it waits for.
pub fn suspension() {
    EVENT.store(calls::event(SYNCHRONIZATION, false).0, Ordering::Relaxed);
    forget();
    let thread = start(wait_and_leave, 0);
    same("suspend", calls::suspend(thread), (NtStatus::SUCCESS, 0));
    same("suspend-again", calls::suspend(thread), (NtStatus::SUCCESS, 1));
    calls::set(event());
    settle();
    same("suspended-does-nothing", left(), 0);
    expect("suspended-takes-nothing", calls::poll(event()), NtStatus::SUCCESS);
    same("resume", calls::resume(thread), (NtStatus::SUCCESS, 2));
    calls::set(event());
    settle();
    same("suspended-still", left(), 0);
    same("resume-last", calls::resume(thread), (NtStatus::SUCCESS, 1));
    end("resumed-takes", thread);
    left_are("resumed", &[0]);
    expect("resumed-took", calls::poll(event()), NtStatus::TIMEOUT);

    // The time-out of a broken wait is the old one.
    forget();
    let thread = start(wait_a_while, 0);
    calls::suspend(thread);
    rt::delay(600_000);
    same("suspended-over-time-out", left(), 0);
    calls::resume(thread);
    end("suspended-timed-out", thread);
    left_are("suspended-time-out", &[NtStatus::TIMEOUT.0.into()]);

    let thread = start_spinning(count);
    calls::suspend(thread);
    let counted = COUNT.load(Ordering::Relaxed);
    rt::delay(400_000);
    same("suspended-counts-not", COUNT.load(Ordering::Relaxed), counted);
    for n in 1..127 {
        let (status, before) = calls::suspend(thread);
        if (status, before) != (NtStatus::SUCCESS, n) {
            same("suspend-often", before, n);
        }
    }
    expect("suspend-too-often", calls::suspend(thread).0, NtStatus::SUSPEND_COUNT_EXCEEDED);
    same("resume-often", calls::resume(thread), (NtStatus::SUCCESS, 127));
    // A suspended thread can be ended.
    expect("terminate-suspended", calls::terminate(thread, NtStatus::SUCCESS), NtStatus::SUCCESS);
    end("terminated-suspended", thread);

    forget();
    let thread = start(suspend_self, 0);
    left_are("suspend-self", &[1]);
    same("alert-resume", calls::alert_resume(thread), (NtStatus::SUCCESS, 1));
    end("suspend-self-ends", thread);
    left_are("suspend-self-went-on", &[1, 0, 2]);
    same("resume-not-suspended", calls::resume(Handle::CURRENT_THREAD), (NtStatus::SUCCESS, 0));
    rt::close(event());
}
