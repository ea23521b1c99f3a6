//! The guest's time stamp counter is made the host's, so that both stamp events on one clock.
#![expect(unsafe_code, reason = "an ioctl that kvm-ioctls offers on other architectures only")]

use kvm_bindings::{KVM_VCPU_TSC_CTRL, KVM_VCPU_TSC_OFFSET, KVMIO, Msrs, kvm_device_attr, kvm_msr_entry};
use kvm_ioctls::VcpuFd;
use vmm_sys_util::ioctl::ioctl_with_ref;
use vmm_sys_util::ioctl_iow_nr;

use crate::clock::rdtsc;

ioctl_iow_nr!(KVM_SET_DEVICE_ATTR, KVMIO, 0xe1, kvm_device_attr);

/// IA32_TIME_STAMP_COUNTER.
const MSR_IA32_TSC: u32 = 0x10;
/// Two counters further apart than this many ticks are not "the same": about 0.1 ms.
const CLOSE: u64 = 300_000;

/// How the guest's counter relates to the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TscMode {
    /// Guest counter minus host counter.
    pub offset: i64,
    /// The guest counter's frequency in kHz; 0 when KVM does not know it.
    pub khz: u32,
}

/// Sets the guest's counter to the host's, by the best means the host has.
pub(super) fn align_to_host(fd: &VcpuFd) -> TscMode {
    let khz = fd.get_tsc_khz().unwrap_or(0);
    let offset = if set_offset_zero(fd) { 0 } else { set_counter(fd) };
    TscMode { offset, khz }
}

/// The exact way (Linux 5.16): the offset itself is an attribute of the vCPU.
fn set_offset_zero(fd: &VcpuFd) -> bool {
    let offset = 0u64;
    let attr = kvm_device_attr {
        group: KVM_VCPU_TSC_CTRL,
        attr: KVM_VCPU_TSC_OFFSET.into(),
        addr: (&raw const offset) as u64,
        flags: 0,
    };
    // SAFETY: the descriptor is a vCPU's, the argument is the structure this ioctl reads, and its
    // `addr` points to the eight bytes that this attribute has KVM read, alive until we return.
    unsafe { ioctl_with_ref(fd, KVM_SET_DEVICE_ATTR(), &attr) == 0 }
}

/// The older way: write the counter, read it back, and keep what is left as the offset.
fn set_counter(fd: &VcpuFd) -> i64 {
    let entry = |data| kvm_msr_entry { index: MSR_IA32_TSC, data, ..Default::default() };
    if let Ok(msrs) = Msrs::from_entries(&[entry(rdtsc())]) {
        // A failure shows in what is read back.
        let _ = fd.set_msrs(&msrs);
    }
    let Ok(mut msrs) = Msrs::from_entries(&[entry(0)]) else {
        return 0;
    };
    let before = rdtsc();
    if !matches!(fd.get_msrs(&mut msrs), Ok(1)) {
        return 0;
    }
    let after = rdtsc();
    let guest = msrs.as_slice()[0].data;
    let host = before + (after - before) / 2;
    match guest.abs_diff(host) {
        // KVM takes a write close to the host's counter for an attempt to synchronise, and makes it exact.
        close if close < CLOSE && close <= after - before => 0,
        _ => guest.wrapping_sub(host) as i64,
    }
}
