//! Time: the time stamp counter read in units of 100 ns, the wall clock, and the tick that ends a quantum.
//!
//! There is no periodic interrupt. The timer is armed when a thread that can be preempted starts to
//! run and when something is due, so a boot that does neither takes none. `KUSER_SHARED_DATA` is brought up to
//! date at the start and by every interrupt; while user mode runs, the end of its quantum is one.

use hal::cell::KernelCell;
use hal::{address_space, apic, cpu, kvmclock};
use nt::kuser::offset;

use super::due::{self, Queue};
use super::sched;

/// NT's clock interval, in 100 ns: 15.625 ms.
const TICK: u64 = 156_250;
/// Longest time the timer is armed for, in 100 ns: below the 32 bits of the count at 1 GHz.
const ARM_MAX: u64 = 40_000_000;
/// 100 ns units in a millisecond.
const MILLISECOND: u64 = 10_000;
/// The wall clock where no host tells it: 2024-01-01 00:00 UTC, in 100 ns since 1601.
const UNKNOWN_DATE: u64 = 133_485_408_000_000_000;
/// Seconds from 1601 to 1970.
const UNIX_EPOCH: u64 = 11_644_473_600;
/// Binary places of [`Clock::scale`].
const SCALE_SHIFT: u32 = 40;

/// What `armed` holds when the timer will fire within a tick, at a time nobody has computed.
const QUANTUM_ARMED: u64 = u64::MAX;

pub(super) struct Clock {
    start_tsc: u64,
    /// 0 until somebody needs it.
    tsc_khz: u64,
    /// 100 ns per TSC tick, times 2 to the [`SCALE_SHIFT`].
    scale: u64,
    apic_khz: u64,
    /// System time when interrupt time was 0.
    boot_time: u64,
    /// When the timer will fire, if it is armed.
    armed: Option<u64>,
    pub(super) queue: Queue,
}

pub(super) static CLOCK: KernelCell<Clock> = KernelCell::new(Clock {
    start_tsc: 0,
    tsc_khz: 0,
    scale: 0,
    apic_khz: 0,
    boot_time: UNKNOWN_DATE,
    armed: None,
    queue: Queue::new(),
});

/// Starts time. A frequency of 0 is found out when it is needed.
pub fn init(tsc_khz: u32, apic_khz: u32) {
    let mut clock = CLOCK.lock();
    clock.start_tsc = cpu::tsc();
    clock.tsc_khz = tsc_khz.into();
    clock.apic_khz = apic_khz.into();
    if let Some((seconds, nanoseconds)) = kvmclock::wall_clock() {
        clock.boot_time = (seconds + UNIX_EPOCH) * 1000 * MILLISECOND + nanoseconds / 100;
    }
    let boot_time = clock.boot_time;
    drop(clock);
    address_space::write_shared_user_data(offset::SYSTEM_TIME, &ksystem_time(boot_time));
}

impl Clock {
    fn tsc_khz(&mut self) -> u64 {
        if self.tsc_khz == 0 {
            self.tsc_khz = kvmclock::tsc_khz().unwrap_or_else(|| {
                self.armed = None;
                apic::measure_tsc(self.apic_khz).max(1)
            });
        }
        self.tsc_khz
    }

    /// A count of the time stamp counter in 100 ns.
    fn units(&mut self, cycles: u64) -> u64 {
        if self.scale == 0 {
            self.scale = (MILLISECOND << SCALE_SHIFT) / self.tsc_khz();
        }
        ((u128::from(cycles) * u128::from(self.scale)) >> SCALE_SHIFT) as u64
    }

    /// Interrupt time: since the start of the kernel, in 100 ns.
    pub(super) fn now(&mut self) -> u64 {
        let ticks = cpu::tsc().wrapping_sub(self.start_tsc);
        self.units(ticks)
    }

    /// System time at an interrupt time.
    pub(super) fn system_time_at(&self, now: u64) -> u64 {
        self.boot_time.wrapping_add(now)
    }

