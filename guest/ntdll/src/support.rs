//! Symbols that must be there for the library to link.
#![expect(unsafe_code, reason = "symbols that the compiler expects by name")]

use core::panic::PanicInfo;

use nt::NtStatus;
use nt::types::Handle;

use crate::stubs::NtTerminateProcess;

/// A panic here is a bug of the library: the process ends.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateProcess(Handle::CURRENT_PROCESS, NtStatus::UNSUCCESSFUL) };
    }
}

/// Says that floating point is used. Compiled code refers to it and never reads it.
#[unsafe(no_mangle)]
pub static _fltused: i32 = 0x9875;

/// The handler that unwind tables of the precompiled `core` name. Nothing ever unwinds.
#[unsafe(no_mangle)]
extern "C" fn __CxxFrameHandler3() -> ! {
    loop {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateProcess(Handle::CURRENT_PROCESS, NtStatus::UNSUCCESSFUL) };
    }
}
