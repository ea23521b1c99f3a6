//! Raw system calls: any number, any arguments, any stack.

use core::arch::naked_asm;

/// Arguments that every call carries; more than any service takes.
pub const ARGUMENTS: usize = 16;

/// A system call by `syscall`, with the arguments where a service looks for them.
#[unsafe(naked)]
pub extern "win64" fn by_syscall(number: u64, arguments: &[u64; ARGUMENTS]) -> u64 {
    naked_asm!(
        "push rbx",
        "push rsi",
        "push rdi",
        "mov rbx, rsp",
        "sub rsp, 0xA0",
        "mov rax, rcx",
        "mov r11, rdx",
        // The fifth argument is above the return address and the home space.
        "lea rsi, [rdx + 0x20]",
        "lea rdi, [rsp + 0x28]",
        "mov ecx, 12",
        "rep movsq",
        "mov r10, [r11]",
        "mov rdx, [r11 + 0x08]",
        "mov r8, [r11 + 0x10]",
        "mov r9, [r11 + 0x18]",
        "syscall",
        "mov rsp, rbx",
        "pop rdi",
        "pop rsi",
        "pop rbx",
        "ret",
    )
}

/// The same by `int 2Eh`.
#[unsafe(naked)]
pub extern "win64" fn by_interrupt(number: u64, arguments: &[u64; ARGUMENTS]) -> u64 {
    naked_asm!(
        "push rbx",
        "push rsi",
        "push rdi",
        "mov rbx, rsp",
        "sub rsp, 0xA0",
        "mov rax, rcx",
        "mov r11, rdx",
        "lea rsi, [rdx + 0x20]",
        "lea rdi, [rsp + 0x28]",
        "mov ecx, 12",
        "rep movsq",
        "mov r10, [r11]",
        "mov rdx, [r11 + 0x08]",
        "mov r8, [r11 + 0x10]",
        "mov r9, [r11 + 0x18]",
        "int 0x2E",
        "mov rsp, rbx",
        "pop rdi",
        "pop rsi",
        "pop rbx",
        "ret",
    )
}

/// A system call with any stack pointer at all; its fifth and later arguments are what is there.
#[unsafe(naked)]
pub extern "win64" fn on_stack(number: u64, arguments: &[u64; ARGUMENTS], stack: u64) -> u64 {
    naked_asm!(
        "push rbx",
        "mov rbx, rsp",
        "mov rax, rcx",
        "mov r11, rdx",
        "mov r10, [r11]",
        "mov rdx, [r11 + 0x08]",
        "mov rsp, r8",
        "mov r8, [r11 + 0x10]",
        "mov r9, [r11 + 0x18]",
        "syscall",
        "mov rsp, rbx",
        "pop rbx",
        "ret",
    )
}

/// Where good code is for those who are told an address: it returns.
#[unsafe(naked)]
pub extern "win64" fn routine() {
    naked_asm!("ret")
}
