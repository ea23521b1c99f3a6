//! The local APIC and its timer. x2APIC where there is one: an MSR write is one instruction.
//! Register numbers: Intel SDM volume 3, "Advanced Programmable Interrupt Controller".

use crate::cell::KernelCell;
use crate::cpu::{self, Features, MSR_APIC_BASE};
use crate::phys::Registers;
use crate::platform;
use crate::port::PortRange;

const BASE_ENABLE: u64 = 1 << 11;
const BASE_X2APIC: u64 = 1 << 10;
const X2APIC_MSR: u32 = 0x800;

const REG_EOI: u32 = 0x0B;
const REG_SPURIOUS: u32 = 0x0F;
const REG_LVT_TIMER: u32 = 0x32;
const REG_INITIAL_COUNT: u32 = 0x38;
const REG_CURRENT_COUNT: u32 = 0x39;
const REG_DIVIDE: u32 = 0x3E;

const SPURIOUS_ENABLE: u32 = 1 << 8;
/// How long the TSC is compared with the timer, in timer ticks: 10 µs at 1 GHz.
const MEASURE_TICKS: u32 = 10_000;
const DIVIDE_BY_1: u32 = 0b1011;
/// What KVM's and QEMU's local APIC timers count at, in kHz.
const DEFAULT_KHZ: u32 = 1_000_000;

/// Vector of the timer: NT's clock vector.
pub const CLOCK_VECTOR: u8 = 0xD1;
/// Vector of spurious interrupts.
pub const SPURIOUS_VECTOR: u8 = 0xDF;

#[derive(Clone, Copy)]
enum LocalApic {
    X2Apic,
    XApic(Registers),
}

static APIC: KernelCell<Option<LocalApic>> = KernelCell::new(None);

impl LocalApic {
    fn read(self, register: u32) -> u32 {
        match self {
            Self::X2Apic => cpu::read_msr(X2APIC_MSR + register) as u32,
            Self::XApic(registers) => registers.read(u64::from(register) << 4),
        }
    }

    fn write(self, register: u32, value: u32) {
        match self {
            // SAFETY: the registers this module names cannot break memory safety.
            Self::X2Apic => unsafe { cpu::write_msr(X2APIC_MSR + register, u64::from(value)) },
            Self::XApic(registers) => registers.write(u64::from(register) << 4, value),
        }
    }
}

/// Turns the local APIC and its timer on and the PC's old interrupt controllers off. Returns the
/// timer's frequency in kHz.
pub fn init(features: &Features) -> u32 {
    if !platform::present() {
        mask_8259();
    }
    let base = cpu::read_msr(MSR_APIC_BASE);
    let apic = if features.x2apic {
        // SAFETY: the processor has x2APIC mode; enabling it is the documented sequence.
        unsafe { cpu::write_msr(MSR_APIC_BASE, base | BASE_ENABLE | BASE_X2APIC) };
        LocalApic::X2Apic
    } else {
        LocalApic::XApic(Registers::map(base & 0x000F_FFFF_FFFF_F000))
    };
    apic.write(REG_SPURIOUS, SPURIOUS_ENABLE | u32::from(SPURIOUS_VECTOR));
    apic.write(REG_DIVIDE, DIVIDE_BY_1);
    apic.write(REG_LVT_TIMER, u32::from(CLOCK_VECTOR));
    *APIC.lock() = Some(apic);
    if features.apic_khz != 0 { features.apic_khz } else { DEFAULT_KHZ }
}

/// Ends the interrupt in service.
pub fn end_of_interrupt() {
    if let Some(apic) = *APIC.lock() {
        apic.write(REG_EOI, 0);
    }
}

/// Makes the timer interrupt once after `count` ticks; 0 turns it off.
pub fn arm_timer(count: u32) {
    if let Some(apic) = *APIC.lock() {
        apic.write(REG_INITIAL_COUNT, count);
    }
}

/// Compares the time stamp counter with the timer, whose frequency is `apic_khz`: the TSC's in kHz.
/// Leaves the timer off.
pub fn measure_tsc(apic_khz: u64) -> u64 {
    let Some(apic) = *APIC.lock() else { return 0 };
    apic.write(REG_INITIAL_COUNT, u32::MAX);
    let (start_count, start) = (apic.read(REG_CURRENT_COUNT), cpu::tsc());
    let (ticks, end) = loop {
        let (count, now) = (apic.read(REG_CURRENT_COUNT), cpu::tsc());
        let ticks = start_count.wrapping_sub(count);
        if ticks >= MEASURE_TICKS {
            break (ticks, now);
        }
    };
    apic.write(REG_INITIAL_COUNT, 0);
    (end - start) * apic_khz / u64::from(ticks)
}

/// Firmware leaves the 8259s at vectors that are exceptions here.
fn mask_8259() {
    for port in [0x21, 0xA1] {
        // SAFETY: the mask registers of the two 8259s.
        unsafe { PortRange::new(port, 1) }.write_u8(0, 0xFF);
    }
}
