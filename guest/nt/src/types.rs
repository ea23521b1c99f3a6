//! Types of service arguments and the structures they point to. Layouts: x64, as Microsoft and phnt
//! publish them; every offset that matters is asserted.

use core::marker::PhantomData;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::NtStatus;

/// A handle, or one of the pseudo-handles below.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Handle(pub u64);

impl Handle {
    /// No handle.
    pub const NULL: Self = Self(0);
    /// `NtCurrentProcess()`.
    pub const CURRENT_PROCESS: Self = Self(-1i64 as u64);
    /// `NtCurrentThread()`.
    pub const CURRENT_THREAD: Self = Self(-2i64 as u64);
}

/// BOOLEAN: a byte, true when it is not zero.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boolean(pub u8);

/// A pointer that a user program alleges to be one. NULL is 0.
#[repr(transparent)]
pub struct UserPtr<T> {
    /// The address.
    pub address: u64,
    target: PhantomData<*const T>,
}

impl<T> UserPtr<T> {
    /// A pointer to `address`.
    pub const fn new(address: u64) -> Self {
        Self { address, target: PhantomData }
    }

    /// Whether it is NULL.
    pub const fn is_null(&self) -> bool {
        self.address == 0
    }
}

impl<T> Clone for UserPtr<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for UserPtr<T> {}

/// How an argument comes out of a register or stack slot; upper bits of small types are not looked at.
pub trait FromArg {
    /// Decodes the argument.
    fn from_arg(raw: u64) -> Self;
}

impl FromArg for Handle {
    fn from_arg(raw: u64) -> Self {
        // Pseudo-handles may come as 32-bit numbers that the caller did not extend.
        Self(raw)
    }
}

impl FromArg for Boolean {
    fn from_arg(raw: u64) -> Self {
        Self(raw as u8)
    }
}

impl FromArg for u32 {
    fn from_arg(raw: u64) -> Self {
        raw as u32
    }
}

impl FromArg for i32 {
    fn from_arg(raw: u64) -> Self {
        raw as i32
    }
}

impl FromArg for u64 {
    fn from_arg(raw: u64) -> Self {
        raw
    }
}

impl FromArg for NtStatus {
    fn from_arg(raw: u64) -> Self {
        Self(raw as u32)
    }
}

impl<T> FromArg for UserPtr<T> {
    fn from_arg(raw: u64) -> Self {
        Self::new(raw)
    }
}

/// UNICODE_STRING.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct UnicodeString {
    /// Bytes in use.
    pub length: u16,
    /// Bytes there are.
    pub maximum_length: u16,
    /// Padding.
    pub reserved: u32,
    /// Address of the UTF-16 text.
    pub buffer: u64,
}

/// CLIENT_ID.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ClientId {
    /// Process id.
    pub process: u64,
    /// Thread id.
    pub thread: u64,
}

/// OBJECT_ATTRIBUTES: which object is meant, or how a new one is to be.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ObjectAttributes {
    /// Bytes of this structure.
    pub length: u32,
    /// Padding.
    pub reserved: u32,
    /// Directory, key or file that the name is relative to; 0 for none.
    pub root_directory: u64,
    /// Address of the name, a UNICODE_STRING; 0 for none.
    pub object_name: u64,
    /// `OBJ_*`.
    pub attributes: u32,
    /// Padding.
    pub reserved_2: u32,
    /// Address of a SECURITY_DESCRIPTOR; 0 for none.
    pub security_descriptor: u64,
    /// Address of a SECURITY_QUALITY_OF_SERVICE; 0 for none.
    pub security_quality_of_service: u64,
}

/// IO_STATUS_BLOCK: how a request ended.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct IoStatusBlock {
    /// NTSTATUS, in the lower half.
    pub status: u64,
    /// Bytes transferred, or what a creation did.
    pub information: u64,
}

/// EXCEPTION_RECORD.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ExceptionRecord {
    /// The exception, an NTSTATUS.
    pub code: u32,
    /// 1: cannot be continued.
    pub flags: u32,
    /// Address of an earlier record; 0 for none.
    pub record: u64,
    /// Where it happened.
    pub address: u64,
    /// How many of the parameters are in use.
    pub parameters: u32,
    /// Padding.
    pub reserved: u32,
    /// An access violation: 0 read, 1 write, 8 execute; then the address.
    pub information: [u64; 15],
}

/// INITIAL_TEB: the stack of a thread to be made.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct InitialTeb {
    /// Stack of a fiber that becomes a thread; zero.
    pub previous_stack_base: u64,
    /// Zero.
    pub previous_stack_limit: u64,
    /// First address above the stack.
    pub stack_base: u64,
    /// Lowest committed address.
    pub stack_limit: u64,
    /// Lowest reserved address.
    pub allocated_stack_base: u64,
}

/// What `NtTraceEvent` records here: an event id of [`crate::events`], its phase, numbers and text.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TraceFields {
    /// Event id.
    pub event: u16,
    /// `B`, `E` or `I`.
    pub phase: u8,
    /// Bytes of `text` in use.
    pub text_len: u8,
    /// Zero.
    pub reserved: u32,
    /// Numeric arguments.
    pub args: [u64; 2],
    /// UTF-8 text.
    pub text: [u8; 64],
}

/// CONTEXT of x64: the registers of a thread, without the AVX part.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[expect(missing_docs, reason = "the fields are the registers of those names")]
pub struct Context {
    pub home: [u64; 6],
    pub context_flags: u32,
    pub mx_csr: u32,
    pub segments: [u16; 6],
    pub eflags: u32,
    pub debug: [u64; 6],
    pub rax: u64,
    pub rcx: u64,
    pub rdx: u64,
    pub rbx: u64,
    pub rsp: u64,
    pub rbp: u64,
    pub rsi: u64,
    pub rdi: u64,
    pub r8: u64,
    pub r9: u64,
    pub r10: u64,
    pub r11: u64,
    pub r12: u64,
    pub r13: u64,
    pub r14: u64,
    pub r15: u64,
    pub rip: u64,
    pub fp: [u8; 512],
    pub vector: [u64; 53],
    pub tail: [u64; 5],
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<UnicodeString>() == 16 && offset_of!(UnicodeString, buffer) == 8);
    assert!(size_of::<InitialTeb>() == 0x28);
    assert!(size_of::<ObjectAttributes>() == 0x30 && offset_of!(ObjectAttributes, attributes) == 0x18);
    assert!(offset_of!(ObjectAttributes, security_descriptor) == 0x20);
    assert!(size_of::<IoStatusBlock>() == 0x10);
    assert!(size_of::<ExceptionRecord>() == 0x98 && offset_of!(ExceptionRecord, information) == 0x20);
    assert!(size_of::<Context>() == 0x4D0);
    assert!(offset_of!(Context, context_flags) == 0x30);
    assert!(offset_of!(Context, eflags) == 0x44);
    assert!(offset_of!(Context, rax) == 0x78);
    assert!(offset_of!(Context, rip) == 0xF8);
    assert!(offset_of!(Context, fp) == 0x100);
};
