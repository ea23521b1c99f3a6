//! The headers: DOS stub, signature, COFF file header, optional header.

use core::fmt;

use crate::directory;
use crate::error::{Fault, PeError};
use crate::fields::{CHARACTERISTIC_EXECUTABLE, MACHINE_AMD64, field};
use crate::section::{HEADER_LEN, Sections};

const OPTIONAL_MAGIC_PE32_PLUS: u16 = 0x20B;
/// Largest image, "Optional Header Windows-Specific Fields": RVAs reach 2 GiB.
const MAX_IMAGE_SIZE: u32 = 0x8000_0000;
/// Images lie on multiples of the allocation granularity.
const BASE_ALIGNMENT: u64 = 0x1_0000;
/// The image loader's own limit ("Section Table").
const MAX_SECTIONS: u16 = 96;

/// Where the signature, and the optional header after it, begin; and how long both are together
/// up to the data directories.
pub(crate) const OPTIONAL: usize = 24;
const NT_HEADERS: usize = OPTIONAL + 112;

/// What the bytes of an [`Image`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A file: section data is where the section table says.
    File,
    /// The image as it was mapped: RVAs are offsets.
    Mapped,
}

/// An image whose headers were checked. Copies are cheap and share the bytes.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) layout: Layout,
    /// Signature up to the data directories.
    pub(crate) nt: &'a [u8; NT_HEADERS],
    /// Where `nt` begins in the file.
    pub(crate) nt_offset: u32,
    pub(crate) directories: &'a [[u8; directory::ENTRY_LEN]],
    pub(crate) section_headers: &'a [[u8; HEADER_LEN]],
    pub(crate) section_headers_offset: usize,
}

impl<'a> Image<'a> {
    /// Checks the headers of an image file.
    ///
    /// # Errors
    /// The first header field that cannot be right, with its file offset.
    pub fn parse(file: &'a [u8]) -> Result<Self, PeError> {
        Self::parse_as(file, Layout::File)
    }

    /// Checks the headers of an image that lies mapped in memory: `memory` begins at its base.
    ///
    /// # Errors
    /// As for [`Image::parse`]; [`Fault::Truncated`] when `memory` is shorter than the image.
    pub fn parse_mapped(memory: &'a [u8]) -> Result<Self, PeError> {
        let image = Self::parse_as(memory, Layout::Mapped)?;
        match memory.get(..image.size_of_image() as usize) {
            Some(bytes) => Ok(Self { bytes, ..image }),
            None => Err(PeError::new(Fault::Truncated, memory.len())),
        }
    }

    fn parse_as(bytes: &'a [u8], layout: Layout) -> Result<Self, PeError> {
        let cut = || PeError::new(Fault::Truncated, bytes.len());
        let dos = bytes.first_chunk::<64>().ok_or_else(cut)?;
        let [.., a, b, c, d] = *dos;
        let nt_offset = u32::from_le_bytes([a, b, c, d]);
        if !dos.starts_with(b"MZ") || !nt_offset.is_multiple_of(4) {
            return Err(PeError::new(Fault::Signature, 0));
        }
        let rest = bytes.get(nt_offset as usize..).ok_or_else(cut)?;
        let (nt, _) = rest.split_first_chunk::<NT_HEADERS>().ok_or_else(cut)?;
        let mut image = Self {
            bytes,
            layout,
            nt,
            nt_offset,
            directories: &[],
            section_headers: &[],
            section_headers_offset: 0,
        };
        image.check_format()?;
        let directories_end = OPTIONAL + usize::from(image.u16(field::OPTIONAL_SIZE));
        let tables = rest.get(NT_HEADERS..directories_end).ok_or_else(cut)?;
        let sections = usize::from(image.u16(field::SECTION_COUNT)) * HEADER_LEN;
        let table = rest.get(directories_end..directories_end + sections).ok_or_else(cut)?;
        // More than 16 directories may be announced; they mean nothing and are passed over.
        let count = (image.u32(field::DIRECTORY_COUNT) as usize).min(directory::COUNT);
        image.directories = match tables.as_chunks().0.get(..count) {
            Some(directories) => directories,
            None => return Err(image.fault(Fault::Directory, field::DIRECTORY_COUNT)),
        };
        image.section_headers = table.as_chunks().0;
        image.section_headers_offset = nt_offset as usize + directories_end;
        image.check_extent(image.section_headers_offset + sections)?;
        Ok(image)
    }

