//! Unwinding the stack up to a frame: handlers of the frames between clean up, then the thread goes on in that frame.
#![expect(unsafe_code, reason = "saves registers; calls into modules")]

use core::arch::naked_asm;

use nt::NtStatus;
use nt::types::{Context, ExceptionRecord};
use unwind::TERMINATION_HANDLER;

use super::context::{RtlCaptureContext, RtlRestoreContext};
use super::dispatch::unhandled;
use super::handler::{Dispatcher, call_for_unwind, disposition, flag};
use super::lookup::{Step, own_stack, step};
use super::raise;

/// Unwinds to the frame `target`, or all frames if it is 0, and goes on at `target_ip` with `value` in RAX. `context`
/// is room for that.
///
/// # Safety
/// `target` is a frame on the stack; `record` is NULL or valid; `context` can be written to.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlUnwindEx(
    target: u64,
    target_ip: u64,
    record: *mut ExceptionRecord,
    value: u64,
    context: *mut Context,
    history: u64,
) -> ! {
    // The arguments go to their home, the registers into the context, as the caller would see them.
    naked_asm!(
        ".seh_proc RtlUnwindEx",
        "sub rsp, 0x38",
        ".seh_stackalloc 0x38",
        ".seh_endprologue",
        "mov [rsp + 0x40], rcx",
        "mov [rsp + 0x48], rdx",
        "mov [rsp + 0x50], r8",
        "mov [rsp + 0x58], r9",
        "mov rcx, [rsp + 0x60]",
        "call {capture}",
        "mov rcx, [rsp + 0x60]",
        "lea rax, [rsp + 0x40]",
        "mov [rcx + 0x98], rax",
        "mov rax, [rsp + 0x38]",
        "mov [rcx + 0xF8], rax",
        "mov [rsp + 0x20], rcx",
        "mov rax, [rsp + 0x68]",
        "mov [rsp + 0x28], rax",
        "mov rcx, [rsp + 0x40]",
        "mov rdx, [rsp + 0x48]",
        "mov r8, [rsp + 0x50]",
        "mov r9, [rsp + 0x58]",
        "call {unwind}",
        "int3",
        ".seh_endproc",
        capture = sym RtlCaptureContext,
        unwind = sym unwind_to,
    )
}

/// Unwinds as [`RtlUnwindEx`] does, with room of its own.
///
/// # Safety
/// `target` is a frame on the stack; `record` is NULL or valid.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlUnwind(
    target: u64,
    target_ip: u64,
    record: *mut ExceptionRecord,
    value: u64,
) -> ! {
    // On the stack: home space and two arguments, the CONTEXT at 0x30, padding.
    naked_asm!(
        ".seh_proc RtlUnwind",
        "sub rsp, 0x508",
        ".seh_stackalloc 0x508",
        ".seh_endprologue",
        "lea rax, [rsp + 0x30]",
        "mov [rsp + 0x20], rax",
        "mov qword ptr [rsp + 0x28], 0",
        "call {unwind}",
        "int3",
        ".seh_endproc",
        unwind = sym RtlUnwindEx,
    )
}

/// # Safety
/// As for [`RtlUnwindEx`]; `context` has the registers of its caller.
unsafe extern "win64" fn unwind_to(
    target: u64,
    target_ip: u64,
    record: *mut ExceptionRecord,
    value: u64,
    context: *mut Context,
    history: u64,
) -> ! {
    let stack = own_stack();
    // SAFETY: as the caller says; handlers are those of the functions whose frames they are called for.
    unsafe {
        let mut own = ExceptionRecord {
            code: NtStatus::UNWIND.0,
            address: (*context).rip,
            ..ExceptionRecord::default()
        };
        let record = if record.is_null() { &raw mut own } else { record };
        let all = if target == 0 { flag::EXIT_UNWIND } else { 0 };
        let mut flags = (*record).flags | flag::UNWINDING | all;
        // The frame that it has come to, and the one above it.
        let (mut current, mut next) = (*context, *context);
        let at = &raw mut current;
        let mut dispatcher = Dispatcher::new(at, target_ip, history);
        loop {
            let mut place = step(&mut next, &mut dispatcher, TERMINATION_HANDLER, &stack);
            if place == Step::Lost {
                raise::about(NtStatus::BAD_STACK, record);
            }
            loop {
                let frame = dispatcher.establisher_frame;
                if !stack.contains(&frame) || !frame.is_multiple_of(8) {
                    raise::about(NtStatus::BAD_STACK, record);
                }
                if target != 0 && frame > target {
                    raise::about(NtStatus::INVALID_UNWIND_TARGET, record);
                }
                if dispatcher.language_handler == 0 {
                    break;
                }
                (*record).flags = flags | if frame == target { flag::TARGET_UNWIND } else { 0 };
                (*at).rax = value;
                let answer = call_for_unwind(record, frame, at, &raw mut dispatcher);
                flags = (*record).flags & !(flag::COLLIDED_UNWIND | flag::TARGET_UNWIND);
                match answer {
                    disposition::CONTINUE_SEARCH => break,
                    // It goes on with the frame that an earlier unwinding has come to, and its handler.
                    disposition::COLLIDED_UNWIND => {
                        let taken = dispatcher;
                        *at = *taken.context_record;
                        next = *at;
                        place = step(&mut next, &mut dispatcher, 0, &stack);
                        dispatcher = Dispatcher { context_record: at, ..taken };
                        flags |= flag::COLLIDED_UNWIND;
                    }
                    _ => raise::about(NtStatus::INVALID_DISPOSITION, record),
                }
            }
            if dispatcher.establisher_frame == target {
                *context = *at;
                (*context).rax = value;
                if (*record).code != NtStatus::UNWIND_CONSOLIDATE.0 {
                    (*context).rip = target_ip;
                }
                RtlRestoreContext(context, record);
            }
            if place != Step::Frame {
                break;
            }
            *at = next;
        }
        // All frames are gone.
        *context = *at;
        if target != 0 {
            raise::about(NtStatus::INVALID_UNWIND_TARGET, record);
        }
        unhandled(record, context)
    }
}
