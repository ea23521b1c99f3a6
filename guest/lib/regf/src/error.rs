//! What can be wrong with a hive, and where.

use core::fmt;

/// A hive, or a part of one, that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HiveError {
    /// What is wrong.
    pub fault: Fault,
    /// Where, in bytes from the start of the hive file.
    pub offset: u32,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// There are fewer bytes than the base block says, or not even a base block.
    Truncated,
    /// It does not begin with `regf`.
    Signature,
    /// Not a primary file of version 1.3 to 1.6.
    Version,
    /// The checksum is wrong or the sequence numbers differ: the hive needs its log.
    Dirty,
    /// The size of the hive bins data is not a multiple of a page.
    BinsSize,
    /// A bin's header is wrong, or its cells do not fill it.
    Bin,
    /// A reference that leads outside the hive, or not to a multiple of eight.
    CellOffset,
    /// A reference to a cell that is free.
    CellFree,
    /// A cell that is too small or reaches beyond its surroundings.
    CellSize,
    /// Not a key node (`nk`), or one that does not fit its cell.
    KeyNode,
    /// A name that does not fit its cell or is too long, or UTF-16 of an odd number of bytes.
    Name,
    /// A list of subkeys that is none, does not fit its cell, or has more entries than the hive can hold keys.
    SubkeyList,
    /// A list of values that does not fit its cell.
    ValueList,
    /// Not a value (`vk`), or one that does not fit its cell.
    ValueNode,
    /// Value data that does not fit its cell or cells.
    ValueData,
    /// Not a security item (`sk`), or one that does not fit its cell.
    Security,
    /// Counts, links or the order of a list contradict each other.
    Consistency,
    /// Keys nested deeper than [`crate::MAX_DEPTH`], or in a circle.
    Depth,
}

impl HiveError {
    /// A fault at an offset in the file; offsets beyond 4 GiB are cut to that.
    pub(crate) fn new(fault: Fault, offset: usize) -> Self {
        Self { fault, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// A fault in the cell at an offset in the hive bins data.
    pub(crate) fn cell(fault: Fault, offset: u32) -> Self {
        Self { fault, offset: offset.saturating_add(crate::layout::BASE_SIZE as u32) }
    }
}

impl fmt::Display for HiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.fault {
            Fault::Truncated => "the hive is cut short",
            Fault::Signature => "not a hive",
            Fault::Version => "a hive of a version or kind that is not supported",
            Fault::Dirty => "the hive is dirty: it must be recovered with its log",
            Fault::BinsSize => "the hive's size is no multiple of a page",
            Fault::Bin => "a malformed hive bin",
            Fault::CellOffset => "a reference that leads nowhere",
            Fault::CellFree => "a reference to a free cell",
            Fault::CellSize => "a cell of an impossible size",
            Fault::KeyNode => "a malformed key",
            Fault::Name => "a malformed name",
            Fault::SubkeyList => "a malformed list of subkeys",
            Fault::ValueList => "a malformed list of values",
            Fault::ValueNode => "a malformed value",
            Fault::ValueData => "value data that does not fit its cells",
            Fault::Security => "a malformed security item",
            Fault::Consistency => "counts or links that contradict each other",
            Fault::Depth => "keys that are nested too deep",
        };
        write!(f, "{text} (at byte {:#x})", self.offset)
    }
}

impl core::error::Error for HiveError {}
