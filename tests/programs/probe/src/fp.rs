//! SSE and x87 state of threads survives switches, by yield and by preemption.

use core::arch::naked_asm;
use core::sync::atomic::{AtomicU32, Ordering};

use crate::checks::verdict;

const THREADS: u32 = 4;
static WRONG: AtomicU32 = AtomicU32::new(0);
static DONE: AtomicU32 = AtomicU32::new(0);

/// Loads all XMM registers, MXCSR and the x87 stack with patterns made of `seed`, yields `rounds` times
/// by the service `number` (or spins a long time when it is 0xFFFF), and returns how many of the
/// patterns were lost.
#[unsafe(naked)]
extern "win64" fn hold(seed: u64, rounds: u64, number: u64) -> u64 {
    naked_asm!(
        "push rbx",
        "push rsi",
        "push rdi",
        "push r12",
        "push r13",
        "sub rsp, 0x140",
        "movups [rsp+0x40], xmm6",
        "movups [rsp+0x50], xmm7",
        "movups [rsp+0x60], xmm8",
        "movups [rsp+0x70], xmm9",
        "movups [rsp+0x80], xmm10",
        "movups [rsp+0x90], xmm11",
        "movups [rsp+0xA0], xmm12",
        "movups [rsp+0xB0], xmm13",
        "movups [rsp+0xC0], xmm14",
        "movups [rsp+0xD0], xmm15",
        "mov rbx, rcx",
        "mov r12, rdx",
        "mov r13, r8",
        "xor esi, esi",
        // MXCSR: round toward a direction that the seed gives; x87: the seed as an integer.
        "mov eax, ebx",
        "and eax, 3",
        "shl eax, 13",
        "or eax, 0x1F80",
        "mov [rsp+0x30], eax",
        "ldmxcsr [rsp+0x30]",
        "mov [rsp+0x38], rbx",
        "fninit",
        "fild qword ptr [rsp+0x38]",
        "movq xmm0, rbx",
        "lea rax, [rbx+1]",
        "movq xmm1, rax",
        "lea rax, [rbx+2]",
        "movq xmm2, rax",
        "lea rax, [rbx+3]",
        "movq xmm3, rax",
        "lea rax, [rbx+4]",
        "movq xmm4, rax",
        "lea rax, [rbx+5]",
        "movq xmm5, rax",
        "lea rax, [rbx+6]",
        "movq xmm6, rax",
        "lea rax, [rbx+7]",
        "movq xmm7, rax",
        "lea rax, [rbx+8]",
        "movq xmm8, rax",
        "lea rax, [rbx+9]",
        "movq xmm9, rax",
        "lea rax, [rbx+10]",
        "movq xmm10, rax",
        "lea rax, [rbx+11]",
        "movq xmm11, rax",
        "lea rax, [rbx+12]",
        "movq xmm12, rax",
        "lea rax, [rbx+13]",
        "movq xmm13, rax",
        "lea rax, [rbx+14]",
        "movq xmm14, rax",
        "lea rax, [rbx+15]",
        "movq xmm15, rax",
        "2:",
        "cmp r13d, 0xFFFF",
        "je 3f",
        "mov eax, r13d",
        "syscall",
        "jmp 4f",
        "3:",
        "mov ecx, 100000",
        "5:",
        "dec ecx",
        "jnz 5b",
        "4:",
        "movq rax, xmm0",
        "sub rax, rbx",
        "cmp rax, 0",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm1",
        "sub rax, rbx",
        "cmp rax, 1",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm5",
        "sub rax, rbx",
        "cmp rax, 5",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm6",
        "sub rax, rbx",
        "cmp rax, 6",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm7",
        "sub rax, rbx",
        "cmp rax, 7",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm8",
        "sub rax, rbx",
        "cmp rax, 8",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm12",
        "sub rax, rbx",
        "cmp rax, 12",
        "je 6f",
        "inc esi",
        "6:",
        "movq rax, xmm15",
        "sub rax, rbx",
        "cmp rax, 15",
        "je 6f",
        "inc esi",
        "6:",
        "stmxcsr [rsp+0x34]",
        "mov eax, [rsp+0x34]",
        "cmp eax, [rsp+0x30]",
        "je 6f",
        "inc esi",
        "6:",
        "fld st(0)",
        "fistp qword ptr [rsp+0x28]",
        "mov rax, [rsp+0x28]",
        "cmp rax, rbx",
        "je 6f",
        "inc esi",
        "6:",
        "dec r12",
        "jnz 2b",
        "fstp st(0)",
        "mov dword ptr [rsp+0x30], 0x1F80",
        "ldmxcsr [rsp+0x30]",
        "movups xmm6, [rsp+0x40]",
        "movups xmm7, [rsp+0x50]",
        "movups xmm8, [rsp+0x60]",
        "movups xmm9, [rsp+0x70]",
        "movups xmm10, [rsp+0x80]",
        "movups xmm11, [rsp+0x90]",
        "movups xmm12, [rsp+0xA0]",
        "movups xmm13, [rsp+0xB0]",
        "movups xmm14, [rsp+0xC0]",
        "movups xmm15, [rsp+0xD0]",
        "mov eax, esi",
        "add rsp, 0x140",
        "pop r13",
        "pop r12",
        "pop rdi",
        "pop rsi",
        "pop rbx",
        "ret",
    )
}

extern "win64" fn holder(seed: u64) -> ! {
    let yielded = hold(seed * 0x0101_0101, 50, u64::from(yield_number()));
    let preempted = hold(seed * 0x0203_0405, 400, 0xFFFF);
    WRONG.fetch_add((yielded + preempted) as u32, Ordering::Relaxed);
    DONE.fetch_add(1, Ordering::Relaxed);
    rt::exit_thread()
}

fn yield_number() -> u32 {
    nt::service::SERVICES
        .iter()
        .find(|service| service.name == "NtYieldExecution")
        .map_or(0, |service| service.number)
}

/// Four threads hold different values in all their FP registers while they take turns.
pub fn survives_switches() {
    let mut threads = [None; THREADS as usize];
    for (n, thread) in threads.iter_mut().enumerate() {
        *thread = rt::spawn(holder, n as u64 + 1).ok();
    }
    for thread in threads.into_iter().flatten() {
        rt::wait(thread);
    }
    verdict("fp-ran", DONE.load(Ordering::Relaxed) == THREADS, "not all threads finished");
    verdict("fp", WRONG.load(Ordering::Relaxed) == 0, "a register was lost");
}
