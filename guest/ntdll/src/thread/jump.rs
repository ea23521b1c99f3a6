//! `setjmp` and `longjmp`, as compilers for x64 call them.
#![expect(unsafe_code, reason = "saves and sets registers")]

use core::arch::naked_asm;
use core::mem::offset_of;

use nt::NtStatus;
use nt::types::ExceptionRecord;

use super::context::JumpBuffer;
use super::unwinding::RtlUnwind;

const _: () = {
    assert!(offset_of!(JumpBuffer, rip) == 0x50 && offset_of!(JumpBuffer, mx_csr) == 0x58);
    assert!(offset_of!(JumpBuffer, xmm) == 0x60 && size_of::<JumpBuffer>() == 0x100);
};

/// Saves where it is called from, and the frame of its caller, so that [`longjmp`] comes back there. Gives 0 the first time. A
/// frame of 0: the jump is one without unwinding.
///
/// # Safety
/// `buffer` can be written to, and lies on a multiple of 16.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "win64" fn _setjmp(buffer: *mut JumpBuffer, frame: u64) -> i32 {
    naked_asm!(
        "mov [rcx], rdx",
        "mov [rcx + 0x08], rbx",
        "lea rax, [rsp + 8]",
        "mov [rcx + 0x10], rax",
        "mov [rcx + 0x18], rbp",
        "mov [rcx + 0x20], rsi",
        "mov [rcx + 0x28], rdi",
        "mov [rcx + 0x30], r12",
        "mov [rcx + 0x38], r13",
        "mov [rcx + 0x40], r14",
        "mov [rcx + 0x48], r15",
        "mov rax, [rsp]",
        "mov [rcx + 0x50], rax",
        "stmxcsr [rcx + 0x58]",
        "fnstcw [rcx + 0x5C]",
        "movdqa [rcx + 0x60], xmm6",
        "movdqa [rcx + 0x70], xmm7",
        "movdqa [rcx + 0x80], xmm8",
        "movdqa [rcx + 0x90], xmm9",
        "movdqa [rcx + 0xA0], xmm10",
        "movdqa [rcx + 0xB0], xmm11",
        "movdqa [rcx + 0xC0], xmm12",
        "movdqa [rcx + 0xD0], xmm13",
        "movdqa [rcx + 0xE0], xmm14",
        "movdqa [rcx + 0xF0], xmm15",
        "xor eax, eax",
        "ret",
    )
}

/// The same: the frame is always saved.
///
/// # Safety
/// As for [`_setjmp`].
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "win64" fn _setjmpex(buffer: *mut JumpBuffer, frame: u64) -> i32 {
    naked_asm!("jmp {save}", save = sym _setjmp)
}

/// Comes back from a `setjmp` once more, with `value` or 1. The frames between are unwound if the frame was saved.
///
/// # Safety
/// The function that has called `setjmp` has not returned.
#[unsafe(no_mangle)]
unsafe extern "win64" fn longjmp(buffer: *mut JumpBuffer, value: i32) -> ! {
    let value = if value == 0 { 1 } else { value };
    // SAFETY: as the caller says.
    unsafe {
        let target = &*buffer;
        if target.frame == 0 {
            restore(buffer, value);
        }
        let mut record = ExceptionRecord { code: NtStatus::LONGJUMP.0, parameters: 1, ..Default::default() };
        record.information[0] = buffer.expose_provenance() as u64;
        RtlUnwind(target.frame, target.rip, &raw mut record, value as u64)
    }
}

/// # Safety
/// As for [`longjmp`].
#[unsafe(naked)]
unsafe extern "win64" fn restore(buffer: *const JumpBuffer, value: i32) -> ! {
    naked_asm!(
        "mov eax, edx",
        "ldmxcsr [rcx + 0x58]",
        "fldcw [rcx + 0x5C]",
        "movdqa xmm6, [rcx + 0x60]",
        "movdqa xmm7, [rcx + 0x70]",
        "movdqa xmm8, [rcx + 0x80]",
        "movdqa xmm9, [rcx + 0x90]",
        "movdqa xmm10, [rcx + 0xA0]",
        "movdqa xmm11, [rcx + 0xB0]",
        "movdqa xmm12, [rcx + 0xC0]",
        "movdqa xmm13, [rcx + 0xD0]",
        "movdqa xmm14, [rcx + 0xE0]",
        "movdqa xmm15, [rcx + 0xF0]",
        "mov rbx, [rcx + 0x08]",
        "mov rbp, [rcx + 0x18]",
        "mov rsi, [rcx + 0x20]",
        "mov rdi, [rcx + 0x28]",
        "mov r12, [rcx + 0x30]",
        "mov r13, [rcx + 0x38]",
        "mov r14, [rcx + 0x40]",
        "mov r15, [rcx + 0x48]",
        "mov rsp, [rcx + 0x10]",
        "jmp [rcx + 0x50]",
    )
}
