//! The TSC frequency as KVM's paravirtual clock tells it. Source: Linux
//! `Documentation/virt/kvm/x86/msr.rst`, MSR_KVM_SYSTEM_TIME_NEW.

use core::arch::x86_64::__cpuid;
use core::cell::UnsafeCell;

use crate::{cpu, phys};

const MSR_SYSTEM_TIME_NEW: u32 = 0x4B56_4D01;
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

struct Shared(UnsafeCell<TimeInfo>);

// SAFETY: written by the host at the MSR write and read after it, by the one processor.
unsafe impl Sync for Shared {}

static INFO: Shared = Shared(UnsafeCell::new(TimeInfo {
    version: 0,
    reserved: 0,
    tsc_timestamp: 0,
    system_time: 0,
    tsc_to_system_mul: 0,
    tsc_shift: 0,
    flags: 0,
    padding: [0; 2],
}));

/// TSC frequency in kHz, if the host is a KVM that has the clock.
pub fn tsc_khz() -> Option<u64> {
    let hypervisor = __cpuid(0x4000_0000);
    if [hypervisor.ebx, hypervisor.ecx] != SIGNATURE || __cpuid(0x4000_0001).eax & FEATURE_CLOCKSOURCE2 == 0 {
        return None;
    }
    let place = INFO.0.get();
    // SAFETY: the host writes 32 bytes to `INFO`, which is made for it, and no more once disabled.
    let info = unsafe {
        cpu::write_msr(MSR_SYSTEM_TIME_NEW, phys::address_of(place) | ENABLE);
        let info = place.read_volatile();
        cpu::write_msr(MSR_SYSTEM_TIME_NEW, 0);
        info
    };
    if info.tsc_to_system_mul == 0 {
        return None;
    }
    let khz = (1_000_000u64 << 32) / u64::from(info.tsc_to_system_mul);
    Some(match info.tsc_shift {
        shift @ ..0 => khz << shift.unsigned_abs(),
        shift => khz >> shift,
    })
}
