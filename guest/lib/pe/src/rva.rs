//! Reading what lies at an RVA. Nothing here trusts the section table.

use crate::header::{Image, Layout};
use crate::section::Section;

/// The little-endian number at an offset; `None` outside of `bytes`.
pub(crate) fn read_u16(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// The little-endian number at an offset; `None` outside of `bytes`.
pub(crate) fn read_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// The little-endian number at an offset; `None` outside of `bytes`.
pub(crate) fn read_u64(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..)?.first_chunk().copied().map(u64::from_le_bytes)
}

/// The next multiple of `alignment`, a power of two; `None` when there is none below 2^32.
pub(crate) fn round_up(value: u32, alignment: u32) -> Option<u32> {
    let mask = alignment.wrapping_sub(1);
    Some(value.checked_add(mask)? & !mask)
}

impl<'a> Image<'a> {
    /// The bytes from an RVA to the end of what the file has of that section, or of the headers.
    /// `None` for what is zero-filled and for what is outside the image.
    pub fn tail(&self, rva: u32) -> Option<&'a [u8]> {
        if self.layout == Layout::Mapped {
            return self.bytes.get(rva as usize..);
        }
        for header in self.section_headers {
            let section = Section::decode(header);
            let Some(skip) = rva.checked_sub(section.rva) else {
                continue;
            };
            if skip < section.raw_len {
                let start = section.file_offset as usize;
                let end = start + section.raw_len as usize;
                return self.bytes.get(start..end)?.get(skip as usize..);
            }
        }
        self.bytes.get(..self.size_of_headers() as usize)?.get(rva as usize..)
    }

    /// `len` bytes at an RVA; `None` when the file does not have them all.
    pub fn slice(&self, rva: u32, len: u32) -> Option<&'a [u8]> {
        self.tail(rva)?.get(..len as usize)
    }

    /// The NUL-terminated string at an RVA, without the NUL.
    pub(crate) fn string(&self, rva: u32) -> Option<&'a [u8]> {
        let tail = self.tail(rva)?;
        tail.get(..tail.iter().position(|&byte| byte == 0)?)
    }

    /// `count` numbers of `N` bytes each at an RVA.
    pub(crate) fn array<const N: usize>(&self, rva: u32, count: u32) -> Option<&'a [[u8; N]]> {
        let len = (count as usize).checked_mul(N)?;
        Some(self.tail(rva)?.get(..len)?.as_chunks().0)
    }

    /// The byte at an RVA as it is before relocation: zero where the file has none.
    pub(crate) fn original_byte(&self, rva: u32) -> u8 {
        self.tail(rva).and_then(<[u8]>::first).copied().unwrap_or(0)
    }
}
