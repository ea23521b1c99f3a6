//! Text for debuggers: formatted as `printf` does it, and handed to the kernel, which records it.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers; a debugger's interrupt")]

use core::arch::asm;

use nt::NtStatus;
use rtlcore::{Cut, printf};

use super::raw::terminated;
use crate::crt::print::{Arguments, variadic};

/// Longest text of one call, in bytes; more is cut (NT: 512).
const ROOM: usize = 512;
/// BREAKPOINT_PRINT, the debug service.
const PRINT: u64 = 1;

/// Hands text to the kernel debugger.
fn print(text: &[u8]) -> NtStatus {
    let mut result = PRINT;
    // SAFETY: the service reads the text and answers in RAX. NT goes on one byte behind the instruction's end if there
    // is a debugger, so that byte does nothing.
    unsafe {
        asm!("int 0x2d", "nop", inout("rax") result, in("rcx") text.as_ptr(), in("rdx") text.len(),
            in("r8") 0_u64, in("r9") 0_u64, options(readonly, nostack));
    }
    NtStatus(result as u32)
}

/// Formats and prints, with a prefix.
#[unsafe(no_mangle)]
unsafe extern "win64" fn vDbgPrintExWithPrefix(
    prefix: *const u8,
    _component: u32,
    _level: u32,
    format: *const u8,
    arguments: *const u64,
) -> NtStatus {
    let mut room = [0; ROOM];
    let mut out = Cut::new(&mut room);
    // SAFETY: as the caller says.
    unsafe {
        out.extend(terminated(prefix));
        printf::format(terminated(format), &mut Arguments::new(arguments), &mut |byte| out.push(byte));
    }
    let len = out.len().min(ROOM);
    print(room.get(..len).unwrap_or_default())
}

/// Formats and prints.
#[unsafe(no_mangle)]
unsafe extern "win64" fn vDbgPrintEx(
    component: u32,
    level: u32,
    format: *const u8,
    arguments: *const u64,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { vDbgPrintExWithPrefix(core::ptr::null(), component, level, format, arguments) }
}

/// # Safety
/// As the callers of `DbgPrint` must see to.
unsafe extern "win64" fn print_formatted(format: *const u8, arguments: *const u64) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { vDbgPrintEx(0, 0, format, arguments) }
}

variadic! {
    /// Formats and prints.
    DbgPrint(format: *const u8) => print_formatted, "rdx", "0x10";
    /// Formats and prints; component and level are for filters, which there are none of.
    DbgPrintEx(component: u32, level: u32, format: *const u8) => vDbgPrintEx, "r9", "0x20";
}
