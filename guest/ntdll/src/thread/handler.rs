//! Calling language handlers, in frames that show that it was done: when a handler raises an exception itself, or unwinds,
//! it comes by here.
#![expect(unsafe_code, reason = "calls into modules")]

use core::arch::naked_asm;
use core::mem::offset_of;

use nt::types::{Context, ExceptionRecord};
use unwind::Handler;

/// EXCEPTION_DISPOSITION: what a handler answers.
pub mod disposition {
    /// The exception is mended.
    pub const CONTINUE_EXECUTION: u32 = 0;
    /// It is somebody else's.
    pub const CONTINUE_SEARCH: u32 = 1;
    /// It was raised by a handler, which was called for the frame in the dispatcher context.
    pub const NESTED_EXCEPTION: u32 = 2;
    /// It goes on where an earlier unwinding was, which is in the dispatcher context.
    pub const COLLIDED_UNWIND: u32 = 3;
}

/// `ExceptionFlags`.
pub mod flag {
    /// Going on is an error.
    pub const NONCONTINUABLE: u32 = 0x01;
    /// Frames are unwound.
    pub const UNWINDING: u32 = 0x02;
    /// All frames are unwound.
    pub const EXIT_UNWIND: u32 = 0x04;
    /// A frame lies outside the stack.
    pub const STACK_INVALID: u32 = 0x08;
    /// A handler raised it.
    pub const NESTED_CALL: u32 = 0x10;
    /// This frame is the target of the unwinding.
    pub const TARGET_UNWIND: u32 = 0x20;
    /// The unwinding goes on where an earlier one was.
    pub const COLLIDED_UNWIND: u32 = 0x40;
    /// Any kind of unwinding.
    pub const UNWIND: u32 = UNWINDING | EXIT_UNWIND | TARGET_UNWIND | COLLIDED_UNWIND;
}

/// DISPATCHER_CONTEXT of x64: the frame that a handler is called for.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Dispatcher {
    pub control_pc: u64,
    pub image_base: u64,
    /// RUNTIME_FUNCTION; 0 for none.
    pub function_entry: u64,
    pub establisher_frame: u64,
    pub target_ip: u64,
    pub context_record: *mut Context,
    /// 0 for none.
    pub language_handler: u64,
    pub handler_data: u64,
    pub history_table: u64,
    /// How far the handler is with its scopes.
    pub scope_index: u32,
    pub fill: u32,
}

const _: () = {
    assert!(size_of::<Dispatcher>() == 0x50 && offset_of!(Dispatcher, language_handler) == 0x30);
};

impl Dispatcher {
    /// A dispatcher context for the walk of `context`.
    pub fn new(context: *mut Context, target_ip: u64, history_table: u64) -> Self {
        Self {
            control_pc: 0,
            image_base: 0,
            function_entry: 0,
            establisher_frame: 0,
            target_ip,
            context_record: context,
            language_handler: 0,
            handler_data: 0,
            history_table,
            scope_index: 0,
            fill: 0,
        }
    }

    /// The frame of a function, by the address of its RUNTIME_FUNCTION if it has one, and its handler.
    pub fn set_frame(&mut self, base: u64, entry: Option<u64>, establisher: u64, handler: Option<Handler>) {
        let address = |rva: u32| base + u64::from(rva);
        self.image_base = base;
        self.function_entry = entry.unwrap_or(0);
        self.establisher_frame = establisher;
        self.language_handler = handler.map_or(0, |handler| address(handler.routine));
        self.handler_data = handler.map_or(0, |handler| address(handler.data));
        self.scope_index = 0;
    }
}

/// Calls the handler in the dispatcher context, for an exception.
///
/// # Safety
/// All that is passed is valid, and the handler is one.
#[unsafe(naked)]
pub unsafe extern "win64" fn call_for_exception(
    record: *mut ExceptionRecord,
    frame: u64,
    context: *mut Context,
    dispatcher: *mut Dispatcher,
) -> u32 {
    naked_asm!(
        ".seh_proc {name}",
        "sub rsp, 0x28",
        ".seh_stackalloc 0x28",
        ".seh_endprologue",
        ".seh_handler {nested}, @except, @unwind",
        "mov [rsp + 0x20], r9",
        "call qword ptr [r9 + 0x30]",
        "nop",
        "add rsp, 0x28",
        "ret",
        ".seh_endproc",
        name = sym call_for_exception,
        nested = sym nested,
    )
}

/// Calls the handler in the dispatcher context, while frames are unwound.
///
/// # Safety
/// All that is passed is valid, and the handler is one.
#[unsafe(naked)]
pub unsafe extern "win64" fn call_for_unwind(
    record: *mut ExceptionRecord,
    frame: u64,
    context: *mut Context,
    dispatcher: *mut Dispatcher,
) -> u32 {
    naked_asm!(
        ".seh_proc {name}",
        "sub rsp, 0x28",
        ".seh_stackalloc 0x28",
        ".seh_endprologue",
        ".seh_handler {collided}, @except, @unwind",
        "mov [rsp + 0x20], r9",
        "call qword ptr [r9 + 0x30]",
        "nop",
        "add rsp, 0x28",
        "ret",
        ".seh_endproc",
        name = sym call_for_unwind,
        collided = sym collided,
    )
}

/// Where both keep the dispatcher context that they were called with, in their frame.
const KEPT: u64 = 0x20;

/// # Safety
/// `frame` is that of one of the two functions above.
unsafe fn kept(frame: u64) -> *const Dispatcher {
    // SAFETY: as the caller says.
    unsafe { core::ptr::with_exposed_provenance::<*const Dispatcher>((frame + KEPT) as usize).read() }
}

/// A handler has raised an exception: frames up to the one that it was called for are between the two.
///
/// # Safety
/// It is called as a language handler for a frame of [`call_for_exception`].
unsafe extern "win64" fn nested(
    record: *mut ExceptionRecord,
    frame: u64,
    _context: *mut Context,
    dispatcher: *mut Dispatcher,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        if (*record).flags & flag::UNWIND != 0 {
            return disposition::CONTINUE_SEARCH;
        }
        (*dispatcher).establisher_frame = (*kept(frame)).establisher_frame;
    }
    disposition::NESTED_EXCEPTION
}

/// A handler that was called while frames were unwound has raised an exception or unwinds further: that goes on where the
/// first unwinding was.
///
/// # Safety
/// It is called as a language handler for a frame of [`call_for_unwind`].
unsafe extern "win64" fn collided(
    _record: *mut ExceptionRecord,
    frame: u64,
    _context: *mut Context,
    dispatcher: *mut Dispatcher,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let target_ip = (*dispatcher).target_ip;
        *dispatcher = Dispatcher { target_ip, ..*kept(frame) };
    }
    disposition::COLLIDED_UNWIND
}
