//! Where things are in an archive. All integers are 32-bit little-endian.

/// A page: the unit in which files are laid out, in bytes.
pub const PAGE: usize = 4096;
/// The first eight bytes.
pub const MAGIC: [u8; 8] = *b"smvmboot";
/// The version this crate reads and writes.
pub const VERSION: u32 = 2;

/// Size of the header in bytes.
pub(crate) const HEADER: usize = 32;
/// Size of a file's entry in bytes.
pub(crate) const ENTRY: usize = 20;
/// Size of an index slot in bytes.
pub(crate) const SLOT: usize = 4;

/// In a slot: it is a folder's, and the other bits are the position of the first entry in it. A slot without it is
/// empty, 0, or a file's: the position of its entry plus one.
pub(crate) const FOLDER: usize = 1 << 31;

/// Offsets of the header's fields.
pub(crate) mod header {
    /// [`super::VERSION`].
    pub const VERSION: usize = 8;
    /// Number of files.
    pub const FILES: usize = 12;
    /// Number of index slots: a power of two, greater than the number of files and folders.
    pub const SLOTS: usize = 16;
    /// Size of the directory in pages: the files begin after it.
    pub const DIRECTORY_PAGES: usize = 20;
    /// Size of the archive in pages.
    pub const TOTAL_PAGES: usize = 24;
    /// Zero.
    pub const RESERVED: usize = 28;
}

/// Offsets of an entry's fields.
pub(crate) mod entry {
    /// [`crate::hash`] of the path.
    pub const HASH: usize = 0;
    /// Path: bytes from the start of the archive.
    pub const PATH: usize = 4;
    /// Length of the path in bytes.
    pub const PATH_LEN: usize = 8;
    /// First page of the file, counted from the start of the archive.
    pub const PAGE: usize = 12;
    /// Length of the file in bytes.
    pub const LEN: usize = 16;
}

/// The little-endian number at an offset; `None` outside of `bytes`.
pub(crate) fn number(bytes: &[u8], offset: usize) -> Option<usize> {
    let field = bytes.get(offset..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*field) as usize)
}
