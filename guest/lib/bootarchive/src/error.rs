//! What can be wrong with an archive, and where.

use core::fmt;

/// An archive that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveError {
    /// What is wrong.
    pub fault: Fault,
    /// Where, in bytes from the start of the archive.
    pub offset: usize,
}

/// The kinds of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There are fewer bytes than the archive says it has.
    Truncated,
    /// It does not begin with [`crate::MAGIC`].
    Magic,
    /// It has another version than [`crate::VERSION`].
    Version,
    /// The directory does not fit where it must lie.
    Directory,
    /// A file lies outside the file area.
    FileRange,
    /// A path lies outside the directory, is empty or is no UTF-8.
    Path,
    /// A file cannot be found under its own path.
    Index,
    /// Bytes that must be zero are not.
    Padding,
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.fault {
            Fault::Truncated => "the boot archive is cut short",
            Fault::Magic => "not a boot archive",
            Fault::Version => "a boot archive of another version",
            Fault::Directory => "the boot archive's directory does not fit",
            Fault::FileRange => "a file lies outside the boot archive",
            Fault::Path => "a path in the boot archive is malformed",
            Fault::Index => "a file of the boot archive cannot be found under its path",
            Fault::Padding => "the boot archive's padding is not zero",
        };
        write!(f, "{text} (at byte {:#x})", self.offset)
    }
}

impl core::error::Error for ArchiveError {}
