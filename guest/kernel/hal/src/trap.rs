//! Trap frames, and the way from the entries in `trap.s` to the kernel.

use core::arch::global_asm;

use crate::cell::KernelCell;
use crate::cpu::{self, USER_CS, USER_SS};
use crate::usercopy;

global_asm!(include_str!("entry.s"));
global_asm!(include_str!("trap.s"));

/// Page-fault error code: it was a write.
pub const FAULT_WRITE: u64 = 1 << 1;
/// Page-fault error code: it came from user mode.
pub const FAULT_USER: u64 = 1 << 2;
/// Page-fault error code: it was an instruction fetch.
pub const FAULT_FETCH: u64 = 1 << 4;
/// Flags that user mode may have any value of: status flags, TF, DF, RF, AC, ID.
const USER_FLAGS: u64 = 0x25_0DD5;
const FLAG_INTERRUPT: u64 = 1 << 9;
const FIRST_INTERRUPT: u64 = 0x20;

/// Exception vectors by their manual names.
pub mod vector {
    /// Divide error.
    pub const DIVIDE_ERROR: u64 = 0;
    /// Debug.
    pub const DEBUG: u64 = 1;
    /// Non-maskable interrupt.
    pub const NMI: u64 = 2;
    /// Breakpoint (`int3`).
    pub const BREAKPOINT: u64 = 3;
    /// Overflow (`into`).
    pub const OVERFLOW: u64 = 4;
    /// Bound range exceeded.
    pub const BOUND: u64 = 5;
    /// Invalid opcode.
    pub const INVALID_OPCODE: u64 = 6;
    /// Double fault.
    pub const DOUBLE_FAULT: u64 = 8;
    /// Stack fault.
    pub const STACK: u64 = 12;
    /// General protection.
    pub const GENERAL_PROTECTION: u64 = 13;
    /// Page fault.
    pub const PAGE_FAULT: u64 = 14;
    /// x87 floating-point error.
    pub const FLOATING_POINT: u64 = 16;
    /// Alignment check.
    pub const ALIGNMENT: u64 = 17;
    /// Machine check.
    pub const MACHINE_CHECK: u64 = 18;
    /// SIMD floating-point error.
    pub const SIMD: u64 = 19;
    /// NT's legacy system-call interrupt.
    pub const SYSTEM_SERVICE: u64 = 0x2E;
}

/// Everything a trap saves, in the order `trap.s` pushes it (last first).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the fields are the registers of those names")]
pub struct TrapFrame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rdi: u64,
    pub rsi: u64,
    pub rbp: u64,
    pub rbx: u64,
    pub rdx: u64,
    pub rcx: u64,
    pub rax: u64,
    /// Which exception or interrupt.
    pub vector: u64,
    /// Its error code, 0 where it has none.
    pub error: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

impl TrapFrame {
    /// Whether the trap came from user mode.
    pub fn from_user(&self) -> bool {
        self.cs & 3 != 0
    }

    /// The frame with user selectors and flags, whatever it held.
    pub fn sanitised(&self) -> Self {
        Self {
            cs: u64::from(USER_CS),
            ss: u64::from(USER_SS),
            rflags: self.rflags & USER_FLAGS | FLAG_INTERRUPT | 1 << 1,
            ..*self
        }
    }
}

/// What a system call saves: all that the Win64 convention does not let it destroy and the kernel's
/// own convention does. RBX, RBP, R12–R15 and the XMM registers stay where they are.
#[repr(C)]
#[derive(Debug)]
pub struct SystemCallFrame {
    /// Service number (EAX); the result goes back in RAX.
    pub number: u64,
    /// The first four arguments: R10, RDX, R8, R9.
    pub args: [u64; 4],
    /// RSI.
    pub rsi: u64,
    /// RDI.
    pub rdi: u64,
    /// Where user mode continues.
    pub rip: u64,
    cs: u64,
    /// Its flags.
    pub rflags: u64,
    /// Its stack pointer: the return address of the stub, 32 bytes of home space, then the fifth
    /// argument at +0x28.
    pub rsp: u64,
    ss: u64,
}

unsafe extern "Rust" {
    /// A trap from user mode that is no system call.
    safe fn ki_user_trap(frame: &mut TrapFrame);
    /// An accessor of user memory faulted: true when the access can be retried.
    safe fn ki_user_access_fault(address: u64, error: u64) -> bool;
    /// A trap in the kernel that nobody can mend.
    safe fn ki_fatal_trap(frame: &TrapFrame) -> !;
}

/// Interrupts that arrived while the processor was idle.
static PENDING: KernelCell<[u64; 4]> = KernelCell::new([0; 4]);

/// Called by `trap.s` for every trap but system calls.
#[unsafe(no_mangle)]
extern "C" fn hal_trap(frame: &mut TrapFrame) {
    if frame.from_user() {
        ki_user_trap(frame);
        return;
    }
    if frame.vector >= FIRST_INTERRUPT && frame.rflags & FLAG_INTERRUPT != 0 {
        let vector = frame.vector as usize & 255;
        PENDING.lock()[vector / 64] |= 1 << (vector % 64);
        frame.rflags &= !FLAG_INTERRUPT;
        return;
    }
    if frame.vector == vector::PAGE_FAULT
        && let Some(fixup) = usercopy::fixup(frame.rip)
    {
        let address = cpu::fault_address();
        if address >= usercopy::USER_LIMIT || !ki_user_access_fault(address, frame.error) {
            frame.rip = fixup;
        }
        return;
    }
    ki_fatal_trap(frame)
}

/// Takes one interrupt that arrived during [`cpu::idle`]: its vector.
pub fn take_interrupt() -> Option<u8> {
    let mut pending = PENDING.lock();
    for (n, word) in pending.iter_mut().enumerate() {
        if *word != 0 {
            let bit = word.trailing_zeros();
            *word &= *word - 1;
            return Some((n as u32 * 64 + bit) as u8);
        }
    }
    None
}
