//! One clock for both sides of the VM: the time stamp counter, converted to microseconds since the
//! monitor's first instruction in `main`.
//!
//! Time 0 is the start of `main`, not of `exec`: what the kernel did before (about half a millisecond
//! for a static binary) cannot be seen from inside at this resolution.
#![expect(unsafe_code, reason = "the rdtsc instruction and clock_gettime")]

/// The processor's time stamp counter.
pub fn rdtsc() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and Linux lets user mode execute it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Time stamp counter.
    pub tsc: u64,
    /// `CLOCK_MONOTONIC` in nanoseconds.
    pub ns: u64,
}

impl Stamp {
    /// Reads both clocks; the counter is taken in the middle.
    pub fn now() -> Self {
        let before = rdtsc();
        let ns = monotonic_ns();
        let after = rdtsc();
        Self { tsc: before + after.saturating_sub(before) / 2, ns }
    }
}

fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the result.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Converts counter values to microseconds since the start.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Stamp,
    ns_per_tick: f64,
}

impl Clock {
    /// From two readings of both clocks, the first of which is time 0.
    pub fn calibrate(start: Stamp, end: Stamp) -> Self {
        let ticks = end.tsc.saturating_sub(start.tsc).max(1) as f64;
        let ns = end.ns.saturating_sub(start.ns) as f64;
        Self { start, ns_per_tick: ns / ticks }
    }

    /// Time 0.
    pub fn start(&self) -> Stamp {
        self.start
    }

    /// Microseconds from the start to the moment `tsc`; negative before it.
    pub fn us(&self, tsc: u64) -> f64 {
        tsc.wrapping_sub(self.start.tsc) as i64 as f64 * self.ns_per_tick / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counter_is_converted_linearly_from_the_start() {
        let clock = Clock::calibrate(Stamp { tsc: 1000, ns: 50 }, Stamp { tsc: 4000, ns: 1050 });
        assert_eq!(clock.us(1000), 0.0);
        assert!((clock.us(4000) - 1.0).abs() < 1e-9);
        assert!((clock.us(0) + 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn both_clocks_advance() {
        let first = Stamp::now();
        let second = Stamp::now();
        assert!(second.tsc >= first.tsc && second.ns >= first.ns);
    }
}