    /// What kind of file this is.
    fn check_format(&self) -> Result<(), PeError> {
        if !self.nt.starts_with(b"PE\0\0") {
            return Err(self.fault(Fault::Signature, 0));
        }
        if self.machine() != MACHINE_AMD64 {
            return Err(self.fault(Fault::Machine, field::MACHINE));
        }
        if self.u16(field::MAGIC) != OPTIONAL_MAGIC_PE32_PLUS {
            return Err(self.fault(Fault::Format, field::MAGIC));
        }
        if self.characteristics() & CHARACTERISTIC_EXECUTABLE == 0 {
            return Err(self.fault(Fault::Format, field::CHARACTERISTICS));
        }
        if usize::from(self.u16(field::OPTIONAL_SIZE)) < NT_HEADERS - OPTIONAL {
            return Err(self.fault(Fault::Format, field::OPTIONAL_SIZE));
        }
        if self.u16(field::SECTION_COUNT) > MAX_SECTIONS {
            return Err(self.fault(Fault::Format, field::SECTION_COUNT));
        }
        Ok(())
    }

    /// Whether sizes and addresses go together ("Optional Header Windows-Specific Fields").
    fn check_extent(&self, tables_end: usize) -> Result<(), PeError> {
        let section_alignment = self.section_alignment();
        let file_alignment = self.file_alignment();
        if !section_alignment.is_power_of_two() {
            return Err(self.fault(Fault::Alignment, field::SECTION_ALIGNMENT));
        }
        // "If the SectionAlignment is less than the architecture's page size, then FileAlignment must match".
        let file_alignments = match self.is_one_piece() {
            true => section_alignment..=section_alignment,
            false => 512..=section_alignment.min(0x1_0000),
        };
        if !file_alignment.is_power_of_two() || !file_alignments.contains(&file_alignment) {
            return Err(self.fault(Fault::Alignment, field::FILE_ALIGNMENT));
        }
        let size = self.size_of_image();
        if size == 0 || !size.is_multiple_of(section_alignment) || size > MAX_IMAGE_SIZE {
            return Err(self.fault(Fault::Extent, field::IMAGE_SIZE));
        }
        let headers = self.size_of_headers();
        let bytes = self.bytes.len();
        if (headers as usize) < tables_end || headers as usize > bytes || headers > size {
            return Err(self.fault(Fault::Extent, field::HEADERS_SIZE));
        }
        let base = self.image_base();
        if !base.is_multiple_of(BASE_ALIGNMENT) || base.checked_add(u64::from(size)).is_none() {
            return Err(self.fault(Fault::Extent, field::IMAGE_BASE));
        }
        if self.entry().is_some_and(|rva| rva >= size) {
            return Err(self.fault(Fault::Extent, field::ENTRY));
        }
        if self.stack_commit() > self.stack_reserve() {
            return Err(self.fault(Fault::Extent, field::STACK_COMMIT));
        }
        Ok(())
    }

    fn fault(&self, fault: Fault, field: usize) -> PeError {
        PeError::new(fault, self.nt_offset as usize + field)
    }

    /// The sections, in order of RVA. Each is checked when its turn comes; the first bad one ends
    /// the iteration.
    pub fn sections(&self) -> Sections<'a> {
        Sections::new(*self)
    }
}

impl fmt::Debug for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("layout", &self.layout)
            .field("image_base", &self.image_base())
            .field("size_of_image", &self.size_of_image())
            .field("entry", &self.entry())
            .field("sections", &self.section_headers.len())
            .finish_non_exhaustive()
    }
}
