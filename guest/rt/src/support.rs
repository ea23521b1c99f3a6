//! Symbols that must be there for a program to link.
#![expect(unsafe_code, reason = "symbols that the compiler expects by name")]

use core::panic::PanicInfo;

use nt::NtStatus;

use crate::exit;

/// A program that panics ends; there is nothing to unwind.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(NtStatus::UNSUCCESSFUL)
}

/// Says that floating point is used. Compiled code refers to it and never reads it.
#[unsafe(no_mangle)]
pub static _fltused: i32 = 0x9875;

/// The handler that unwind tables of the precompiled `core` name. Nothing ever unwinds.
#[unsafe(no_mangle)]
extern "C" fn __CxxFrameHandler3() -> ! {
    exit(NtStatus::UNSUCCESSFUL)
}
