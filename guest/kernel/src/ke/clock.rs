//! Time: the time stamp counter read in units of 100 ns, timers, and the tick that ends a quantum.
//!
//! There is no periodic interrupt. The timer is armed when a thread that can be preempted starts to
//! run and when somebody waits with a time-out, so a boot that does neither takes none.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

use hal::cell::KernelCell;
use hal::{address_space, apic, cpu, kvmclock};
use nt::NtStatus;
use nt::kuser::offset;
use nt::types::{Boolean, UserPtr};

use super::service::NtResult;
use super::{sched, wait};
use crate::mm::user;
use crate::ps::Thread;

/// NT's clock interval, in 100 ns: 15.625 ms.
const TICK: u64 = 156_250;
/// Longest time the timer is armed for, in 100 ns: below the 32 bits of the count at 1 GHz.
const ARM_MAX: u64 = 40_000_000;

/// What `armed` holds when the timer will fire within a tick, at a time nobody has computed.
const QUANTUM_ARMED: u64 = u64::MAX;

struct Clock {
    start_tsc: u64,
    /// 0 until somebody needs it.
    tsc_khz: u64,
    apic_khz: u64,
    /// When the timer will fire, if it is armed.
    armed: Option<u64>,
    /// Threads that wait with a time-out, by the time they wake; the second part keeps keys apart.
    timers: BTreeMap<(u64, u32), Arc<Thread>>,
}

static CLOCK: KernelCell<Clock> =
    KernelCell::new(Clock { start_tsc: 0, tsc_khz: 0, apic_khz: 0, armed: None, timers: BTreeMap::new() });

/// Starts time. A frequency of 0 is found out when it is needed.
pub fn init(tsc_khz: u32, apic_khz: u32) {
    let mut clock = CLOCK.lock();
    clock.start_tsc = cpu::tsc();
    clock.tsc_khz = tsc_khz.into();
    clock.apic_khz = apic_khz.into();
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

    /// Time since the start of the kernel in 100 ns.
    fn now(&mut self) -> u64 {
        let ticks = cpu::tsc().wrapping_sub(self.start_tsc);
        (u128::from(ticks) * 10_000 / u128::from(self.tsc_khz())) as u64
    }

    fn arm(&mut self, due: u64, now: u64) {
        if self.armed.is_some_and(|armed| armed <= due) {
            return;
        }
        let delay = due.saturating_sub(now).clamp(1, ARM_MAX);
        self.armed = Some(now + delay);
        apic::arm_timer((delay * self.apic_khz / 10_000) as u32);
    }
}

/// A thread that can be preempted is about to run: makes sure that its quantum ends.
pub fn start_quantum() {
    let mut clock = CLOCK.lock();
    match clock.armed {
        None => {
            // No clock is read for this: the quantum is a count of the timer's own.
            clock.armed = Some(QUANTUM_ARMED);
            apic::arm_timer((TICK * clock.apic_khz / 10_000) as u32);
        }
        Some(QUANTUM_ARMED) => {}
        Some(_) => {
            let now = clock.now();
            clock.arm(now + TICK, now);
        }
    }
}

/// The timer interrupt: wakes who is due, tells time, and ends the quantum.
pub fn tick() {
    let mut clock = CLOCK.lock();
    clock.armed = None;
    let now = clock.now();
    while let Some(first) = clock.timers.first_entry() {
        if first.key().0 > now {
            break;
        }
        let thread = first.remove();
        drop(clock);
        wait::timed_out(&thread);
        clock = CLOCK.lock();
    }
    if let Some(&(due, _)) = clock.timers.keys().next() {
        clock.arm(due, now);
    }
    drop(clock);
    address_space::write_shared_user_data(offset::INTERRUPT_TIME, &ksystem_time(now));
    address_space::write_shared_user_data(offset::TICK_COUNT, &(now / TICK).to_le_bytes());
    sched::quantum_end();
}

/// A KSYSTEM_TIME: low, high, high again.
fn ksystem_time(time: u64) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&time.to_le_bytes());
    bytes[8..].copy_from_slice(&((time >> 32) as u32).to_le_bytes());
    bytes
}

/// A time-out of a wait: negative relative, positive absolute, in 100 ns. Returns the key that
/// cancels it.
pub fn set_timer(thread: &Arc<Thread>, timeout: i64) -> (u64, u32) {
    let mut clock = CLOCK.lock();
    let now = clock.now();
    let due = if timeout <= 0 { now.saturating_add(timeout.unsigned_abs()) } else { timeout.unsigned_abs() };
    let key = (due, thread.id());
    clock.timers.insert(key, thread.clone());
    clock.arm(due, now);
    key
}

/// Cancels a time-out.
pub fn cancel_timer(key: (u64, u32)) {
    CLOCK.lock().timers.remove(&key);
}

/// How long a count of the time stamp counter is, in 100 ns.
pub fn duration(cycles: u64) -> i64 {
    (u128::from(cycles) * 10_000 / u128::from(CLOCK.lock().tsc_khz())) as i64
}

/// The system time at a time stamp, in 100 ns since 1601.
pub fn system_time_at(tsc: u64) -> i64 {
    let start = CLOCK.lock().start_tsc;
    duration(tsc.saturating_sub(start))
}

/// `NtDelayExecution`.
pub fn delay_execution(_alertable: Boolean, interval: UserPtr<i64>) -> NtResult {
    let interval = i64::from_le_bytes(user::read(UserPtr::<[u8; 8]>::new(interval.address))?);
    if interval == 0 {
        sched::yield_now();
        return Ok(NtStatus::SUCCESS);
    }
    wait::delay(interval);
    Ok(NtStatus::SUCCESS)
}

/// `NtQueryPerformanceCounter`.
pub fn query_performance_counter(counter: UserPtr<i64>, frequency: UserPtr<i64>) -> NtResult {
    user::write(counter.address, &cpu::tsc().to_le_bytes())?;
    if !frequency.is_null() {
        let khz = CLOCK.lock().tsc_khz();
        user::write(frequency.address, &(khz * 1000).to_le_bytes())?;
    }
    Ok(NtStatus::SUCCESS)
}
