//! Raising exceptions.
#![expect(unsafe_code, reason = "saves registers; calls system services")]

use core::arch::naked_asm;

use nt::NtStatus;
use nt::types::{Boolean, Context, ExceptionRecord, UserPtr};

use super::context::{RtlCaptureContext, RtlRestoreContext};
use super::dispatch::{dispatch, unhandled};
use super::handler::flag;
use crate::peb::peb;
use crate::stubs::NtRaiseException;

/// Raises an exception that cannot be continued.
pub fn raise_status(status: NtStatus) -> ! {
    let mut record =
        ExceptionRecord { code: status.0, flags: flag::NONCONTINUABLE, ..ExceptionRecord::default() };
    loop {
        // SAFETY: the record is valid. It does not come back, since the exception cannot be continued.
        unsafe { RtlRaiseException(&raw mut record) };
    }
}

/// Raises an exception that cannot be continued, about another one.
///
/// # Safety
/// `record` is valid.
pub unsafe fn about(status: NtStatus, record: *const ExceptionRecord) -> ! {
    let mut another = ExceptionRecord {
        code: status.0,
        flags: flag::NONCONTINUABLE,
        record: record.expose_provenance() as u64,
        ..ExceptionRecord::default()
    };
    loop {
        // SAFETY: the records are valid.
        unsafe { RtlRaiseException(&raw mut another) };
    }
}

/// Raises an exception with a status, that cannot be continued.
#[unsafe(no_mangle)]
extern "win64" fn RtlRaiseStatus(status: NtStatus) -> ! {
    raise_status(status)
}

/// Raises an exception where it is called. It returns when a handler has mended it.
///
/// # Safety
/// `record` is valid.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlRaiseException(record: *mut ExceptionRecord) {
    // On the stack: home space, the CONTEXT at 0x20, padding; then the return address, and the record's home.
    naked_asm!(
        ".seh_proc RtlRaiseException",
        "sub rsp, 0x4F8",
        ".seh_stackalloc 0x4F8",
        ".seh_endprologue",
        "mov [rsp + 0x500], rcx",
        "lea rcx, [rsp + 0x20]",
        "call {capture}",
        // As the caller will see them.
        "lea rax, [rsp + 0x500]",
        "mov [rsp + 0x20 + 0x98], rax",
        "mov rax, [rsp + 0x4F8]",
        "mov [rsp + 0x20 + 0xF8], rax",
        "mov rcx, [rsp + 0x500]",
        "mov [rsp + 0x20 + 0x80], rcx",
        "mov [rcx + 0x10], rax",
        "lea rdx, [rsp + 0x20]",
        "call {raised}",
        "int3",
        ".seh_endproc",
        capture = sym RtlCaptureContext,
        raised = sym raised,
    )
}

/// # Safety
/// Record and context are valid; the context is that of the caller of [`RtlRaiseException`].
unsafe extern "win64" fn raised(record: *mut ExceptionRecord, context: *mut Context) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        if (*peb()).being_debugged != 0 {
            // The debugger sees it first.
            let (record_at, context_at) =
                (record.expose_provenance() as u64, context.expose_provenance() as u64);
            let status = NtRaiseException(UserPtr::new(record_at), UserPtr::new(context_at), Boolean(1));
            raise_status(status);
        }
        if dispatch(record, context) {
            RtlRestoreContext(context, core::ptr::null());
        }
        unhandled(record, context)
    }
}