    /// Interrupt time at a system time; 0 for what is before the start.
    pub(super) fn interrupt_time_at(&self, system: u64) -> u64 {
        system.saturating_sub(self.boot_time)
    }

    /// Makes sure that the timer fires at that time.
    pub(super) fn arm(&mut self, due: u64, now: u64) {
        if self.armed.is_some_and(|armed| armed <= due) {
            return;
        }
        let delay = due.saturating_sub(now).clamp(1, ARM_MAX);
        self.armed = Some(now + delay);
        apic::arm_timer((delay * self.apic_khz / MILLISECOND) as u32);
    }
}

/// A thread that can be preempted is about to run: makes sure that its quantum ends.
pub fn start_quantum() {
    let mut clock = CLOCK.lock();
    match clock.armed {
        None => {
            // No clock is read for this: the quantum is a count of the timer's own.
            clock.armed = Some(QUANTUM_ARMED);
            apic::arm_timer((TICK * clock.apic_khz / MILLISECOND) as u32);
        }
        Some(QUANTUM_ARMED) => {}
        Some(_) => {
            let now = clock.now();
            clock.arm(now + TICK, now);
        }
    }
}

/// The timer interrupt: does what is due, and ends the quantum.
pub fn tick() {
    let mut clock = CLOCK.lock();
    clock.armed = None;
    let now = clock.now();
    drop(clock);
    publish(now);
    due::expire(now);
    sched::quantum_end();
}

/// Any other interrupt: whoever is woken by it is to see the time.
pub fn update() {
    let now = CLOCK.lock().now();
    publish(now);
}

/// Brings `KUSER_SHARED_DATA` up to date.
pub(super) fn publish(now: u64) {
    let system = CLOCK.lock().system_time_at(now);
    let ticks = now / TICK;
    address_space::write_shared_user_data(offset::INTERRUPT_TIME, &ksystem_time(now));
    address_space::write_shared_user_data(offset::SYSTEM_TIME, &ksystem_time(system));
    address_space::write_shared_user_data(offset::TICK_COUNT, &ticks.to_le_bytes());
    address_space::write_shared_user_data(offset::TICK_COUNT_LOW, &(ticks as u32).to_le_bytes());
}

/// A KSYSTEM_TIME: low, high, high again.
fn ksystem_time(time: u64) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&time.to_le_bytes());
    bytes[8..].copy_from_slice(&((time >> 32) as u32).to_le_bytes());
    bytes
}

/// Interrupt time: since the start of the kernel, in 100 ns.
pub fn interrupt_time() -> u64 {
    CLOCK.lock().now()
}

/// System time: since 1601, UTC, in 100 ns.
pub fn system_time() -> u64 {
    let mut clock = CLOCK.lock();
    let now = clock.now();
    clock.system_time_at(now)
}

/// Sets system time. What is due at a system time is due earlier or later by as much; what is due after a time
/// is not affected. Returns system time as it was.
pub fn set_system_time(time: u64) -> u64 {
    let mut clock = CLOCK.lock();
    let now = clock.now();
    let before = clock.system_time_at(now);
    clock.boot_time = time.wrapping_sub(now);
    clock.arm_for_first(now);
    drop(clock);
    publish(now);
    before
}

/// How long a count of the time stamp counter is, in 100 ns.
pub fn duration(cycles: u64) -> i64 {
    CLOCK.lock().units(cycles) as i64
}

/// The system time at a time stamp, in 100 ns since 1601.
pub fn system_time_at(tsc: u64) -> i64 {
    let mut clock = CLOCK.lock();
    let start = clock.start_tsc;
    let time = clock.units(tsc.saturating_sub(start));
    clock.system_time_at(time) as i64
}

/// Frequency of the performance counter (the TSC) in Hz.
pub fn counter_frequency() -> u64 {
    CLOCK.lock().tsc_khz() * 1000
}
