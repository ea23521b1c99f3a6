//! What a debugger or the monitor reads out of guest memory: the debugger data block, the trace
//! ring and the crash record. Nothing here costs the guest an exit.
//!
//! The kernel's ELF file carries a note (owner [`NOTE_OWNER`], type [`NOTE_TYPE`]) whose descriptor
//! is a [`KernelNote`]; it gives the physical address of the [`DebuggerData`] block, which gives
//! the rest. All integers are little-endian, all addresses guest-physical.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Owner name of the kernel's ELF note, without the terminating NUL.
pub const NOTE_OWNER: &[u8] = b"smvm";
/// Type of the kernel's ELF note.
pub const NOTE_TYPE: u32 = 1;
/// Version of every structure in this module; monitor and guest must agree.
pub const KD_VERSION: u32 = 1;

/// Descriptor of the kernel's ELF note.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KernelNote {
    /// [`KD_VERSION`].
    pub version: u32,
    /// Zero.
    pub reserved: u32,
    /// Physical address of the [`DebuggerData`].
    pub debugger_data: u64,
}

/// First field of [`DebuggerData`].
pub const DEBUGGER_DATA_MAGIC: u64 = u64::from_le_bytes(*b"KDBGsmvm");

/// Where everything is. Zero addresses mean "not there yet".
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct DebuggerData {
    /// [`DEBUGGER_DATA_MAGIC`].
    pub magic: u64,
    /// [`KD_VERSION`].
    pub version: u32,
    /// Size of this structure in bytes.
    pub size: u32,
    /// Physical address of the [`TraceHeader`].
    pub trace: u64,
    /// Physical address of the [`CrashRecord`].
    pub crash: u64,
    /// Physical address of the [`crate::hives::HiveTable`].
    pub hives: u64,
    /// Physical address of [`WAITS`] values of [`WaitRecord`].
    pub waits: u64,
}

/// How many threads that wait are noted; further ones are not.
pub const WAITS: usize = 128;

/// A thread that waits, and for what. There is nobody where `since` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct WaitRecord {
    /// Time stamp counter when the wait began.
    pub since: u64,
    /// Process id.
    pub pid: u32,
    /// Thread id.
    pub tid: u32,
    /// One of [`wait_kind`], twice: the first two objects that it waits for.
    pub kinds: [u32; 2],
    /// Which ones; see [`wait_kind`].
    pub targets: [u64; 2],
    /// How many objects it waits for in all; 0 when nobody has said.
    pub count: u32,
    /// Not 0: for all of them.
    pub all: u32,
}

impl WaitRecord {
    /// Nobody waits here.
    pub const NOBODY: Self =
        Self { since: 0, pid: 0, tid: 0, kinds: [0; 2], targets: [0; 2], count: 0, all: 0 };
}

/// What a thread can wait for.
pub mod wait_kind {
    /// Nobody has said.
    pub const UNKNOWN: u32 = 0;
    /// An event; the target is its address.
    pub const EVENT: u32 = 1;
    /// The end of a process; its id.
    pub const PROCESS: u32 = 2;
    /// The end of a thread; its id, and above 32 bits that of its process.
    pub const THREAD: u32 = 3;
    /// A semaphore; its address.
    pub const SEMAPHORE: u32 = 4;
    /// A mutant; its address.
    pub const MUTANT: u32 = 5;
    /// A timer; its address.
    pub const TIMER: u32 = 6;
    /// A request of a file or device.
    pub const FILE: u32 = 7;
    /// A message at a port.
    pub const MESSAGE: u32 = 8;
    /// The reply to a request; the process id of the server.
    pub const REPLY: u32 = 9;
    /// A connection; the process id of the server.
    pub const CONNECTION: u32 = 10;
    /// A time.
    pub const DELAY: u32 = 11;
}

/// First field of [`TraceHeader`].
pub const TRACE_MAGIC: u64 = u64::from_le_bytes(*b"TRCRsmvm");

