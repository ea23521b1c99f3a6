//! Timer objects.

use nt::NtStatus;

use super::calls::{self, Kind, NOTIFICATION, SYNCHRONIZATION};
use super::{expect, forget, leave, left, left_are, same, value};
use crate::checks::verdict;

/// A second from now on.
const SECOND: i64 = -10_000_000;

extern "win64" fn note(context: u64, low: u64, high: u64) {
    leave(context);
    leave(low | high << 32);
}

/// Once and again and again, set and cancelled, with and without an APC.
pub fn timers() {
    let (made, timer) = calls::timer("", NOTIFICATION);
    expect("timer", made, NtStatus::SUCCESS);
    expect("timer-not-set", calls::poll(timer), NtStatus::TIMEOUT);
    same("timer-set", calls::set_timer(timer, SECOND, None, 0), (NtStatus::SUCCESS, 0));
    expect("timer-not-due", calls::poll(timer), NtStatus::TIMEOUT);
    same("timer-set-other", calls::set_timer(timer, -20_000, None, 0), (NtStatus::SUCCESS, 0));
    expect("timer-due", calls::wait(timer, Some(SECOND)), NtStatus::SUCCESS);
    expect("timer-stays", calls::poll(timer), NtStatus::SUCCESS);
    same("timer-set-again", calls::set_timer(timer, SECOND, None, 0), (NtStatus::SUCCESS, 1));
    expect("timer-reset", calls::poll(timer), NtStatus::TIMEOUT);
    let mut buffer = [0; 16];
    same("timer-query", calls::query(Kind::Timer, timer, 0, &mut buffer), (NtStatus::SUCCESS, 16));
    let left_over = buffer.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
    verdict("timer-time-left", (1..=-SECOND).contains(&left_over), "another time");
    same("timer-cancel", calls::cancel(timer), (NtStatus::SUCCESS, 0));
    same("timer-due-at-once", calls::set_timer(timer, 0, None, 0), (NtStatus::SUCCESS, 0));
    expect("timer-was-due-at-once", calls::poll(timer), NtStatus::SUCCESS);
    same("timer-cancel-keeps-signal", calls::cancel(timer), (NtStatus::SUCCESS, 1));
    let due = calls::system_time() + 20_000;
    calls::set_timer(timer, due, None, 0);
    expect("timer-absolute", calls::wait(timer, Some(SECOND)), NtStatus::SUCCESS);
    expect("timer-period", calls::set_timer(timer, -1, None, -1).0, NtStatus::INVALID_PARAMETER_6);
    expect("timer-type", calls::timer("", 2).0, NtStatus::INVALID_PARAMETER_4);
    rt::close(timer);

    let (_, timer) = calls::timer("", SYNCHRONIZATION);
    calls::set_timer(timer, -10_000, None, 2);
    for _ in 0..3 {
        expect("timer-again", calls::wait(timer, Some(SECOND)), NtStatus::SUCCESS);
    }
    calls::cancel(timer);
    calls::poll(timer);
    expect("timer-taken", calls::poll(timer), NtStatus::TIMEOUT);
    expect("timer-cancelled", calls::wait(timer, Some(-50_000)), NtStatus::TIMEOUT);
    rt::close(timer);
    let (_, named) = calls::timer(r"\TestTimer", NOTIFICATION);
    let (opened, other) = calls::open(Kind::Timer, r"\TestTimer", calls::ALL);
    expect("timer-opened", opened, NtStatus::SUCCESS);
    rt::close(named);
    rt::close(other);
    // A timer that is closed while it is set is not due any more.
    let (_, timer) = calls::timer("", SYNCHRONIZATION);
    calls::set_timer(timer, -10_000, None, 1);
    rt::close(timer);
    rt::delay(50_000);
}

/// The APC of a timer.
pub fn apcs() {
    let (_, timer) = calls::timer("", SYNCHRONIZATION);
    forget();
    let before = calls::system_time();
    calls::set_timer(timer, -10_000, Some((note, 0x5A5A)), 0);
    expect("timer-apc", calls::delay(true, SECOND), NtStatus::USER_APC);
    same("timer-apc-context", (left(), value(0)), (2, 0x5A5A));
    let time = value(1) as i64;
    verdict("timer-apc-time", (before..=calls::system_time()).contains(&time), "another time");
    // Not delivered twice at once, and taken back when the timer is cancelled.
    forget();
    calls::set_timer(timer, -1, Some((note, 1)), 50);
    rt::delay(1_600_000);
    calls::test_alert();
    same("timer-apc-once", left(), 2);
    rt::delay(600_000);
    calls::cancel(timer);
    calls::test_alert();
    same("timer-apc-taken-back", left(), 2);
    // Nobody else's alertable wait gets it.
    forget();
    calls::set_timer(timer, -1, None, 0);
    expect("timer-no-apc", calls::delay(true, -20_000), NtStatus::SUCCESS);
    left_are("timer-no-apc-came", &[]);
    rt::close(timer);
}
