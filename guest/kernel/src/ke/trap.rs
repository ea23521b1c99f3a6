//! Traps that are no system calls: exceptions and interrupts.

use hal::trap::{TrapFrame, UserFrame, vector};
use hal::usercopy::copy_from_user;
use hal::{apic, cpu, ioapic};
use nt::{NtStatus, bugcheck};

use super::bugcheck as stop;
use super::{clock, exception, service};
use crate::{io, kd, mm};

const FIRST_INTERRUPT: u64 = 0x20;
/// `int 2Eh`.
const SYSTEM_SERVICE_INSTRUCTION: [u8; 2] = [0xCD, 0x2E];
/// `int 2Dh`.
const DEBUG_SERVICE_INSTRUCTION: [u8; 2] = [0xCD, 0x2D];
/// BREAKPOINT_PRINT: text at RCX, RDX bytes of it.
const BREAKPOINT_PRINT: u32 = 1;
const BREAKPOINT_LOAD_SYMBOLS: u32 = 3;
const BREAKPOINT_UNLOAD_SYMBOLS: u32 = 4;
/// `int3`.
const BREAKPOINT_INSTRUCTION: u8 = 0xCC;

/// An exception or interrupt from user mode.
pub fn user_trap(frame: UserFrame<'_>) {
    match frame.vector() {
        vector::PAGE_FAULT => {
            let address = cpu::fault_address();
            let error = frame.error();
            if let Err(failure) = mm::fault::resolve(address, error) {
                // Only EXCEPTION_IN_PAGE_ERROR has a third parameter: what the disk said.
                let parameters = [exception::access_kind(error), address, failure.cause.0.into()];
                let count = if failure.status == NtStatus::IN_PAGE_ERROR { 3 } else { 2 };
                exception::raise(frame, failure.status, &parameters[..count]);
            }
        }
        vector::NMI | vector::DOUBLE_FAULT | vector::MACHINE_CHECK => fatal(&frame.load()),
        vector::SYSTEM_SERVICE => service::dispatch(frame),
        vector::DEBUG_SERVICE => debug_service(frame),
        vector::INVALID_OPCODE => invalid_opcode(frame),
        // The instruction is one byte; NT reports where it is, not what is behind it.
        vector::BREAKPOINT => {
            frame.skip(-1);
            exception::raise(frame, NtStatus::BREAKPOINT, &[0]);
        }
        vector @ FIRST_INTERRUPT.. => interrupt(vector as u8),
        vector::GENERAL_PROTECTION if is_privileged(frame.rip()) => {
            exception::raise(frame, NtStatus::PRIVILEGED_INSTRUCTION, &[]);
        }
        // NT cannot say which address it was.
        vector::GENERAL_PROTECTION => exception::raise(frame, NtStatus::ACCESS_VIOLATION, &[0, u64::MAX]),
        vector => exception::raise(frame, exception_status(vector), &[]),
    }
}

/// On a paravirtual host `int n` arrives here, before the instruction.
fn invalid_opcode(frame: UserFrame<'_>) {
    let mut bytes = [0; 2];
    let instruction = copy_from_user(&mut bytes, frame.rip()).map_or([0; 2], |()| bytes);
    match instruction {
        SYSTEM_SERVICE_INSTRUCTION => {
            frame.skip(instruction.len() as i64);
            service::dispatch(frame);
        }
        DEBUG_SERVICE_INSTRUCTION => {
            frame.skip(instruction.len() as i64);
            debug_service(frame);
        }
        _ => exception::raise(frame, NtStatus::ILLEGAL_INSTRUCTION, &[]),
    }
}

/// `int 2Dh`: a service of the kernel debugger. Text is recorded as a boot event, symbols nobody wants to know;
/// anything else is a breakpoint, as without a debugger. An `int3` that follows is passed over: it is there for
/// debuggers that stop behind the instruction.
fn debug_service(frame: UserFrame<'_>) {
    let mut next = [0];
    if copy_from_user(&mut next, frame.rip()).is_ok() && next[0] == BREAKPOINT_INSTRUCTION {
        frame.skip(1);
    }
    match frame.rax() as u32 {
        BREAKPOINT_PRINT => {
            let status = kd::debug_print(frame.rcx(), frame.rdx());
            frame.set_rax(status.0.into());
        }
        BREAKPOINT_LOAD_SYMBOLS | BREAKPOINT_UNLOAD_SYMBOLS => frame.set_rax(0),
        _ => exception::raise(frame, NtStatus::BREAKPOINT, &[frame.rax()]),
    }
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
        _ => {
            clock::update();
            if let Some(line) = ioapic::line_of(vector) {
                io::interrupt::raised(line);
            }
            // Not before: a level-triggered line that is still up would come again.
            apic::end_of_interrupt();
        }
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
