//! The I/O APIC: interrupt lines of devices become vectors. Registers: Intel 82093AA data sheet.

use crate::cell::KernelCell;
use crate::phys::Registers;

/// Where every PC has it.
const BASE: u64 = 0xFEC0_0000;
const SELECT: u64 = 0x00;
const WINDOW: u64 = 0x10;
/// Index of the first entry of the redirection table; each has two registers.
const TABLE: u32 = 0x10;
const LEVEL: u32 = 1 << 15;
/// Vector of line 0: the lines follow each other.
const FIRST_VECTOR: u8 = 0x30;
/// Lines of an I/O APIC.
pub const LINES: u8 = 24;

static REGISTERS: KernelCell<Option<Registers>> = KernelCell::new(None);

/// What a line does to say that it wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// It rises: ISA devices.
    Edge,
    /// It is high for as long as it wants something.
    Level,
}

/// Lets a line interrupt this processor, with the vector that [`line_of`] knows.
///
/// # Panics
/// For a line that there is not.
pub fn enable(line: u8, trigger: Trigger) {
    assert!(line < LINES, "no such interrupt line");
    let registers = *REGISTERS.lock().get_or_insert_with(|| Registers::map(BASE));
    let level = if trigger == Trigger::Level { LEVEL } else { 0 };
    registers.write(SELECT, TABLE + 2 * u32::from(line));
    // The upper half names the processor: the first one, as after reset.
    registers.write(WINDOW, u32::from(FIRST_VECTOR + line) | level);
}

/// The line whose vector this is.
pub fn line_of(vector: u8) -> Option<u8> {
    vector.checked_sub(FIRST_VECTOR).filter(|&line| line < LINES)
}
