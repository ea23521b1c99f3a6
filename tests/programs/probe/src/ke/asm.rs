//! The dispatchers that the kernel enters (`nt::dispatch`), and code that looks at registers.
#![expect(unsafe_code, reason = "entered by the kernel, with conventions of its own")]

use core::arch::naked_asm;

use nt::dispatch::{APC_ARGUMENT_2, APC_ARGUMENT_3, APC_ROUTINE, EXCEPTION_RECORD};
use nt::service;

/// The number of a service.
const fn number(name: &str) -> u32 {
    let mut n = 0;
    while n < service::SERVICES.len() {
        if same(service::SERVICES[n].name.as_bytes(), name.as_bytes()) {
            return service::SERVICES[n].number;
        }
        n += 1;
    }
    panic!("no such service")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut n = 0;
    while n < a.len() && n < b.len() && a[n] == b[n] {
        n += 1;
    }
    n == a.len() && n == b.len()
}

const CONTINUE: u32 = number("NtContinue");
const RAISE_EXCEPTION: u32 = number("NtRaiseException");
const TEST_ALERT: u32 = number("NtTestAlert");

/// Calls the APC's routine; the CONTEXT's first words are its home space. Then goes on with the CONTEXT.
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "win64" fn KiUserApcDispatcher() {
    naked_asm!(
        "mov rcx, [rsp]",
        "mov rdx, [rsp + {second}]",
        "mov r8, [rsp + {third}]",
        "call [rsp + {routine}]",
        "mov r10, rsp",
        "mov edx, 1",
        "mov eax, {resume}",
        "syscall",
        "ud2",
        second = const APC_ARGUMENT_2,
        third = const APC_ARGUMENT_3,
        routine = const APC_ROUTINE,
        resume = const CONTINUE,
    )
}

/// Asks the handler; goes on with the CONTEXT if it says so, else it is not the first chance any more.
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "win64" fn KiUserExceptionDispatcher() {
    naked_asm!(
        "lea rcx, [rsp + {record}]",
        "mov rdx, rsp",
        "sub rsp, 32",
        "call {handler}",
        "add rsp, 32",
        "test al, al",
        "jz 2f",
        "mov r10, rsp",
        "xor edx, edx",
        "mov eax, {resume}",
        "syscall",
        "2:",
        "lea r10, [rsp + {record}]",
        "mov rdx, rsp",
        "xor r8d, r8d",
        "mov eax, {raise}",
        "syscall",
        "ud2",
        record = const EXCEPTION_RECORD,
        handler = sym super::exceptions::handle,
        resume = const CONTINUE,
        raise = const RAISE_EXCEPTION,
    )
}

/// Changes every register that a routine may change, and XMM registers that only an APC may.
#[unsafe(naked)]
pub extern "win64" fn clobber() {
    naked_asm!(
        "mov rax, -1",
        "mov rcx, -1",
        "mov rdx, -1",
        "mov r8, -1",
        "mov r9, -1",
        "movq xmm0, rax",
        "movq xmm6, rax",
        "movq xmm15, rax",
        "sub rsp, 8",
        "mov dword ptr [rsp], 0x7F80",
        "ldmxcsr [rsp]",
        "add rsp, 8",
        "ret",
    )
}

