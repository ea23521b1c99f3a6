//! The reader.

use core::fmt;

use crate::error::{ArchiveError, Fault};
use crate::fold;
use crate::folder::below;
use crate::layout::{ENTRY, FOLDER, HEADER, MAGIC, PAGE, SLOT, VERSION, entry, header, number};

/// An archive whose header was checked. Copies are cheap and share the bytes.
#[derive(Clone, Copy)]
pub struct Archive<'a> {
    /// Exactly the archive, without what may follow it.
    bytes: &'a [u8],
    /// One entry for each file, in order of path.
    entries: &'a [[u8; ENTRY]],
    /// Open-addressed hash table of files and folders ([`FOLDER`]).
    slots: &'a [[u8; SLOT]],
    /// Where the directory ends and the files begin, in bytes.
    files_start: usize,
}

/// A file in an archive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    position: usize,
    path: &'a [u8],
    offset: usize,
    data: &'a [u8],
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A file.
    File(File<'a>),
    /// A folder: the position of the first entry in it.
    Folder(usize),
}

impl<'a> Archive<'a> {
    /// Checks the header, in constant time. Bytes after the archive's own end are ignored.
    ///
    /// # Errors
    /// The first header field that is wrong. Entries are checked when they are used.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        let fail = |fault, offset| Err(ArchiveError { fault, offset });
        let Some(head) = bytes.first_chunk::<HEADER>() else {
            return fail(Fault::Truncated, bytes.len());
        };
        let field = |offset| number(head, offset).unwrap_or(0);
        if !head.starts_with(&MAGIC) {
            return fail(Fault::Magic, 0);
        }
        if field(header::VERSION) != VERSION as usize {
            return fail(Fault::Version, header::VERSION);
        }
        // A 32-bit number of pages cannot overflow a 64-bit number of bytes.
        let total = field(header::TOTAL_PAGES).saturating_mul(PAGE);
        let Some(archive) = bytes.get(..total) else {
            return fail(Fault::Truncated, bytes.len());
        };
        let files_start = field(header::DIRECTORY_PAGES).saturating_mul(PAGE);
        let Some(directory) = archive.get(HEADER..files_start) else {
            return fail(Fault::Directory, header::DIRECTORY_PAGES);
        };
        let (files, slots) = (field(header::FILES), field(header::SLOTS));
        let Some((entries, rest)) = directory.split_at_checked(files.saturating_mul(ENTRY)) else {
            return fail(Fault::Directory, header::FILES);
        };
        let Some(index) = rest.get(..slots.saturating_mul(SLOT)) else {
            return fail(Fault::Directory, header::SLOTS);
        };
        if !slots.is_power_of_two() {
            return fail(Fault::Directory, header::SLOTS);
        }
        let (entries, _) = entries.as_chunks::<ENTRY>();
        let (slots, _) = index.as_chunks::<SLOT>();
        Ok(Self { bytes: archive, entries, slots, files_start })
    }

    /// The archive's own bytes: a whole number of pages.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The file of that path; ASCII letters match in either case. A file whose entry is damaged
    /// is not found.
    pub fn find(&self, path: &str) -> Option<File<'a>> {
        self.find_bytes(path.as_bytes())
    }

    /// The same for a path that nobody has looked at.
    pub fn find_bytes(&self, path: &[u8]) -> Option<File<'a>> {
        match self.look_up(path)? {
            Found::File(file) => Some(file),
            Found::Folder(_) => None,
        }
    }

    /// What is at a path without a backslash at its end, a file or a folder; ASCII letters match in either case.
    pub fn look_up(&self, path: &[u8]) -> Option<Found<'a>> {
        if path.is_empty() {
            return (!self.entries.is_empty()).then_some(Found::Folder(0));
        }
        let hash = fold::hash(path);
        let mask = self.slots.len().wrapping_sub(1);
        // Bounded by the number of slots: an archive need not have the empty one it should have.
        for step in 0..self.slots.len() {
            let slot = self.slots.get((hash as usize).wrapping_add(step) & mask)?;
            let slot = u32::from_le_bytes(*slot) as usize;
            if slot & FOLDER != 0 {
                let position = slot & !FOLDER;
                if below(self.path_of(self.entries.get(position)?)?, path).is_some() {
                    return Some(Found::Folder(position));
                }
                continue;
            }
            let index = slot.checked_sub(1)?;
            let entry = self.entries.get(index)?;
            if number(entry, entry::HASH) == Some(hash as usize) && fold::same(self.path_of(entry)?, path) {
                return self.file(index, entry).ok().map(Found::File);
            }
        }
        None
    }

    /// All files, in order of path. Damaged entries are left out.
    pub fn files(&self) -> Files<'a> {
        Files { archive: *self, position: 0 }
    }

    /// The file of the entry at a position, in order of path.
    pub(crate) fn file_at(&self, position: usize) -> Option<File<'a>> {
        self.file(position, self.entries.get(position)?).ok()
    }

    /// Position of the first entry for whose path this does not hold, if it holds for all before and for none
    /// behind. Damaged paths count as empty.
    pub(crate) fn partition_point(&self, holds: impl Fn(&[u8]) -> bool) -> usize {
        self.entries.partition_point(|entry| holds(self.path_of(entry).unwrap_or_default()))
    }

    /// Checks everything: each entry, each path, the index, the padding. Takes time in proportion
    /// to the archive's size; a guest does not need it.
    ///
    /// # Errors
    /// The first damage found.
    pub fn verify(&self) -> Result<(), ArchiveError> {
        for (index, entry) in self.entries.iter().enumerate() {
            let at = HEADER + index * ENTRY;
            let file = self.file(index, entry).map_err(|fault| ArchiveError { fault, offset: at })?;
            let path = file.path();
            if path.is_empty() {
                return Err(ArchiveError { fault: Fault::Path, offset: at + entry::PATH });
            }
            if self.find(path) != Some(file) {
                return Err(ArchiveError { fault: Fault::Index, offset: at + entry::HASH });
            }
            for (end, _) in path.match_indices('\\') {
                let folder = path.as_bytes().get(..end).unwrap_or_default();
                if self.look_up(folder) != self.first_below(folder).map(Found::Folder) {
                    return Err(ArchiveError { fault: Fault::Index, offset: at + entry::PATH });
                }
            }
            let end = file.offset + file.data.len();
            let padding = self.bytes.get(end..end.next_multiple_of(PAGE)).unwrap_or(&[1]);
            if let Some(stray) = padding.iter().position(|&byte| byte != 0) {
                return Err(ArchiveError { fault: Fault::Padding, offset: end + stray });
            }
        }
        match number(self.bytes, header::RESERVED) {
            Some(0) => Ok(()),
            _ => Err(ArchiveError { fault: Fault::Padding, offset: header::RESERVED }),
        }
    }

    fn path_of(&self, entry: &[u8; ENTRY]) -> Option<&'a [u8]> {
        let start = number(entry, entry::PATH)?;
        let end = start.checked_add(number(entry, entry::PATH_LEN)?)?;
        if end > self.files_start {
            return None;
        }
        self.bytes.get(start..end)
    }

    fn file(&self, position: usize, entry: &[u8; ENTRY]) -> Result<File<'a>, Fault> {
        let path = self.path_of(entry).ok_or(Fault::Path)?;
        let range = || {
            let offset = number(entry, entry::PAGE)?.checked_mul(PAGE)?;
            let end = offset.checked_add(number(entry, entry::LEN)?)?;
            let data = self.bytes.get(offset..end)?;
            (offset >= self.files_start).then_some((offset, data))
        };
        let (offset, data) = range().ok_or(Fault::FileRange)?;
        Ok(File { position, path, offset, data })
    }
}

