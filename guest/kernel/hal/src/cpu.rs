//! The processor: control registers, MSRs, the time stamp counter, idling.

use core::arch::asm;
use core::arch::x86_64::__cpuid;

/// IA32_APIC_BASE.
pub(crate) const MSR_APIC_BASE: u32 = 0x1B;
const MSR_STAR: u32 = 0xC000_0081;
const MSR_LSTAR: u32 = 0xC000_0082;
const MSR_FMASK: u32 = 0xC000_0084;
const MSR_GS_BASE: u32 = 0xC000_0101;

/// Kernel code selector.
pub const KERNEL_CS: u16 = 0x10;
/// User code selector with its privilege level.
pub const USER_CS: u16 = 0x33;
/// User data selector with its privilege level.
pub const USER_SS: u16 = 0x2B;

unsafe extern "C" {
    safe static ki_system_call_64: u8;
}

/// Writes an MSR.
///
/// # Safety
/// The value must keep every invariant of the running kernel.
#[inline]
pub(crate) unsafe fn write_msr(msr: u32, value: u64) {
    // SAFETY: the caller answers for the value.
    unsafe {
        asm!("wrmsr", in("ecx") msr, in("eax") value as u32, in("edx") (value >> 32) as u32,
             options(nostack, preserves_flags));
    }
}

/// Reads an MSR that exists.
#[inline]
pub(crate) fn read_msr(msr: u32) -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: reading the MSRs this crate names has no side effect.
    unsafe {
        asm!("rdmsr", in("ecx") msr, out("eax") low, out("edx") high, options(nostack, preserves_flags));
    }
    u64::from(high) << 32 | u64::from(low)
}

/// Enables `syscall`: entry point, selectors, and the flags it clears (IF, TF, DF, AC, NT).
pub fn enable_system_calls() {
    let entry = &raw const ki_system_call_64 as u64;
    // SAFETY: the selectors are those of the GDT in entry.s, the entry point is trap.s's.
    unsafe {
        write_msr(MSR_STAR, 0x0023_0010 << 32);
        write_msr(MSR_LSTAR, entry);
        write_msr(MSR_FMASK, 0x4_4700);
    }
}

/// The time stamp counter.
#[inline]
pub fn tsc() -> u64 {
    // SAFETY: `rdtsc` is allowed in ring 0 and has no effect on memory.
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
    let address: u64;
    // SAFETY: reading CR2 has no side effect.
    unsafe { asm!("mov {}, cr2", out(reg) address, options(nomem, nostack, preserves_flags)) };
    address
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

/// The page-table root.
#[inline]
pub fn page_table_root() -> u64 {
    let root: u64;
    // SAFETY: reading CR3 has no side effect.
    unsafe { asm!("mov {}, cr3", out(reg) root, options(nomem, nostack, preserves_flags)) };
    root
}

/// Waits for an interrupt; with interrupts on for just that instruction. The interrupt is recorded
/// by the trap path (see [`crate::trap::take_interrupt`]) and interrupts are off again on return.
#[inline]
pub fn idle() {
    // SAFETY: the trap path handles an interrupt in ring 0 by recording it and clearing IF in the
    // frame it returns through.
    unsafe { asm!("call {}", sym hal_idle) };
}

unsafe extern "C" {
    static hal_idle_halt: u8;
}

/// What [`idle`] calls; the label is where its `hlt` is, an instruction of one byte.
#[unsafe(naked)]
extern "C" fn hal_idle() {
    core::arch::naked_asm!("sti", ".globl hal_idle_halt", "hal_idle_halt:", "hlt", "cli", "ret")
}

/// Whether that is the address of the `hlt` in [`idle`].
pub(crate) fn is_idle_halt(address: u64) -> bool {
    address == (&raw const hal_idle_halt).addr() as u64
}

/// Stops for good.
pub fn halt() -> ! {
    loop {
        // SAFETY: halting with interrupts off stops the machine, which is what the caller wants.
        unsafe { asm!("cli", "hlt", options(nomem, nostack)) };
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
    let leaf1 = __cpuid(1);
    let mut features = Features { x2apic: leaf1.ecx & 1 << 21 != 0, tsc_khz: 0, apic_khz: 0 };
    if leaf1.ecx & 1 << 31 != 0 && (0x4000_0010..0x4000_0100).contains(&__cpuid(0x4000_0000).eax) {
        let frequencies = __cpuid(0x4000_0010);
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
    let [leaf0, leaf1] = [__cpuid(0), __cpuid(1)];
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
    if __cpuid(0x8000_0000).eax >= 0x8000_0004 {
        for (to, leaf) in identity.brand.chunks_exact_mut(16).zip(0x8000_0002..) {
            let part = __cpuid(leaf);
            for (to, from) in to.chunks_exact_mut(4).zip([part.eax, part.ebx, part.ecx, part.edx]) {
                to.copy_from_slice(&from.to_le_bytes());
            }
        }
    }
    identity
}

/// Resets a machine that has no other way: an exception with no descriptor table to handle it.
pub(crate) fn triple_fault() -> ! {
    let nowhere = [0u16; 5];
    // SAFETY: it ends the machine's run, which is what the caller wants.
    unsafe { asm!("lidt [{}]", "ud2", in(reg) &nowhere, options(noreturn)) };
}
