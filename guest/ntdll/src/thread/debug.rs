//! Break points.
#![expect(unsafe_code, reason = "exports by name")]

use core::arch::asm;

/// Raises BREAKPOINT.
pub fn break_point() {
    // SAFETY: the exception is a debugger's, or ends the process.
    unsafe { asm!("int3", options(nostack)) };
}

/// Raises BREAKPOINT, for a kernel debugger.
#[unsafe(no_mangle)]
extern "win64" fn DbgBreakPoint() {
    break_point();
}

/// Raises BREAKPOINT, for a debugger of the process.
#[unsafe(no_mangle)]
extern "win64" fn DbgUserBreakPoint() {
    break_point();
}
