//! Exceptions: from the kernel, or raised by the program, to whoever handles them.
#![expect(unsafe_code, reason = "entered by the kernel; calls into modules")]

use core::arch::naked_asm;

use nt::NtStatus;
use nt::dispatch::{EXCEPTION_MACHINE_FRAME, EXCEPTION_RECORD};
use nt::types::{Boolean, Context, ExceptionRecord, Handle, UserPtr};
use unwind::EXCEPTION_HANDLER;

use super::context::go_on;
use super::handler::{Dispatcher, call_for_exception, disposition, flag};
use super::lookup::{Step, own_stack, step};
use super::{raise, vectored};
use crate::stubs::{NtRaiseException, NtTerminateProcess};

/// The kernel enters it with an exception: see [`nt::dispatch`]. It is not called, and does not return. Who unwinds
/// through it gets to the interrupted code by the machine frame, with the registers of the CONTEXT.
///
/// # Safety
/// The kernel enters it.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "win64" fn KiUserExceptionDispatcher() -> ! {
    naked_asm!(
        ".seh_proc KiUserExceptionDispatcher",
        ".seh_pushframe",
        ".seh_stackalloc {frame}",
        context_in_frame!(),
        ".seh_endprologue",
        "cld",
        "lea rcx, [rsp + {record}]",
        "mov rdx, rsp",
        "call {entered}",
        "int3",
        ".seh_endproc",
        frame = const EXCEPTION_MACHINE_FRAME,
        record = const EXCEPTION_RECORD,
        entered = sym entered,
    )
}

/// # Safety
/// Record and context are those that the kernel has put on the stack.
unsafe extern "win64" fn entered(record: *mut ExceptionRecord, context: *mut Context) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        if dispatch(record, context) {
            go_on(context);
        }
        unhandled(record, context)
    }
}

/// Nobody handles an exception: the kernel ends the process.
///
/// # Safety
/// Record and context are valid.
pub unsafe fn unhandled(record: *mut ExceptionRecord, context: *mut Context) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        let (record_at, context_at) = (record.expose_provenance() as u64, context.expose_provenance() as u64);
        NtRaiseException(UserPtr::new(record_at), UserPtr::new(context_at), Boolean(0));
        // Only when the kernel cannot read them.
        loop {
            NtTerminateProcess(Handle::CURRENT_PROCESS, NtStatus((*record).code));
        }
    }
}

/// Shows an exception to vectored handlers, then to those of the frames. Whether one has mended it, so that the thread can go on with
/// the context. A handler that unwinds does not come back here.
///
/// # Safety
/// Record and context are valid; the frames of the context are on the calling thread's stack, above the caller's.
pub unsafe fn dispatch(record: *mut ExceptionRecord, context: *mut Context) -> bool {
    // SAFETY: as the caller says.
    let handled = vectored::EXCEPTION.call(record, context) || unsafe { search(record, context) };
    if handled {
        vectored::CONTINUE.call(record, context);
    }
    handled
}

/// # Safety
/// As for [`dispatch`].
unsafe fn search(record: *mut ExceptionRecord, context: *mut Context) -> bool {
    let stack = own_stack();
    // SAFETY: as the caller says.
    let mut walk = unsafe { *context };
    let at = &raw mut walk;
    let mut dispatcher = Dispatcher::new(at, 0, 0);
    // The frame whose handler has raised this exception; 0 for none.
    let mut nested = 0;
    // SAFETY: record and context as the caller says; the handler is that of the function whose frame it is.
    unsafe {
        loop {
            let mut place = step(&mut *at, &mut dispatcher, EXCEPTION_HANDLER, &stack);
            if place == Step::Lost {
                return false;
            }
            while dispatcher.language_handler != 0 {
                let frame = dispatcher.establisher_frame;
                if !stack.contains(&frame) || !frame.is_multiple_of(8) {
                    (*record).flags |= flag::STACK_INVALID;
                    return false;
                }
                let answer = call_for_exception(record, frame, context, &raw mut dispatcher);
                if nested == frame {
                    (*record).flags &= !flag::NESTED_CALL;
                    nested = 0;
                }
                match answer {
                    disposition::CONTINUE_EXECUTION if (*record).flags & flag::NONCONTINUABLE == 0 => {
                        return true;
                    }
                    disposition::CONTINUE_EXECUTION => {
                        raise::about(NtStatus::NONCONTINUABLE_EXCEPTION, record);
                    }
                    disposition::CONTINUE_SEARCH => break,
                    disposition::NESTED_EXCEPTION => {
                        (*record).flags |= flag::NESTED_CALL;
                        nested = nested.max(dispatcher.establisher_frame);
                        break;
                    }
                    // The search goes on with the frame that is just being unwound, and its handler.
                    disposition::COLLIDED_UNWIND => {
                        let taken = dispatcher;
                        *at = *taken.context_record;
                        place = step(&mut *at, &mut dispatcher, 0, &stack);
                        dispatcher = Dispatcher { context_record: at, ..taken };
                    }
                    _ => raise::about(NtStatus::INVALID_DISPOSITION, record),
                }
            }
            if place != Step::Frame {
                return false;
            }
        }
    }
}
