//! Unwinding of x64 stack frames by the tables in images: what `RtlLookupFunctionEntry` and `RtlVirtualUnwind` do.
//!
//! [`find`] finds a function in an image's exception directory, [`unwind`] takes its frame away: it undoes what the
//! function's prologue has done up to then, or carries out what is left of its epilogue, and returns to the
//! caller. Image and stack are reached through [`Memory`]; whatever they hold, nothing panics and every loop ends.
//!
//! Source: Microsoft, "x64 exception handling" (learn.microsoft.com/cpp/build/exception-handling-x64): the structures,
//! the unwind codes and what an epilogue may consist of. Version 2 of the data, which also describes epilogues, is
//! taken as version 1 with codes to pass over; its epilogues are of the same form.
#![no_std]
#![forbid(unsafe_code)]

mod code;
mod epilogue;
mod frame;
mod info;
mod table;

pub use frame::{Handler, Registers, Unwound, unwind};
pub use table::{Function, find};

/// Numbers of registers, as in instructions and unwind codes.
pub mod register {
    /// RAX.
    pub const RAX: usize = 0;
    /// RBX.
    pub const RBX: usize = 3;
    /// RSP.
    pub const RSP: usize = 4;
    /// RBP.
    pub const RBP: usize = 5;
}

/// A function has a handler for exceptions (`UNW_FLAG_EHANDLER`).
pub const EXCEPTION_HANDLER: u8 = 1;
/// A function has a handler for unwinding (`UNW_FLAG_UHANDLER`).
pub const TERMINATION_HANDLER: u8 = 2;

/// The image and the stack.
pub trait Memory {
    /// The number at an address of the stack. `None` where there is no stack.
    fn stack(&self, address: u64) -> Option<u64>;

    /// A byte of the image. `None` outside of it.
    fn image(&self, rva: u32) -> Option<u8>;

    /// A register was restored from the stack: number 0–15, or 16–31 for XMM0–XMM15.
    fn restored(&mut self, _register: usize, _from: u64) {}
}

pub(crate) fn image_u16(memory: &impl Memory, rva: u32) -> Option<u16> {
    Some(u16::from_le_bytes([memory.image(rva)?, memory.image(rva.checked_add(1)?)?]))
}

pub(crate) fn image_u32(memory: &impl Memory, rva: u32) -> Option<u32> {
    let low = image_u16(memory, rva)?;
    let high = image_u16(memory, rva.checked_add(2)?)?;
    Some(u32::from(low) | u32::from(high) << 16)
}
