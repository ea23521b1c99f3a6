//! Base relocations ("The .reloc Section (Image Only)").

use crate::PAGE;
use crate::directory::Directory;
use crate::error::{Fault, PeError};
use crate::fields::CHARACTERISTIC_RELOCS_STRIPPED;
use crate::header::Image;
use crate::rva::{read_u16, read_u32};

/// Nothing: fills a block up to a multiple of four bytes.
const ABSOLUTE: u16 = 0;
/// The difference is added to the 64-bit number at the address. x86-64 uses no other type.
const DIR64: u16 = 10;
/// Size of a block's header, and of a relocated number, in bytes.
const BLOCK_HEADER: usize = 8;
const FIXUP_LEN: u32 = 8;

/// Iterator over the blocks of relocations; the first malformed one ends it.
#[derive(Clone, Debug)]
pub struct Relocations<'a> {
    rest: &'a [u8],
    /// RVA of `rest`.
    rva: u32,
    size_of_image: u32,
}

/// The relocations of one page.
#[derive(Clone, Copy, Debug)]
pub struct RelocationBlock<'a> {
    /// RVA of the page: a multiple of [`PAGE`], inside the image.
    pub page: u32,
    entries: &'a [u8],
    /// RVA of `entries`.
    rva: u32,
    size_of_image: u32,
}

/// Iterator over the RVAs in a block to which the difference is to be added, as a 64-bit number.
/// All eight bytes lie inside the image; they may reach into the next page.
#[derive(Clone, Debug)]
pub struct Fixups<'a> {
    block: RelocationBlock<'a>,
    next: usize,
}

impl<'a> Image<'a> {
    /// The relocations; none when the image has no table of them.
    ///
    /// # Errors
    /// [`Fault::Directory`] when the table lies outside the image or is not in the file.
    pub fn relocations(&self) -> Result<Relocations<'a>, PeError> {
        let size_of_image = self.size_of_image();
        let Some(directory) = self.directory(Directory::Relocation)? else {
            return Ok(Relocations { rest: &[], rva: 0, size_of_image });
        };
        let rest =
            self.slice(directory.rva, directory.size).ok_or(PeError::at(Fault::Directory, directory.rva))?;
        Ok(Relocations { rest, rva: directory.rva, size_of_image })
    }

    /// Whether the image can be loaded elsewhere than at its preferred base. It may have no
    /// relocation table nevertheless, when there is nothing to relocate.
    pub fn is_relocatable(&self) -> bool {
        self.characteristics() & CHARACTERISTIC_RELOCS_STRIPPED == 0
    }

    /// Relocates one page by `delta` (actual minus preferred base), so that a loader can do it when
    /// the page is first touched. `page` holds the page's bytes as they are in the file, zeros
    /// behind them. Numbers that straddle a page boundary are put right in either page. The image
    /// must be parsed from a file, not from memory that was relocated already.
    ///
    /// # Errors
    /// A malformed relocation; `page` may be partly relocated then.
    pub fn relocate_page(
        &self,
        page_rva: u32,
        page: &mut [u8; PAGE as usize],
        delta: u64,
    ) -> Result<(), PeError> {
        for block in self.relocations()? {
            let block = block?;
            // Its own block, or the one before, whose last number may reach into this page.
            if block.page == page_rva || block.page.checked_add(PAGE) == Some(page_rva) {
                for rva in block.fixups() {
                    self.fix(rva?, page_rva, page, delta);
                }
            }
        }
        Ok(())
    }

    fn fix(&self, rva: u32, page_rva: u32, page: &mut [u8; PAGE as usize], delta: u64) {
        let start = rva.wrapping_sub(page_rva) as usize;
        if let Some(number) = page.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<8>()) {
            *number = u64::from_le_bytes(*number).wrapping_add(delta).to_le_bytes();
            return;
        }
        let mut address = rva;
        let original = [(); 8].map(|()| {
            let byte = self.original_byte(address);
            address = address.wrapping_add(1);
            byte
        });
        let fixed = u64::from_le_bytes(original).wrapping_add(delta).to_le_bytes();
        for (index, byte) in (0..).zip(fixed) {
            let at = rva.wrapping_add(index).wrapping_sub(page_rva) as usize;
            if let Some(slot) = page.get_mut(at) {
                *slot = byte;
            }
        }
    }
}

impl<'a> Relocations<'a> {
    fn block(&mut self) -> Option<RelocationBlock<'a>> {
        let (page, size) = (read_u32(self.rest, 0)?, read_u32(self.rest, 4)?);
        let (block, rest) = self.rest.split_at_checked(size as usize)?;
        let entries = block.get(BLOCK_HEADER..)?;
        if !page.is_multiple_of(PAGE) || !size.is_multiple_of(4) || page >= self.size_of_image {
            return None;
        }
        let rva = self.rva.saturating_add(BLOCK_HEADER as u32);
        self.rva = self.rva.saturating_add(size);
        self.rest = rest;
        Some(RelocationBlock { page, entries, rva, size_of_image: self.size_of_image })
    }
}

impl<'a> Iterator for Relocations<'a> {
    type Item = Result<RelocationBlock<'a>, PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let block = self.block();
        if block.is_none() {
            self.rest = &[];
        }
        Some(block.ok_or(PeError::at(Fault::Relocation, self.rva)))
    }
}

impl<'a> RelocationBlock<'a> {
    /// The relocations in it.
    pub fn fixups(&self) -> Fixups<'a> {
        Fixups { block: *self, next: 0 }
    }
}

impl Iterator for Fixups<'_> {
    type Item = Result<u32, PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = &self.block;
        loop {
            let at = self.next;
            let entry = read_u16(block.entries, at)?;
            self.next = at + 2;
            let rva = block.page + u32::from(entry & 0xFFF);
            match entry >> 12 {
                ABSOLUTE => {}
                DIR64 if rva.checked_add(FIXUP_LEN)? <= block.size_of_image => {
                    return Some(Ok(rva));
                }
                _ => {
                    self.next = block.entries.len();
                    let rva = block.rva.saturating_add(at as u32);
                    return Some(Err(PeError::at(Fault::Relocation, rva)));
                }
            }
        }
    }
}
