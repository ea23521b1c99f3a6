//! The section table ("Section Table (Section Headers)").

use core::fmt;

use crate::error::{Fault, PeError};
use crate::header::{Image, Layout};
use crate::rva::{read_u32, round_up};

/// Size of a section header in bytes.
pub(crate) const HEADER_LEN: usize = 40;

const EXECUTE: u32 = 0x2000_0000;
const READ: u32 = 0x4000_0000;
const WRITE: u32 = 0x8000_0000;
const SHARED: u32 = 0x1000_0000;
const DISCARDABLE: u32 = 0x0200_0000;
/// Code, without any of the memory flags.
const CONTAINS_CODE: u32 = 0x0000_0020;

/// A section that was checked: it lies inside the image behind the one before it, and its data
/// inside the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// Name, padded with NULs.
    pub name: [u8; 8],
    /// Where it begins in memory: a multiple of the section alignment.
    pub rva: u32,
    /// Its size in memory in bytes; not 0.
    pub virtual_size: u32,
    /// Where its data begins in the file: a multiple of the file alignment. 0 when it has none.
    pub file_offset: u32,
    /// How many bytes of it come from the file: at most `virtual_size`. The rest is zero.
    pub raw_len: u32,
    /// How many bytes the file has for it: `raw_len` and what the linker filled up with, which is
    /// mapped along where it shares a page.
    pub file_len: u32,
    /// `IMAGE_SCN_*` flags.
    pub characteristics: u32,
}

/// How a section's pages may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Read.
    pub read: bool,
    /// Written; each process gets its own copy unless [`Section::is_shared`].
    pub write: bool,
    /// Executed.
    pub execute: bool,
}

impl Section {
    /// The fields as they are in the table, with no promise about them.
    pub(crate) fn decode(header: &[u8; HEADER_LEN]) -> Self {
        let word = |offset| read_u32(header, offset).unwrap_or(0);
        let (virtual_size, file_len, file_offset) = (word(8), word(16), word(20));
        // Old linkers leave the virtual size 0; no raw pointer means that there is no data.
        let virtual_size = if virtual_size == 0 { file_len } else { virtual_size };
        let file_len = if file_offset == 0 { 0 } else { file_len };
        Self {
            name: header.first_chunk().copied().unwrap_or_default(),
            rva: word(12),
            virtual_size,
            file_offset: if file_len == 0 { 0 } else { file_offset },
            raw_len: file_len.min(virtual_size),
            file_len,
            characteristics: word(36),
        }
    }

    /// The name without its padding.
    pub fn name(&self) -> &[u8] {
        let end = self.name.iter().position(|&byte| byte == 0).unwrap_or(self.name.len());
        self.name.get(..end).unwrap_or(&[])
    }

    /// How its pages may be used.
    pub fn protection(&self) -> Protection {
        let any = |flags| self.characteristics & flags != 0;
        Protection { read: any(READ), write: any(WRITE), execute: any(EXECUTE) }
    }

    /// Whether all processes share its pages when they write to them.
    pub fn is_shared(&self) -> bool {
        self.characteristics & SHARED != 0
    }

    /// Whether a driver's loader may throw it away once the driver is initialised.
    pub fn is_discardable(&self) -> bool {
        self.characteristics & DISCARDABLE != 0
    }

    /// Whether it is said to contain code.
    pub fn contains_code(&self) -> bool {
        self.characteristics & CONTAINS_CODE != 0
    }

    /// RVA of its end: at most the size of the image.
    pub fn end(&self) -> u32 {
        self.rva.saturating_add(self.virtual_size)
    }
}

/// Iterator over the sections of an image.
#[derive(Clone)]
pub struct Sections<'a> {
    image: Image<'a>,
    /// Index of the next header; past the end after an error.
    next: usize,
    /// RVA at which the next section must begin.
    expected: u32,
}

impl<'a> Sections<'a> {
    pub(crate) fn new(image: Image<'a>) -> Self {
        let expected = round_up(image.size_of_headers(), image.section_alignment());
        Self { image, next: 0, expected: expected.unwrap_or(u32::MAX) }
    }

    fn check(&mut self, section: &Section) -> Option<()> {
        let image = &self.image;
        // Windows maps sections one behind another and takes no gaps ("must be adjacent").
        if section.rva != self.expected || section.virtual_size == 0 {
            return None;
        }
        let end = section.rva.checked_add(section.virtual_size)?;
        self.expected = round_up(end, image.section_alignment())?;
        if self.expected > image.size_of_image() {
            return None;
        }
        if image.layout == Layout::File && section.file_len != 0 {
            let end = section.file_offset.checked_add(section.file_len)?;
            let aligned = section.file_offset.is_multiple_of(image.file_alignment());
            let moved = image.is_one_piece() && section.file_offset != section.rva;
            if !aligned || moved || end as usize > image.bytes.len() {
                return None;
            }
        }
        Some(())
    }
}

impl Iterator for Sections<'_> {
    type Item = Result<Section, PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        let section = Section::decode(self.image.section_headers.get(index)?);
        if self.check(&section).is_some() {
            self.next += 1;
            return Some(Ok(section));
        }
        self.next = usize::MAX;
        let offset = self.image.section_headers_offset + index * HEADER_LEN;
        Some(Err(PeError::new(Fault::Section, offset)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.image.section_headers.len().saturating_sub(self.next);
        (left.min(1), Some(left))
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Protection { read, write, execute } = self.protection();
        let flag = |on, letter| if on { letter } else { '-' };
        write!(f, "{} ", self.name().escape_ascii())?;
        write!(f, "{}{}{} ", flag(read, 'r'), flag(write, 'w'), flag(execute, 'x'))?;
        write!(f, "{:#x}+{:#x} ", self.rva, self.virtual_size)?;
        write!(f, "from {:#x}+{:#x}", self.file_offset, self.raw_len)
    }
}