/// Tests for alerts with patterns in the registers that a system call preserves; how many were lost.
#[unsafe(naked)]
pub extern "win64" fn lost_over_test_alert() -> u64 {
    naked_asm!(
        "push rbx",
        "push rbp",
        "push rsi",
        "push rdi",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 0x58",
        "movups [rsp + 0x20], xmm6",
        "movups [rsp + 0x30], xmm15",
        "mov rbx, 0x1111",
        "mov rbp, 0x2222",
        "mov rsi, 0x3333",
        "mov rdi, 0x4444",
        "mov r12, 0x5555",
        "mov r13, 0x6666",
        "mov r14, 0x7777",
        "mov r15, 0x8888",
        "movq xmm6, rbx",
        "movq xmm15, rbp",
        "mov eax, {test_alert}",
        "syscall",
        "xor ecx, ecx",
        "test eax, eax",
        "je 2f",
        "inc ecx",
        "2: movq rax, xmm6",
        "cmp rax, 0x1111",
        "je 2f",
        "inc ecx",
        "2: movq rax, xmm15",
        "cmp rax, 0x2222",
        "je 2f",
        "inc ecx",
        "2: stmxcsr [rsp + 0x40]",
        "cmp dword ptr [rsp + 0x40], 0x7F80",
        "jne 2f",
        "inc ecx",
        "2: cmp rbx, 0x1111",
        "je 2f",
        "inc ecx",
        "2: cmp rbp, 0x2222",
        "je 2f",
        "inc ecx",
        "2: cmp rsi, 0x3333",
        "je 2f",
        "inc ecx",
        "2: cmp rdi, 0x4444",
        "je 2f",
        "inc ecx",
        "2: cmp r12, 0x5555",
        "je 2f",
        "inc ecx",
        "2: cmp r13, 0x6666",
        "je 2f",
        "inc ecx",
        "2: cmp r14, 0x7777",
        "je 2f",
        "inc ecx",
        "2: cmp r15, 0x8888",
        "je 2f",
        "inc ecx",
        "2: mov eax, ecx",
        "movups xmm6, [rsp + 0x20]",
        "movups xmm15, [rsp + 0x30]",
        "add rsp, 0x58",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rdi",
        "pop rsi",
        "pop rbp",
        "pop rbx",
        "ret",
        test_alert = const TEST_ALERT,
    )
}

/// Spins with patterns in its registers until somebody lets it go on somewhere else.
#[unsafe(naked)]
pub extern "win64" fn spin_with_patterns(_: u64) -> ! {
    naked_asm!(
        "mov rbx, 0xB0B0",
        "mov r12, 0xC0C0",
        "mov r15, 0xD0D0",
        "mov rdx, 0xE0E0",
        "mov r11, 0xF0F0",
        "movq xmm7, rbx",
        "2: jmp 2b",
    )
}

/// Waits for an event with patterns in its registers, and goes on elsewhere afterwards.
#[unsafe(naked)]
pub extern "win64" fn wait_with_patterns(_: u64) -> ! {
    naked_asm!(
        "mov r10, rcx",
        "mov rbx, 0xB1B1",
        "mov rbp, 0xA1A1",
        "mov rsi, 0x9191",
        "mov rdi, 0x8181",
        "mov r12, 0xC1C1",
        "mov r15, 0xD1D1",
        "xor edx, edx",
        "xor r8d, r8d",
        "mov eax, {wait}",
        "syscall",
        "2: jmp 2b",
        wait = const number("NtWaitForSingleObject"),
    )
}

/// Goes to `rsp` with its stack pointer, and does what is invalid.
#[unsafe(naked)]
pub extern "win64" fn invalid_opcode_on_stack(_: u64) -> ! {
    naked_asm!("mov rsp, rcx", "ud2")
}

/// `int3`.
#[unsafe(naked)]
pub extern "win64" fn breakpoint() {
    naked_asm!("int3", "ret")
}

/// Divides by zero: two bytes of instruction.
#[unsafe(naked)]
pub extern "win64" fn divide_by_zero() {
    naked_asm!("xor edx, edx", "xor ecx, ecx", "mov eax, 1", "div ecx", "ret")
}

/// `ud2`: two bytes.
#[unsafe(naked)]
pub extern "win64" fn invalid_opcode() {
    naked_asm!("ud2", "ret")
}

/// `cli`: one byte.
#[unsafe(naked)]
pub extern "win64" fn privileged() {
    naked_asm!("cli", "ret")
}

/// Reads at an address: three bytes.
#[unsafe(naked)]
pub extern "win64" fn read(_: u64) {
    naked_asm!("mov rax, [rcx]", "ret")
}

/// Writes at an address: three bytes.
#[unsafe(naked)]
pub extern "win64" fn write(_: u64) {
    naked_asm!("mov [rcx], rax", "ret")
}

/// Sets the trap flag: the instruction behind is one step.
#[unsafe(naked)]
pub extern "win64" fn single_step() {
    naked_asm!("pushfq", "or dword ptr [rsp], 0x100", "popfq", "nop", "ret")
}

/// `DbgPrint`'s service. Returns the status.
#[unsafe(naked)]
pub extern "win64" fn debug_service(_service: u64, _text: u64, _length: u64) -> u64 {
    naked_asm!("mov eax, ecx", "mov rcx, rdx", "mov rdx, r8", "int 0x2D", "int3", "ret")
}
