//! What the kernel tells an exception port of a process's unhandled exception, x64. Source: the published layout of
//! DBGKM_MSG with DBGKM_EXCEPTION.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::lpc::PORT_MESSAGE_SIZE;
use crate::types::ExceptionRecord;

/// `ApiNumber` of an exception (DbgKmExceptionApi).
pub const EXCEPTION_API: u32 = 0;

/// DBGKM_MSG of an exception, behind its PORT_MESSAGE.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ExceptionMessage {
    /// [`EXCEPTION_API`].
    pub api: u32,
    /// NTSTATUS, in the reply: DBG_CONTINUE or DBG_EXCEPTION_HANDLED lets the thread go on.
    pub status: u32,
    /// The exception.
    pub record: ExceptionRecord,
    /// Not zero: nobody has been asked before.
    pub first_chance: u32,
    /// Padding.
    pub reserved: u32,
}

const _: () = {
    assert!(offset_of!(ExceptionMessage, record) + PORT_MESSAGE_SIZE == 0x30);
    assert!(size_of::<ExceptionMessage>() + PORT_MESSAGE_SIZE == 0xD0);
};
