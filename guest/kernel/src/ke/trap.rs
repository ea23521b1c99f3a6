//! Traps that are no system calls: exceptions and interrupts.

use hal::trap::{TrapFrame, vector};
use hal::usercopy::copy_from_user;
use hal::{apic, cpu};
use nt::{NtStatus, bugcheck};

use super::bugcheck as stop;
use super::{clock, sched, service};
use crate::{mm, ps};

const FIRST_INTERRUPT: u64 = 0x20;
/// `int 2Eh`.
const SYSTEM_SERVICE_INSTRUCTION: [u8; 2] = [0xCD, 0x2E];

/// An exception or interrupt from user mode.
pub fn user_trap(frame: &mut TrapFrame) {
    match frame.vector {
        vector::PAGE_FAULT => {
            let address = cpu::fault_address();
            if let Err(status) = mm::fault::resolve(address, frame.error) {
                ps::exit::unhandled_exception(status, frame.rip);
            }
        }
        vector::NMI | vector::DOUBLE_FAULT | vector::MACHINE_CHECK => fatal(frame),
        vector::SYSTEM_SERVICE => service::dispatch_interrupt(frame),
        // On a paravirtual host `int 2Eh` arrives as an invalid opcode, before the instruction.
        vector::INVALID_OPCODE if is_system_service(frame.rip) => {
            frame.rip += SYSTEM_SERVICE_INSTRUCTION.len() as u64;
            service::dispatch_interrupt(frame);
        }
        FIRST_INTERRUPT.. => interrupt(frame.vector as u8),
        vector::GENERAL_PROTECTION if is_privileged(frame.rip) => {
            ps::exit::unhandled_exception(NtStatus::PRIVILEGED_INSTRUCTION, frame.rip);
        }
        exception => ps::exit::unhandled_exception(exception_status(exception), frame.rip),
    }
    before_user_mode();
}

fn is_system_service(rip: u64) -> bool {
    let mut bytes = [0; 2];
    copy_from_user(&mut bytes, rip).is_ok() && bytes == SYSTEM_SERVICE_INSTRUCTION
}

/// Whether the instruction is one that ring 0 reserves for itself; a general-protection fault has many
/// other causes, which are all access violations to NT. Opcodes: AMD64 manual volume 3, appendix A.
fn is_privileged(rip: u64) -> bool {
    let mut bytes = [0; 2];
    if copy_from_user(&mut bytes, rip).is_err() {
        return false;
    }
    match bytes {
        // INS OUTS; IN OUT by number; IN OUT by DX; HLT; CLI STI.
        [0x6C..=0x6F | 0xE4..=0xE7 | 0xEC..=0xEF | 0xF4 | 0xFA | 0xFB, _] => true,
        // LLDT LTR and LGDT LIDT LMSW INVLPG; CLTS SYSRET INVD WBINVD; MOV to and from CR and DR; WRMSR, RDMSR RDPMC.
        [0x0F, opcode] => matches!(opcode, 0x00 | 0x01 | 0x06..=0x09 | 0x20..=0x23 | 0x30 | 0x32 | 0x33),
        _ => false,
    }
}

/// An interrupt, from user mode or while idle.
pub fn interrupt(vector: u8) {
    match vector {
        apic::CLOCK_VECTOR => {
            apic::end_of_interrupt();
            clock::tick();
        }
        // A spurious interrupt is not in service and must not be ended.
        apic::SPURIOUS_VECTOR => {}
        _ => apic::end_of_interrupt(),
    }
}

/// What is due before a thread continues in user mode: its end, or another thread's turn.
pub fn before_user_mode() {
    if sched::attention() {
        sched::attend();
    }
}

/// The NTSTATUS of a processor exception in user mode, as NT's trap handlers raise it.
fn exception_status(exception: u64) -> NtStatus {
    match exception {
        vector::DIVIDE_ERROR => NtStatus::INTEGER_DIVIDE_BY_ZERO,
        vector::DEBUG => NtStatus::SINGLE_STEP,
        vector::BREAKPOINT => NtStatus::BREAKPOINT,
        vector::OVERFLOW => NtStatus::INTEGER_OVERFLOW,
        vector::BOUND => NtStatus::ARRAY_BOUNDS_EXCEEDED,
        vector::INVALID_OPCODE => NtStatus::ILLEGAL_INSTRUCTION,
        vector::FLOATING_POINT | vector::SIMD => NtStatus::FLOAT_INVALID_OPERATION,
        vector::ALIGNMENT => NtStatus::DATATYPE_MISALIGNMENT,
        _ => NtStatus::ACCESS_VIOLATION,
    }
}

/// A trap in the kernel that nobody can mend, or one that is fatal wherever it happens.
pub fn fatal(frame: &TrapFrame) -> ! {
    let address = cpu::fault_address();
    let (code, params) = match frame.vector {
        vector::PAGE_FAULT => {
            (bugcheck::PAGE_FAULT_IN_NONPAGED_AREA, [address, frame.error >> 1 & 1, frame.rip, 0])
        }
        vector::NMI => (bugcheck::NMI_HARDWARE_FAILURE, [0; 4]),
        vector::MACHINE_CHECK => (bugcheck::MACHINE_CHECK_EXCEPTION, [0; 4]),
        vector::INVALID_OPCODE | vector::DIVIDE_ERROR | vector::BREAKPOINT => (
            bugcheck::KMODE_EXCEPTION_NOT_HANDLED,
            [exception_status(frame.vector).0.into(), frame.rip, 0, 0],
        ),
        other => (bugcheck::UNEXPECTED_KERNEL_MODE_TRAP, [other, frame.error, frame.rip, 0]),
    };
    stop::bugcheck_at(frame, code, params)
}
