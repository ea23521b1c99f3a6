//! The processor: control registers, MSRs, the time stamp counter, idling.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::ring0;

/// IA32_APIC_BASE.
pub(crate) const MSR_APIC_BASE: u32 = 0x1B;
const MSR_GS_BASE: u32 = 0xC000_0101;

/// User code selector with its privilege level.
pub const USER_CS: u16 = 0x33;
/// User data selector with its privilege level.
pub const USER_SS: u16 = 0x2B;

unsafe extern "C" {
    safe static hal_fault_address: AtomicU64;
}

/// Writes an MSR.
///
/// # Safety
/// The value must keep every invariant of the running kernel.
#[inline]
pub(crate) unsafe fn write_msr(msr: u32, value: u64) {
    // SAFETY: the caller answers for the value.
    unsafe { ring0::operate(ring0::WRITE_MSR, msr.into(), value, 0) };
}

/// Reads an MSR that exists.
#[inline]
pub(crate) fn read_msr(msr: u32) -> u64 {
    // SAFETY: reading the MSRs this crate names has no side effect.
    unsafe { ring0::operate(ring0::READ_MSR, msr.into(), 0, 0) }
}

/// A leaf of CPUID, subleaf 0: EAX, EBX, ECX, EDX. In ring 3 the instruction itself may tell of the host's processor.
pub(crate) fn cpuid(leaf: u32) -> Leaf {
    let mut leaf_of = Leaf::default();
    // SAFETY: it writes 16 bytes to a place that is made for them.
    unsafe { ring0::operate(ring0::CPUID, leaf.into(), 0, (&raw mut leaf_of).addr() as u64) };
    leaf_of
}

/// What a leaf of CPUID says.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Leaf {
    pub(crate) eax: u32,
    pub(crate) ebx: u32,
    pub(crate) ecx: u32,
    pub(crate) edx: u32,
}

/// The time stamp counter.
#[inline]
pub fn tsc() -> u64 {
    // SAFETY: `rdtsc` is allowed everywhere and has no effect on memory.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Sets the GS base of user mode: the thread's TEB. The kernel itself uses no GS, so nothing is
/// swapped at entry.
#[inline]
pub fn set_user_gs_base(teb: u64) {
    // SAFETY: only user mode reads through GS; a bad base faults there. User addresses are canonical.
    unsafe { write_msr(MSR_GS_BASE, teb & 0x7FFF_FFFF_FFFF) }
}

/// The address the last page fault was about.
#[inline]
pub fn fault_address() -> u64 {
    hal_fault_address.load(Ordering::Relaxed)
}

/// Where the caller is: its instruction and stack pointer, for a crash record.
#[inline(always)]
pub fn here() -> (u64, u64) {
    let (rip, rsp): (u64, u64);
    // SAFETY: it only reads two registers.
    unsafe {
        asm!("lea {}, [rip]", "mov {}, rsp", out(reg) rip, out(reg) rsp, options(nomem, nostack, preserves_flags));
    }
    (rip, rsp)
}

/// The page-table root that the kernel runs on.
#[inline]
pub fn page_table_root() -> u64 {
    ring0::root()
}

/// Waits for an interrupt; with interrupts on for just that instruction. The interrupt is recorded
/// (see [`crate::trap::take_interrupt`]) and interrupts are off again on return.
#[inline]
pub fn idle() {
    // SAFETY: `ring0.s` handles an interrupt in ring 0 by recording it and clearing IF in the frame it returns through.
    unsafe { ring0::operate(ring0::IDLE, 0, 0, 0) };
}

/// Stops for good.
pub fn halt() -> ! {
    loop {
        // SAFETY: halting with interrupts off stops the machine, which is what the caller wants.
        unsafe { ring0::operate(ring0::HALT, 0, 0, 0) };
    }
}

/// What the processor says of itself that the kernel needs.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// x2APIC mode exists.
    pub x2apic: bool,
    /// TSC frequency in kHz, 0 when nobody says.
    pub tsc_khz: u32,
    /// Local APIC timer frequency in kHz, 0 when nobody says.
    pub apic_khz: u32,
}

/// Asks the processor. Each question may be an exit on a hardware host, so it is asked once.
pub fn features() -> Features {
    let leaf1 = cpuid(1);
    let mut features = Features { x2apic: leaf1.ecx & 1 << 21 != 0, tsc_khz: 0, apic_khz: 0 };
    if leaf1.ecx & 1 << 31 != 0 && (0x4000_0010..0x4000_0100).contains(&cpuid(0x4000_0000).eax) {
        let frequencies = cpuid(0x4000_0010);
        (features.tsc_khz, features.apic_khz) = (frequencies.eax, frequencies.ebx);
    }
    features
}

/// Which processor it is.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The vendor's name, ASCII.
    pub vendor: [u8; 12],
    /// The model's name, ASCII with NULs behind it.
    pub brand: [u8; 48],
    /// Family, extended as the manuals say.
    pub family: u32,
    /// Model, extended.
    pub model: u32,
    /// Stepping.
    pub stepping: u32,
    /// CPUID leaf 1, EDX.
    pub features: u32,
}

/// Asks the processor who it is.
pub fn identity() -> Identity {
    let [leaf0, leaf1] = [cpuid(0), cpuid(1)];
    let signature = leaf1.eax;
    let (family, model) = (signature >> 8 & 15, signature >> 4 & 15);
    let extended = family == 15 || family == 6;
    let mut identity = Identity {
        vendor: [0; 12],
        brand: [0; 48],
        family: family + if family == 15 { signature >> 20 & 0xFF } else { 0 },
        model: model + if extended { (signature >> 16 & 15) << 4 } else { 0 },
        stepping: signature & 15,
        features: leaf1.edx,
    };
    for (to, from) in identity.vendor.chunks_exact_mut(4).zip([leaf0.ebx, leaf0.edx, leaf0.ecx]) {
        to.copy_from_slice(&from.to_le_bytes());
    }
    if cpuid(0x8000_0000).eax >= 0x8000_0004 {
        for (to, leaf) in identity.brand.chunks_exact_mut(16).zip(0x8000_0002..) {
            let part = cpuid(leaf);
            for (to, from) in to.chunks_exact_mut(4).zip([part.eax, part.ebx, part.ecx, part.edx]) {
                to.copy_from_slice(&from.to_le_bytes());
            }
        }
    }
    identity
}

/// Resets a machine that has no other way: an exception with no descriptor table to handle it.
pub(crate) fn triple_fault() -> ! {
    loop {
        // SAFETY: it ends the machine's run, which is what the caller wants.
        unsafe { ring0::operate(ring0::TRIPLE_FAULT, 0, 0, 0) };
    }
}
