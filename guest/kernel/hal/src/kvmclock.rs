//! The TSC frequency and the date as KVM's paravirtual clock tells them. Source: Linux
//! `Documentation/virt/kvm/x86/msr.rst`, MSR_KVM_SYSTEM_TIME_NEW and MSR_KVM_WALL_CLOCK_NEW.

use core::cell::UnsafeCell;

use crate::{cpu, phys};

const MSR_WALL_CLOCK_NEW: u32 = 0x4B56_4D00;
const MSR_SYSTEM_TIME_NEW: u32 = 0x4B56_4D01;
const NANOSECONDS: u64 = 1_000_000_000;
const ENABLE: u64 = 1;
/// CPUID 0x40000001 EAX: the MSR exists.
const FEATURE_CLOCKSOURCE2: u32 = 1 << 3;
/// `KVMKVMKVM` in EBX and ECX of CPUID 0x40000000.
const SIGNATURE: [u32; 2] = [0x4B4D_564B, 0x564B_4D56];

/// `pvclock_vcpu_time_info`.
#[repr(C, align(32))]
#[derive(Clone, Copy)]
struct TimeInfo {
    version: u32,
    reserved: u32,
    tsc_timestamp: u64,
    system_time: u64,
    tsc_to_system_mul: u32,
    tsc_shift: i8,
    flags: u8,
    padding: [u8; 2],
}

/// `pvclock_wall_clock`.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct WallClock {
    version: u32,
    seconds: u32,
    nanoseconds: u32,
}

struct Shared<T>(UnsafeCell<T>);

// SAFETY: written by the host at the MSR write and read after it, by the one processor.
unsafe impl<T> Sync for Shared<T> {}

static WALL: Shared<WallClock> =
    Shared(UnsafeCell::new(WallClock { version: 0, seconds: 0, nanoseconds: 0 }));

static INFO: Shared<TimeInfo> = Shared(UnsafeCell::new(TimeInfo {
    version: 0,
    reserved: 0,
    tsc_timestamp: 0,
    system_time: 0,
    tsc_to_system_mul: 0,
    tsc_shift: 0,
    flags: 0,
    padding: [0; 2],
}));

/// Whether the host is a KVM that has the clock.
fn is_there() -> bool {
    let hypervisor = cpu::cpuid(0x4000_0000);
    [hypervisor.ebx, hypervisor.ecx] == SIGNATURE && cpu::cpuid(0x4000_0001).eax & FEATURE_CLOCKSOURCE2 != 0
}

/// Lets the host write its time once.
fn read_time() -> TimeInfo {
    let place = INFO.0.get();
    // SAFETY: the host writes 32 bytes to `INFO`, which is made for it, and no more once disabled.
    unsafe {
        cpu::write_msr(MSR_SYSTEM_TIME_NEW, phys::address_of(place) | ENABLE);
        let info = place.read_volatile();
        cpu::write_msr(MSR_SYSTEM_TIME_NEW, 0);
        info
    }
}

/// The wall clock now: seconds since 1970, UTC, and nanoseconds. `None` when the host is no KVM that tells it.
pub fn wall_clock() -> Option<(u64, u64)> {
    if !is_there() {
        return None;
    }
    let place = WALL.0.get();
    // SAFETY: the host writes 12 bytes to `WALL`, which is made for it, now and never again.
    let start = unsafe {
        cpu::write_msr(MSR_WALL_CLOCK_NEW, phys::address_of(place));
        place.read_volatile()
    };
    if start.seconds == 0 {
        return None;
    }
    // The wall clock of the time when the system time was 0, which it was before this machine's start.
    let nanoseconds = u64::from(start.nanoseconds) + read_time().system_time;
    Some((u64::from(start.seconds) + nanoseconds / NANOSECONDS, nanoseconds % NANOSECONDS))
}

/// TSC frequency in kHz, if the host is a KVM that has the clock.
pub fn tsc_khz() -> Option<u64> {
    if !is_there() {
        return None;
    }
    let info = read_time();
    if info.tsc_to_system_mul == 0 {
        return None;
    }
    let khz = (1_000_000u64 << 32) / u64::from(info.tsc_to_system_mul);
    Some(match info.tsc_shift {
        shift @ ..0 => khz << shift.unsigned_abs(),
        shift => khz >> shift,
    })
}
