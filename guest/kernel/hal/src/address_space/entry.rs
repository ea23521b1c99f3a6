//! Page-table entries: what their bits mean, and what the kernel gets to know of them.

/// The entry maps a page.
pub(super) const PRESENT: u64 = 1 << 0;
const WRITE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
/// The page was accessed since somebody last looked.
pub(super) const ACCESSED: u64 = 1 << 5;
/// Entries are made with both bits set, so that no processor (and no host with shadow page tables) has to
/// come by and set them.
const ACCESSED_DIRTY: u64 = ACCESSED | 1 << 6;
/// Software bit: the entry holds a reference to the frame.
pub(super) const HELD: u64 = 1 << 9;
/// Software bit: the page is the process's own.
pub(super) const OWN: u64 = 1 << 10;
/// Software bit: locked in the working set.
const LOCKED_PROCESS: u64 = 1 << 11;
/// Software bit: locked in memory.
const LOCKED_SYSTEM: u64 = 1 << 52;
const LOCKED: u64 = LOCKED_PROCESS | LOCKED_SYSTEM;
const AGE_SHIFT: u32 = 53;
/// Highest age that an entry can have.
pub const MAX_AGE: u8 = 3;
const AGE: u64 = (MAX_AGE as u64) << AGE_SHIFT;
const NO_EXECUTE: u64 = 1 << 63;
/// The physical address in an entry.
pub(super) const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;
/// Bits that what the kernel notes in an entry must not have.
const NOT_NOTED: u64 = PRESENT | HELD | OWN | LOCKED_PROCESS;

/// An entry that leads to a table.
pub(super) const TABLE: u64 = PRESENT | WRITE | USER | ACCESSED_DIRTY;
/// Bits 52 to 61 of such an entry, which the processor ignores: how many entries of the table are in use.
pub(super) const COUNT_ONE: u64 = 1 << 52;
/// See [`COUNT_ONE`].
pub(super) const COUNT: u64 = 0x3FF << 52;

/// What user mode may do with a page it can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// It may write.
    pub write: bool,
    /// It may execute.
    pub execute: bool,
}

impl Access {
    /// Read only.
    pub const READ: Self = Self { write: false, execute: false };
    /// Read and write.
    pub const READ_WRITE: Self = Self { write: true, execute: false };
    /// Read and execute.
    pub const READ_EXECUTE: Self = Self { write: false, execute: true };

    /// The bits of a present entry.
    pub(super) const fn bits(self) -> u64 {
        let write = if self.write { WRITE } else { 0 };
        let execute = if self.execute { 0 } else { NO_EXECUTE };
        PRESENT | USER | ACCESSED_DIRTY | write | execute
    }
}

/// Who wants a page to stay in memory (NtLockVirtualMemory).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locks {
    /// It stays in the working set (MAP_PROCESS).
    pub process: bool,
    /// It stays in memory (MAP_SYSTEM).
    pub system: bool,
}

/// What a page-table entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// No page; this is what the kernel noted there, 0 for nothing.
    Noted(u64),
    /// An own page that is kept, and that user mode cannot get at.
    Hidden {
        /// Page frame number.
        frame: u32,
    },
    /// A page that user mode can get at.
    Present {
        /// Page frame number.
        frame: u32,
        /// It is the process's own.
        own: bool,
        /// What user mode may do.
        access: Access,
    },
}

impl Entry {
    pub(super) fn decode(raw: u64) -> Self {
        let frame = ((raw & ADDRESS) >> 12) as u32;
        if raw & PRESENT != 0 {
            let access = Access { write: raw & WRITE != 0, execute: raw & NO_EXECUTE == 0 };
            Self::Present { frame, own: raw & OWN != 0, access }
        } else if raw & HELD != 0 {
            Self::Hidden { frame }
        } else {
            Self::Noted(raw)
        }
    }
}

/// Whether the kernel may note a value in an entry.
pub(super) const fn can_be_noted(value: u64) -> bool {
    value & NOT_NOTED == 0
}

/// The entry with other rights; only frames that it holds can become writable. Its age is forgotten.
pub(super) const fn with_access(raw: u64, access: Access) -> u64 {
    let access = Access { write: access.write && raw & HELD != 0, ..access };
    raw & (ADDRESS | HELD | OWN | LOCKED) | access.bits()
}

/// The entry of an own page without the page being present.
pub(super) const fn hidden(raw: u64) -> u64 {
    raw & (ADDRESS | HELD | OWN | LOCKED)
}

/// The locks of an entry.
pub(super) const fn locks(raw: u64) -> Locks {
    Locks { process: raw & LOCKED_PROCESS != 0, system: raw & LOCKED_SYSTEM != 0 }
}

/// The entry with other locks.
pub(super) const fn with_locks(raw: u64, locks: Locks) -> u64 {
    let process = if locks.process { LOCKED_PROCESS } else { 0 };
    let system = if locks.system { LOCKED_SYSTEM } else { 0 };
    raw & !LOCKED | process | system
}

/// The age of an entry.
pub(super) const fn age(raw: u64) -> u8 {
    ((raw & AGE) >> AGE_SHIFT) as u8
}

/// The entry with another age and marked as not accessed.
pub(super) const fn with_age(raw: u64, age: u8) -> u64 {
    let age = if age > MAX_AGE { MAX_AGE } else { age };
    raw & !(AGE | ACCESSED) | (age as u64) << AGE_SHIFT
}