/// Head of the trace ring; `capacity` slots of [`TraceRecord`] size follow it.
///
/// `head` and `tail` count slots since boot and never wrap; slot `n` lies at index
/// `n % capacity`. The guest writes a record's slots, then moves `head`; a reader copies them, then
/// moves `tail`. When a record does not fit, it is dropped and `lost` is counted up.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TraceHeader {
    /// [`TRACE_MAGIC`].
    pub magic: u64,
    /// [`KD_VERSION`].
    pub version: u32,
    /// Number of slots, a power of two.
    pub capacity: u32,
    /// Slots written so far. Guest writes.
    pub head: u64,
    /// Slots read so far. Reader writes.
    pub tail: u64,
    /// Records dropped because the ring was full. Guest writes.
    pub lost: u64,
    /// Zero; makes the header a multiple of the slot size.
    pub reserved: [u64; 3],
}

/// One event in the trace ring: one slot.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TraceRecord {
    /// Time stamp counter at the event.
    pub tsc: u64,
    /// Which event: an id of [`crate::events`].
    pub event: u16,
    /// `B` begin, `E` end, `I` instant (ASCII).
    pub phase: u8,
    /// Number of further slots that hold UTF-8 text, padded with NULs.
    pub text_slots: u8,
    /// Process the event happened in; 0 before there is one.
    pub pid: u32,
    /// Arguments; their meaning is in the event's description.
    pub args: [u64; 2],
}

/// Size of a slot in bytes.
pub const TRACE_SLOT: usize = size_of::<TraceRecord>();
/// Longest text of an event in bytes; longer text is cut.
pub const TRACE_TEXT_MAX: usize = 4 * TRACE_SLOT;

/// First field of [`CrashRecord`] once the record is complete.
pub const CRASH_MAGIC: u64 = u64::from_le_bytes(*b"CRSHsmvm");

/// Registers at a crash, in the order of the instruction set's numbering.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CrashRegisters {
    /// RAX RCX RDX RBX RSP RBP RSI RDI R8–R15.
    pub gpr: [u64; 16],
    /// Instruction pointer.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
    /// Faulting linear address of the last page fault.
    pub cr2: u64,
    /// Page-table root.
    pub cr3: u64,
}

/// What the kernel leaves behind at a bugcheck.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CrashRecord {
    /// [`CRASH_MAGIC`], written last.
    pub magic: u64,
    /// Bugcheck code, see [`crate::bugcheck`].
    pub code: u32,
    /// Process that was running; 0 for none.
    pub pid: u32,
    /// The four bugcheck parameters.
    pub params: [u64; 4],
    /// NTSTATUS at the root of it, where there is one; 0 otherwise.
    pub status: u32,
    /// Thread that was running; 0 for none.
    pub tid: u32,
    /// Image name of the process, NUL-padded.
    pub process: [u8; 16],
    /// Registers where the fault happened, or where the bugcheck was called.
    pub registers: CrashRegisters,
    /// What the kernel says about it in words (UTF-8), NUL-padded.
    pub text: [u8; 192],
}

/// The text in a NUL-padded field, up to the first byte that is no UTF-8.
pub fn padded_str(bytes: &[u8]) -> &str {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    match core::str::from_utf8(&bytes[..end]) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}

const _: () = {
    assert!(size_of::<DebuggerData>() == 48);
    assert!(size_of::<WaitRecord>() == 48);
    assert!(size_of::<TraceRecord>() == 32);
    assert!(size_of::<TraceHeader>().is_multiple_of(TRACE_SLOT));
    assert!(size_of::<CrashRegisters>() == 160);
    assert!(size_of::<CrashRecord>() == 8 + 8 + 32 + 8 + 16 + 160 + 192);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_text_ends_at_nul_or_bad_utf8() {
        assert_eq!(padded_str(b"smss.exe\0\0"), "smss.exe");
        assert_eq!(padded_str(b"abc"), "abc");
        assert_eq!(padded_str(b"ab\xFFc"), "ab");
        assert_eq!(padded_str(b""), "");
    }
}