impl<'a> File<'a> {
    /// Number of the file's entry: its place in the order of paths.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The path as it was stored.
    pub fn path_bytes(&self) -> &'a [u8] {
        self.path
    }

    /// The path as it was stored; empty if it is no UTF-8.
    pub fn path(&self) -> &'a str {
        core::str::from_utf8(self.path).unwrap_or("")
    }

    /// Where the file begins, in bytes from the start of the archive: a multiple of [`PAGE`].
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Length in bytes. The file's last page is zero behind it.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether the file has no bytes.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// How many pages the file takes.
    pub fn pages(&self) -> usize {
        self.data.len().div_ceil(PAGE)
    }

    /// The file's bytes, without the padding.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }
}

/// Iterator over the files of an archive.
#[derive(Clone)]
pub struct Files<'a> {
    archive: Archive<'a>,
    position: usize,
}

impl<'a> Iterator for Files<'a> {
    type Item = File<'a>;

    fn next(&mut self) -> Option<File<'a>> {
        while self.position < self.archive.entries.len() {
            self.position += 1;
            if let Some(file) = self.archive.file_at(self.position - 1) {
                return Some(file);
            }
        }
        None
    }
}

impl fmt::Debug for Archive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files()).finish()
    }
}

impl fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes at {:#x})", self.path(), self.len(), self.offset)
    }
}
