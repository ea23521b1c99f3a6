//! The decisions of a serial driver against the words of the documentation.

use serialcore::{LineControl, Ring, State, Timeouts, Verdict, divisor};

const MS: u64 = 10_000;
const MAX: u32 = u32::MAX;

fn timeouts(interval: u32, multiplier: u32, constant: u32) -> Timeouts {
    Timeouts::from_fields([interval, multiplier, constant, 0, 0]).expect("sensible")
}

fn verdict(timeouts: Timeouts, (got, wanted): (usize, usize), last: u64, now: u64) -> Verdict {
    timeouts.read(wanted, 1000 * MS).verdict(State { got, wanted, last }, now)
}

#[test]
fn without_timeouts_a_read_waits_for_all_of_it() {
    let none = Timeouts::default();
    assert_eq!(verdict(none, (0, 3), 0, u64::MAX), Verdict::Wait(None));
    assert_eq!(verdict(none, (2, 3), 0, u64::MAX), Verdict::Wait(None));
    assert_eq!(verdict(none, (3, 3), 0, 0), Verdict::Done);
    assert_eq!(verdict(none, (0, 0), 0, 0), Verdict::Done);
}

#[test]
fn the_total_counts_from_the_start_and_grows_with_the_length() {
    let total = timeouts(0, 2, 10);
    assert_eq!(verdict(total, (0, 5), 0, 1000 * MS), Verdict::Wait(Some(1020 * MS)));
    assert_eq!(verdict(total, (4, 5), 0, 1020 * MS - 1), Verdict::Wait(Some(1020 * MS)));
    assert_eq!(verdict(total, (4, 5), 0, 1020 * MS), Verdict::TimedOut);
    assert_eq!(verdict(total, (5, 5), 0, 2000 * MS), Verdict::Done);
}

#[test]
fn the_interval_counts_from_the_last_byte_and_not_before_the_first() {
    let interval = timeouts(5, 0, 0);
    assert_eq!(verdict(interval, (0, 9), 0, u64::MAX), Verdict::Wait(None));
    assert_eq!(verdict(interval, (1, 9), 1001 * MS, 1002 * MS), Verdict::Wait(Some(1006 * MS)));
    assert_eq!(verdict(interval, (1, 9), 1001 * MS, 1006 * MS), Verdict::TimedOut);
    let both = timeouts(5, 0, 3);
    assert_eq!(verdict(both, (1, 9), 1001 * MS, 1002 * MS), Verdict::Wait(Some(1003 * MS)));
}

#[test]
fn the_three_meanings_of_maxulong() {
    // Whatever there is, at once.
    assert_eq!(verdict(timeouts(MAX, 0, 0), (0, 9), 0, 0), Verdict::Done);
    // As soon as there is something, or after the constant.
    let any = timeouts(MAX, MAX, 7);
    assert_eq!(verdict(any, (1, 9), 0, u64::MAX), Verdict::Done);
    assert_eq!(verdict(any, (0, 9), 0, 1000 * MS), Verdict::Wait(Some(1007 * MS)));
    assert_eq!(verdict(any, (0, 9), 0, 1007 * MS), Verdict::TimedOut);
    // All three: refused.
    assert_eq!(Timeouts::from_fields([MAX, MAX, MAX, 0, 0]), None);
    // Alone it is no interval at all.
    assert_eq!(verdict(timeouts(MAX, 0, 7), (1, 9), 0, 1001 * MS), Verdict::Wait(Some(1007 * MS)));
}

#[test]
fn nothing_overflows() {
    let most = Timeouts::from_fields([1, MAX, MAX, MAX, MAX]).expect("sensible");
    let plan = most.read(usize::MAX, u64::MAX);
    let state = State { got: 1, wanted: 2, last: u64::MAX };
    assert_eq!(plan.verdict(state, u64::MAX), Verdict::TimedOut);
    assert_eq!(most.write_end(usize::MAX, u64::MAX), Some(u64::MAX));
    assert_eq!(Timeouts::default().write_end(9, 9), None);
}

#[test]
fn a_full_buffer_keeps_the_old_and_counts_the_new() {
    let mut ring = Ring::new(4);
    assert_eq!(ring.push(b"abc"), 0);
    assert_eq!(ring.push(b"def"), 2);
    assert_eq!((ring.len(), ring.room(), ring.lost()), (4, 0, 2));
    let mut got = Vec::new();
    ring.take(3, &mut got);
    assert_eq!(ring.push(b"xy"), 0);
    ring.take(usize::MAX, &mut got);
    assert_eq!(got, b"abcdxy");
    ring.push(b"1234");
    ring.set_limit(2);
    assert_eq!((ring.len(), ring.room()), (4, 0));
    ring.clear();
    assert!(ring.is_empty());
}

#[test]
fn divisors_of_the_rates_that_there_are() {
    for (baud, expected) in
        [(115_200, 1), (57_600, 2), (38_400, 3), (9600, 12), (1200, 96), (110, 1047), (2, 57_600)]
    {
        assert_eq!(divisor(baud), Some(expected), "{baud}");
    }
    for baud in [0, 1, 100_000, 230_400, u32::MAX] {
        assert_eq!(divisor(baud), None, "{baud}");
    }
}

#[test]
fn line_control_registers() {
    let register = |stop_bits, parity, word_length| LineControl { stop_bits, parity, word_length }.register();
    assert_eq!(LineControl::DEFAULT.register(), Some(0x03));
    assert_eq!(register(2, 2, 7), Some(0x1E));
    assert_eq!(register(1, 1, 5), Some(0x0C));
    assert_eq!(register(0, 4, 8), Some(0x3B));
    for wrong in [(1, 0, 8), (2, 0, 5), (0, 5, 8), (0, 0, 4), (0, 0, 9), (3, 0, 8)] {
        assert_eq!(register(wrong.0, wrong.1, wrong.2), None, "{wrong:?}");
    }
}
