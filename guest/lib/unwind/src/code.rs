//! Unwind codes.

use crate::{Memory, image_u16, image_u32};

/// What an instruction of the prologue did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Pushed a register.
    Push(usize),
    /// Subtracted that many bytes from RSP.
    Allocate(u64),
    /// Set the frame register.
    SetFrame,
    /// Saved a register at that offset.
    Save(usize, u64),
    /// Saved an XMM register at that offset.
    SaveVector(usize, u64),
    /// The processor pushed a machine frame, with an error code or not.
    MachineFrame(bool),
    /// Nothing that has to be undone.
    Nothing,
}

/// A decoded code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Offset of the end of the instruction in the prologue, in bytes.
    pub offset: u8,
    pub operation: Operation,
    /// How many 16-bit slots it takes.
    pub slots: u32,
}

impl Code {
    /// Decodes the code in the slot at an RVA; `None` for one that is unknown or outside of the image.
    pub fn read(memory: &impl Memory, rva: u32, version: u8) -> Option<Self> {
        let (offset, second) = (memory.image(rva)?, memory.image(rva.checked_add(1)?)?);
        let info = usize::from(second >> 4);
        let operand = rva.checked_add(2)?;
        let short = || image_u16(memory, operand).map(u64::from);
        let long = || image_u32(memory, operand).map(u64::from);
        let (operation, slots) = match (second & 0xF, info) {
            (0, register) => (Operation::Push(register), 1),
            (1, 0) => (Operation::Allocate(short()? * 8), 2),
            (1, 1) => (Operation::Allocate(long()?), 3),
            (2, info) => (Operation::Allocate(info as u64 * 8 + 8), 1),
            (3, _) => (Operation::SetFrame, 1),
            (4, register) => (Operation::Save(register, short()? * 8), 2),
            (5, register) => (Operation::Save(register, long()?), 3),
            // In version 2 of the data these two describe epilogues.
            (6, _) => (Operation::Nothing, if version == 1 { 2 } else { 1 }),
            (7, _) => (Operation::Nothing, if version == 1 { 3 } else { 2 }),
            (8, register) => (Operation::SaveVector(register, short()? * 16), 2),
            (9, register) => (Operation::SaveVector(register, long()?), 3),
            (10, 0) => (Operation::MachineFrame(false), 1),
            (10, 1) => (Operation::MachineFrame(true), 1),
            _ => return None,
        };
        Some(Self { offset, operation, slots })
    }
}
