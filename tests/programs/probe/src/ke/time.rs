//! System time, and what `KUSER_SHARED_DATA` says of it.

use nt::NtStatus;
use nt::kuser::offset;

use super::calls::{self, NOTIFICATION};
use super::{expect, same};
use crate::checks::verdict;
use crate::pending::hold_privilege;

/// 2020-01-01 in 100 ns since 1601.
const YEAR_2020: i64 = 132_223_104_000_000_000;
/// NT's clock interval, in 100 ns.
const TICK: u64 = 156_250;
/// SeSystemtimePrivilege.
const SYSTEMTIME: u32 = 12;
/// An hour in 100 ns.
const HOUR: i64 = 36_000_000_000;

/// Seconds from 1601 to 1970.
const UNIX_EPOCH: u64 = 11_644_473_600;

/// Prints the time in seconds since 1970.
pub fn print() {
    let seconds = calls::system_time().unsigned_abs() / 10_000_000 - UNIX_EPOCH;
    crate::costs::number(seconds);
    rt::display("\n");
}

/// Interrupt time and the ticks that it is, of one moment.
fn interrupt_time() -> (u64, u64) {
    loop {
        let before = calls::shared(offset::INTERRUPT_TIME);
        let ticks = calls::shared(offset::TICK_COUNT);
        if calls::shared(offset::INTERRUPT_TIME) == before {
            return (before, ticks);
        }
    }
}

/// The clocks agree and go on; setting one moves what is due at a time of day, and nothing else.
pub fn clocks() {
    // The shared page first: it never runs ahead.
    let shared = calls::shared(offset::SYSTEM_TIME) as i64;
    let first = calls::system_time();
    verdict("time-is-of-now", first > YEAR_2020, "before 2020");
    verdict("time-shared", (0..10_000_000).contains(&(first - shared)), "clocks differ");
    let (interrupt, ticks) = interrupt_time();
    rt::delay(500_000);
    let (interrupt_then, ticks_then) = interrupt_time();
    let (waited, ticked) = (interrupt_then - interrupt, ticks_then - ticks);
    verdict("time-interrupt", (300_000..50_000_000).contains(&waited), "another time");
    verdict("time-ticks", ticked >= 2 && ticked <= waited / TICK + 1, "another number");
    let high = calls::shared(offset::SYSTEM_TIME + 4) as u32;
    same("time-high-twice", calls::shared(offset::SYSTEM_TIME + 8) as u32, high);
    let second = calls::system_time();
    verdict("time-goes-on", second - first >= 500_000, "it did not");
    verdict("time-passes-without-calls", spins_until_later(), "the shared page stood still");

    let event = calls::event(NOTIFICATION, false);
    let (_, timer) = calls::timer("", NOTIFICATION);
    calls::set_timer(timer, calls::system_time() + HOUR / 2, None, 0);
    expect("time-absolute-not-due", calls::wait(timer, Some(-10_000)), NtStatus::TIMEOUT);
    expect("time-not-allowed", calls::set_system_time(second).0, NtStatus::PRIVILEGE_NOT_HELD);
    hold_privilege(SYSTEMTIME, true);
    let (set, before) = calls::set_system_time(calls::system_time() + HOUR);
    expect("time-set", set, NtStatus::SUCCESS);
    let shared = calls::shared(offset::SYSTEM_TIME) as i64;
    let after = calls::system_time();
    verdict("time-moved", (HOUR..HOUR + 10_000_000).contains(&(after - before)), "another time");
    verdict("time-moved-shared", (0..10_000_000).contains(&(after - shared)), "clocks differ");
    expect("time-absolute-due", calls::wait(timer, Some(-10_000_000)), NtStatus::SUCCESS);
    expect("time-relative-not", calls::wait(event, Some(-20_000)), NtStatus::TIMEOUT);
    for bad in [0, -1, i64::MIN, i64::MAX] {
        expect("time-refused", calls::set_system_time(bad).0, NtStatus::INVALID_PARAMETER);
    }
    same("time-set-back", calls::set_system_time(after - HOUR).0, NtStatus::SUCCESS);
    hold_privilege(SYSTEMTIME, false);
    rt::close(event);
    rt::close(timer);
}

/// Whether the shared page goes on while nothing but user mode runs.
fn spins_until_later() -> bool {
    let start = calls::shared(offset::INTERRUPT_TIME);
    (0..2_000_000_000_u64).any(|_| {
        core::hint::spin_loop();
        calls::shared(offset::INTERRUPT_TIME) > start
    })
}
