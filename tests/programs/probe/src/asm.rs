//! Instructions that a program should not execute, and raw system calls.
#![expect(unsafe_code, reason = "these are the faults that the kernel must survive")]

use core::arch::{asm, naked_asm};

/// Writes a byte to an address.
pub fn write_to(address: u64) {
    // SAFETY: the fault that it causes ends the process, which is the test.
    unsafe { asm!("mov byte ptr [{}], 1", in(reg) address) };
}

/// Reads a byte from an address.
pub fn read_from(address: u64) {
    // SAFETY: as in `write_to`.
    unsafe { asm!("mov {out:r}, qword ptr [{}]", in(reg) address, out = out(reg) _) };
}

/// Jumps to the kernel's entry for system calls as if `syscall` had done it, with what it leaves in RCX and R11.
pub fn jump_to_entry(rcx: u64, r11: u64) {
    // SAFETY: wherever this leads, it is the process's own end.
    unsafe {
        asm!("jmp rax", in("rax") 0x7FFF_8080_1000_u64, in("rcx") rcx, in("r11") r11, options(noreturn))
    };
}

/// Where there is a `cli`.
pub fn cli_address() -> u64 {
    let address;
    // SAFETY: it jumps over the instruction.
    unsafe { asm!("lea {}, [rip + 2f]", "jmp 3f", "2: cli", "3:", out(reg) address) };
    address
}

/// A word of this thread's TEB.
pub fn teb(offset: u64) -> u64 {
    let value: u64;
    // SAFETY: GS is the TEB, and the offsets asked for lie inside it.
    unsafe { asm!("mov {}, gs:[{}]", out(reg) value, in(reg) offset, options(nostack, readonly)) };
    value
}

/// Jumps to an address.
pub fn jump_to(address: u64) {
    // SAFETY: as in `write_to`.
    unsafe { asm!("jmp {}", in(reg) address, options(noreturn)) };
}

/// The time stamp counter, which counts instructions under `-icount`.
pub fn time_stamp() -> u64 {
    // SAFETY: every processor that this runs on has it, and user mode may read it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Uses up the stack.
#[unsafe(naked)]
pub extern "C" fn recurse() {
    naked_asm!("2: push rax", "jmp 2b")
}

/// Executes an instruction of ring 0.
pub fn privileged() {
    // SAFETY: as in `write_to`.
    unsafe { asm!("cli") };
}

/// Executes an opcode that is none.
pub fn invalid_opcode() {
    // SAFETY: as in `write_to`.
    unsafe { asm!("ud2", options(noreturn)) };
}

/// Divides by zero.
pub fn divide_by_zero() {
    // SAFETY: as in `write_to`.
    unsafe {
        asm!("xor edx, edx", "xor ecx, ecx", "mov eax, 1", "div ecx", out("rax") _, out("rcx") _, out("rdx") _)
    };
}

/// Never leaves user mode of itself.
pub fn spin() {
    loop {
        core::hint::spin_loop();
    }
}

/// A system call by number, with the `syscall` instruction. Also says whether RBX, RBP, RSI, RDI and
/// R12–R15 came back as they were.
#[unsafe(naked)]
pub extern "win64" fn system_call(number: u64, first: u64, second: u64, third: u64) -> u64 {
    naked_asm!("mov eax, ecx", "mov r10, rdx", "mov rdx, r8", "mov r8, r9", "xor r9d, r9d", "syscall", "ret")
}

/// The same by `int 2Eh`.
#[unsafe(naked)]
pub extern "win64" fn system_call_by_interrupt(number: u64, first: u64, second: u64, third: u64) -> u64 {
    naked_asm!("mov eax, ecx", "mov r10, rdx", "mov rdx, r8", "mov r8, r9", "xor r9d, r9d", "int 0x2E", "ret")
}

/// Makes a system call with a pattern in every register that the convention preserves; returns the
/// number of those that did not come back.
#[unsafe(naked)]
pub extern "win64" fn lost_registers(number: u64) -> u64 {
    naked_asm!(
        "push rbx",
        "push rbp",
        "push rsi",
        "push rdi",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov eax, ecx",
        "mov rbx, 0x1111",
        "mov rbp, 0x2222",
        "mov rsi, 0x3333",
        "mov rdi, 0x4444",
        "mov r12, 0x5555",
        "mov r13, 0x6666",
        "mov r14, 0x7777",
        "mov r15, 0x8888",
        "sub rsp, 40",
        "syscall",
        "add rsp, 40",
        "xor eax, eax",
        "cmp rbx, 0x1111",
        "je 2f",
        "inc eax",
        "2:",
        "cmp rbp, 0x2222",
        "je 2f",
        "inc eax",
        "2:",
        "cmp rsi, 0x3333",
        "je 2f",
        "inc eax",
        "2:",
        "cmp rdi, 0x4444",
        "je 2f",
        "inc eax",
        "2:",
        "cmp r12, 0x5555",
        "je 2f",
        "inc eax",
        "2:",
        "cmp r13, 0x6666",
        "je 2f",
        "inc eax",
        "2:",
        "cmp r14, 0x7777",
        "je 2f",
        "inc eax",
        "2:",
        "cmp r15, 0x8888",
        "je 2f",
        "inc eax",
        "2:",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rdi",
        "pop rsi",
        "pop rbp",
        "pop rbx",
        "ret",
    )
}
