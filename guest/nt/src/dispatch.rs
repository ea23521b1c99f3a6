//! Where the kernel enters ntdll on its own account, and what is on the user's stack then.
//!
//! | entry | RSP modulo 16 | at RSP | registers |
//! |---|---|---|---|
//! | `LdrInitializeThunk` | 8 | nothing: the home space of a call is free above RSP + 8 | RCX the CONTEXT to go on with, RDX base of ntdll |
//! | `KiUserApcDispatcher` | 0 | the CONTEXT to go on with, `P1Home`–`P4Home` being the APC; a machine frame | none |
//! | `KiUserExceptionDispatcher` | 0 | the CONTEXT of the exception; the EXCEPTION_RECORD; a machine frame | none |
//!
//! None of them is called, so none returns. The first two end with `NtContinue(context, TRUE)`, which
//! delivers the next APC; the third with `NtContinue(context, FALSE)` or `NtRaiseException(record,
//! context, FALSE)`. Only [`ENTRIES`] that ntdll exports are used: without a dispatcher an exception ends
//! the process, and an APC is dropped. A program that exports a dispatcher itself is entered there instead;
//! that is how one without ntdll has APCs and handles its exceptions.
//!
//! Source: the x64 layout that debuggers and unwinders count on, as ReactOS, Wine and phnt describe it.

/// The exports of ntdll that the kernel enters, in the order of [`Entry`].
pub const ENTRIES: [&str; 3] = ["LdrInitializeThunk", "KiUserApcDispatcher", "KiUserExceptionDispatcher"];

/// Index into [`ENTRIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Entry {
    /// First code of every thread.
    LdrInitializeThunk,
    /// User APCs.
    KiUserApcDispatcher,
    /// Exceptions.
    KiUserExceptionDispatcher,
}

/// Both dispatchers: the CONTEXT, from RSP on.
pub const CONTEXT: u64 = 0;
/// `KiUserApcDispatcher`: the first argument of the routine (`P1Home`, NormalContext).
pub const APC_ARGUMENT_1: u64 = 0x00;
/// `KiUserApcDispatcher`: its second argument (`P2Home`, SystemArgument1).
pub const APC_ARGUMENT_2: u64 = 0x08;
/// `KiUserApcDispatcher`: its third argument (`P3Home`, SystemArgument2).
pub const APC_ARGUMENT_3: u64 = 0x10;
/// `KiUserApcDispatcher`: the routine itself (`P4Home`, NormalRoutine).
pub const APC_ROUTINE: u64 = 0x18;
/// `KiUserApcDispatcher`: the machine frame (RIP, CS, RFLAGS, RSP, SS; 8 bytes each).
pub const APC_MACHINE_FRAME: u64 = 0x4F0;
/// `KiUserApcDispatcher`: bytes on the stack.
pub const APC_SIZE: u64 = 0x520;

/// `KiUserExceptionDispatcher`: the EXCEPTION_RECORD.
pub const EXCEPTION_RECORD: u64 = 0x4F0;
/// `KiUserExceptionDispatcher`: the machine frame.
pub const EXCEPTION_MACHINE_FRAME: u64 = 0x590;
/// `KiUserExceptionDispatcher`: bytes on the stack.
pub const EXCEPTION_SIZE: u64 = 0x5C0;

/// `ContextFlags` of a CONTEXT for x64: which parts are meant.
pub mod context_flags {
    /// A CONTEXT of x64 at all.
    pub const AMD64: u32 = 0x0010_0000;
    /// SegSs, Rsp, SegCs, Rip, EFlags.
    pub const CONTROL: u32 = AMD64 | 0x01;
    /// The other general registers.
    pub const INTEGER: u32 = AMD64 | 0x02;
    /// SegDs, SegEs, SegFs, SegGs.
    pub const SEGMENTS: u32 = AMD64 | 0x04;
    /// MxCsr and the FXSAVE area.
    pub const FLOATING_POINT: u32 = AMD64 | 0x08;
    /// Dr0–Dr3, Dr6, Dr7.
    pub const DEBUG_REGISTERS: u32 = AMD64 | 0x10;
    /// What an exception or APC saves.
    pub const FULL: u32 = CONTROL | INTEGER | FLOATING_POINT;
    /// Everything.
    pub const ALL: u32 = FULL | SEGMENTS | DEBUG_REGISTERS;
}

/// `ExceptionFlags`: the exception cannot be continued.
pub const EXCEPTION_NONCONTINUABLE: u32 = 1;

const _: () = {
    use crate::types::{Context, ExceptionRecord};
    const MACHINE_FRAME: u64 = 5 * 8;
    assert!(size_of::<Context>() as u64 <= EXCEPTION_RECORD);
    assert!(size_of::<Context>() as u64 <= APC_MACHINE_FRAME);
    assert!(EXCEPTION_RECORD + size_of::<ExceptionRecord>() as u64 <= EXCEPTION_MACHINE_FRAME);
    assert!(APC_MACHINE_FRAME + MACHINE_FRAME <= APC_SIZE && APC_SIZE.is_multiple_of(16));
    assert!(EXCEPTION_MACHINE_FRAME + MACHINE_FRAME <= EXCEPTION_SIZE && EXCEPTION_SIZE.is_multiple_of(16));
};
