//! The way into loaded images and back: calls of their functions, and what the kernel's exports need to
//! read of their arguments.
//!
//! An image that was loaded is part of the kernel: whoever may load one may do anything. The functions
//! here are safe in that sense only.

use core::arch::naked_asm;
use core::slice;

/// Most arguments of a system service.
pub const MAX_ARGUMENTS: usize = 16;
/// Longest string that is read.
const STRING_MAX: usize = 4096;

/// Calls a function of a loaded image with the Win64 convention.
pub fn call(function: u64, arguments: &[u64; MAX_ARGUMENTS]) -> u64 {
    // SAFETY: the address is one that a loaded image gave for a function of its own; see the head.
    unsafe { call_win64(function, arguments) }
}

/// Passes all arguments: four in registers, the others on the stack above the home space.
#[unsafe(naked)]
unsafe extern "C" fn call_win64(function: u64, arguments: &[u64; MAX_ARGUMENTS]) -> u64 {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rdi",
        "push rsi",
        // 12 arguments on the stack and the home space; 16-aligned.
        "sub rsp, 0x80",
        "mov rax, rdi",
        "mov r10, rsi",
        "lea rsi, [r10 + 0x20]",
        "lea rdi, [rsp + 0x20]",
        "mov ecx, 12",
        "rep movsq",
        "mov rcx, [r10]",
        "mov rdx, [r10 + 8]",
        "mov r8, [r10 + 16]",
        "mov r9, [r10 + 24]",
        "call rax",
        "lea rsp, [rbp - 16]",
        "pop rsi",
        "pop rdi",
        "pop rbp",
        "ret",
    )
}

/// The NUL-terminated string at an address that a loaded image gave, without its NUL.
pub fn c_string(address: u64) -> &'static [u8] {
    if address == 0 {
        return &[];
    }
    let start = core::ptr::with_exposed_provenance::<u8>(address as usize);
    let mut len = 0;
    // SAFETY: loaded images are trusted to point at a string; see the head.
    unsafe {
        while len < STRING_MAX && start.add(len).read() != 0 {
            len += 1;
        }
        slice::from_raw_parts(start, len)
    }
}

/// `count` numbers at an address that a loaded image gave.
pub fn words(address: u64, count: usize) -> &'static [u64] {
    // SAFETY: loaded images are trusted to point at that many numbers which stay as they are.
    unsafe { slice::from_raw_parts(core::ptr::with_exposed_provenance(address as usize), count) }
}

/// Writes bytes to an address that a loaded image gave for that.
pub fn write(address: u64, bytes: &[u8]) {
    // SAFETY: loaded images are trusted to point at a place of their own of that size; see the head.
    unsafe {
        core::ptr::copy_nonoverlapping(
            bytes.as_ptr(),
            core::ptr::with_exposed_provenance_mut::<u8>(address as usize),
            bytes.len(),
        );
    }
}

/// The word at an address that a loaded image gave.
pub fn word(address: u64) -> u64 {
    // SAFETY: as in `words`; it need not be aligned, and nobody else has it meanwhile.
    unsafe { core::ptr::with_exposed_provenance::<u64>(address as usize).read_unaligned() }
}

/// `count` bytes at an address that a loaded image gave.
pub fn bytes(address: u64, count: usize) -> &'static [u8] {
    // SAFETY: as in `words`.
    unsafe { slice::from_raw_parts(core::ptr::with_exposed_provenance(address as usize), count) }
}
