//! Images that run in the kernel: mapped into system space, relocated, bound.
//!
//! They lie in a session's space, the 512 GiB from `0x7E80_0000_0000` on, which every process of the session has
//! in its tables. Pages of the file that the image does not change are mapped where they lie; the others get frames
//! of their own.
//!
//! What can be written of sections whose names begin with `PAGE`, as drivers name those that need not stay in memory, can be
//! taken out and put back. Code of an image may touch it whenever it may wait.

use alloc::sync::Arc;
use alloc::vec::Vec;

use pe::{Image, Symbol};

use crate::frames::Page;
use crate::session_space::SessionSpace;
use crate::{frames, phys};

const BASE: u64 = 0x7E80_0000_0000;
const END: u64 = 0x7F00_0000_0000;
/// Where images go that cannot have the base they want: behind NT's session space.
const ELSEWHERE: u64 = 0x7EFF_0000_0000;

const PRESENT: u64 = 1 << 0;
const WRITE: u64 = 1 << 1;
const ACCESSED_DIRTY: u64 = 1 << 5 | 1 << 6;
const NO_EXECUTE: u64 = 1 << 63;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// How the names of sections begin whose pages can be taken out.
const PAGEABLE: &[u8] = b"PAGE";
/// What entries of pages that can be taken out have.
const DATA: u64 = PRESENT | ACCESSED_DIRTY | WRITE;

/// Whether it is an address where images can be.
pub fn is_image_address(address: u64) -> bool {
    (BASE..END).contains(&address)
}

/// Why an image cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is no image that could run here.
    Format,
    /// No memory.
    NoMemory,
    /// It imports a name that nobody exports.
    Name,
    /// It imports a number.
    Ordinal,
    /// It imports from a module that is not there.
    Module,
}

impl From<pe::PeError> for LoadError {
    fn from(_: pe::PeError) -> Self {
        Self::Format
    }
}

/// An image in a session's space.
#[derive(Debug)]
pub struct SystemImage {
    space: Arc<SessionSpace>,
    base: u64,
    size: u64,
    entry: Option<u32>,
    /// Frames of its own, by page; 0 for what was taken out.
    frames: Vec<(u32, u64)>,
    /// Pages that can be taken out, in order: their addresses and how they are protected.
    pageable: Vec<(u64, u64)>,
    /// Where the next ones to take out are looked for.
    hand: usize,
}

impl SystemImage {
    /// Loads an image whose file stays in memory for ever. `export` gives the address of what a module exports.
    ///
    /// # Errors
    /// [`LoadError`]; nothing stays behind then.
    pub fn load(
        space: &Arc<SessionSpace>,
        file: &'static [u8],
        mut export: impl FnMut(&[u8], &[u8]) -> Result<u64, LoadError>,
    ) -> Result<Self, LoadError> {
        let image = Image::parse(file)?;
        let size = u64::from(image.size_of_image()).next_multiple_of(pvh::PAGE);
        let base = place(space, image.image_base(), size).ok_or(LoadError::NoMemory)?;
        let delta = base.wrapping_sub(image.image_base());
        // What protects pages here goes by sections.
        if image.is_one_piece() || delta != 0 && !image.is_relocatable() {
            return Err(LoadError::Format);
        }
        let mut loaded = Self {
            space: space.clone(),
            base,
            size,
            entry: image.entry(),
            frames: Vec::new(),
            pageable: Vec::new(),
            hand: 0,
        };
        let mut bound = Vec::new();
        for module in image.imports()? {
            let module = module?;
            for import in module.imports() {
                let import = import?;
                let Symbol::Name { name, .. } = import.symbol else { return Err(LoadError::Ordinal) };
                bound.push((import.slot, export(module.name, name)?));
            }
        }
        for rva in changed_pages(&image, delta, &bound)? {
            loaded.own(&image, rva, delta)?;
        }
        for (slot, address) in bound {
            loaded.write(slot, address);
        }
        loaded.map(&image)?;
        Ok(loaded)
    }

    /// First address.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Bytes, in whole pages.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Address of its entry point.
    pub fn entry(&self) -> Option<u64> {
        self.entry.map(|rva| self.base + u64::from(rva))
    }

    /// The pages that can be taken out, in order.
    pub fn pageable(&self) -> impl ExactSizeIterator<Item = u64> {
        self.pageable.iter().map(|&(page, _)| page)
    }

    /// Whether a page is one of those that can be taken out.
    fn pageable_at(&self, page: u64) -> Option<u64> {
        let found = self.pageable.binary_search_by_key(&page, |&(address, _)| address).ok()?;
        self.pageable.get(found).map(|&(_, protection)| protection)
    }

    /// The next pages, `most` of them, that were not accessed since the last time; only all of them are looked at.
    pub fn not_accessed(&mut self, most: usize) -> Vec<u64> {
        let mut found = Vec::new();
        for _ in 0..self.pageable.len() {
            let Some(&(address, _)) = self.pageable.get(self.hand) else { break };
            self.hand = (self.hand + 1) % self.pageable.len();
            let is_there = self.space.get(address) & PRESENT != 0;
            if is_there
                && !self.space.was_accessed(address)
                && found.len() < most
                && found.try_reserve(1).is_ok()
            {
                found.push(address);
            }
        }
        found
    }

    /// The value of a page's entry if it can be taken out.
    pub fn entry_of(&self, page: u64) -> Option<u64> {
        self.pageable_at(page).map(|_| self.space.get(page))
    }

    /// Whether such an entry maps its page.
    pub const fn is_present(entry: u64) -> bool {
        entry & PRESENT != 0
    }

    /// Takes a page out. What is left in its entry is the value, which has bit 0 clear.
    pub fn take_out(&mut self, page: u64, value: u64) -> Option<Page> {
        self.pageable_at(page)?;
        let place = self.place_of(page)?;
        let frame = core::mem::take(&mut self.frames.get_mut(place)?.1);
        self.space.note(page, value);
        (frame != 0).then(|| Page::from_address(frame))
    }

    /// Puts a page back that was taken out. Says whether it was.
    pub fn put_back(&mut self, page: u64, content: Page) -> bool {
        let (Some(protection), Some(place)) = (self.pageable_at(page), self.place_of(page)) else {
            return false;
        };
        let Some((_, frame)) = self.frames.get_mut(place).filter(|(_, frame)| *frame == 0) else {
            return false;
        };
        *frame = content.into_address();
        let entry = *frame & ADDRESS | DATA | protection;
        // SAFETY: the page is of the image's own place, where nothing is mapped, and maps a frame that is the image's now.
        unsafe { self.space.set(page, entry) }.is_some()
    }

    /// Which of its frames a page has.
    fn place_of(&self, page: u64) -> Option<usize> {
        let rva = u32::try_from(page.checked_sub(self.base)?).ok()?;
        self.frames.binary_search_by_key(&rva, |&(rva, _)| rva).ok()
    }

    /// Where the entry of a page is; 0 if there is none.
    pub fn entry_address(&self, page: u64) -> u64 {
        self.space.entry_address(page)
    }

    /// Gives a page a frame of its own with the file's bytes, relocated.
    fn own(&mut self, image: &Image<'static>, rva: u32, delta: u64) -> Result<(), LoadError> {
        let frame = frames::allocate_zeroed().ok_or(LoadError::NoMemory)?;
        let bytes = image.tail(rva).unwrap_or(&[]);
        phys::write(&frame, 0, &bytes[..bytes.len().min(phys::PAGE)]);
        let address = frame.address();
        self.frames.push((rva, address));
        if delta != 0 {
            // SAFETY: the frame is this image's alone, and nobody refers to it yet.
            let page = unsafe { &mut *phys::pointer::<[u8; phys::PAGE]>(address) };
            image.relocate_page(rva, page, delta)?;
        }
        Ok(())
    }

    fn frame(&self, rva: u32) -> Option<u64> {
        let found = self.frames.binary_search_by_key(&rva, |&(rva, _)| rva).ok()?;
        self.frames.get(found).map(|&(_, address)| address)
    }

    /// Writes a number into pages of its own; it may lie across two.
    fn write(&self, rva: u32, number: u64) {
        let (bytes, offset) = (number.to_le_bytes(), rva as usize % phys::PAGE);
        let first = bytes.len().min(phys::PAGE - offset);
        let (here, there) = bytes.split_at(first);
        let page = rva - offset as u32;
        for (page, offset, part) in [(page, offset, here), (page.wrapping_add(phys::PAGE as u32), 0, there)] {
            if let Some(address) = self.frame(page).filter(|_| !part.is_empty()) {
                phys::write_at(address, offset, part);
            }
        }
    }

    fn map(&mut self, image: &Image<'static>) -> Result<(), LoadError> {
        for page in 0..(self.size / pvh::PAGE) as u32 {
            let rva = page * phys::PAGE as u32;
            let section = image.sections().filter_map(Result::ok).find(|section| {
                section.rva <= rva
                    && rva
                        < section.rva.saturating_add(section.virtual_size.next_multiple_of(phys::PAGE as u32))
            });
            let protection = section.map(|section| section.protection());
            let write = if protection.is_some_and(|protection| protection.write) { WRITE } else { 0 };
            let execute = protection.is_some_and(|protection| protection.execute);
            let no_execute = if execute { 0 } else { NO_EXECUTE };
            let physical = match (self.frame(rva), image.tail(rva)) {
                (Some(own), _) => own,
                (None, Some(bytes)) => phys::address_of(bytes.as_ptr()),
                (None, None) => continue,
            };
            let entry = physical & ADDRESS | PRESENT | ACCESSED_DIRTY | write | no_execute;
            let pages = section.is_some_and(|section| section.name().starts_with(PAGEABLE));
            if pages && write != 0 && self.frame(rva).is_some() {
                self.pageable.push((self.base + u64::from(rva), no_execute));
            }
            // SAFETY: the page is of the image's own place, and maps its frame or its file.
            unsafe { self.space.set(self.base + u64::from(rva), entry) }.ok_or(LoadError::NoMemory)?;
        }
        Ok(())
    }
}

impl Drop for SystemImage {
    fn drop(&mut self) {
        for page in (0..self.size).step_by(phys::PAGE) {
            self.space.clear(self.base + page);
        }
        for &(_, address) in self.frames.iter().filter(|&&(_, address)| address != 0) {
            frames::release_address(address);
        }
    }
}

/// The pages that the image changes or that cannot be mapped from the file, in order.
fn changed_pages(image: &Image<'static>, delta: u64, bound: &[(u32, u64)]) -> Result<Vec<u32>, LoadError> {
    let page_of = |rva: u32| rva / phys::PAGE as u32 * phys::PAGE as u32;
    let mut pages = Vec::new();
    for section in image.sections() {
        let section = section?;
        let write = section.protection().write;
        let whole_pages = image.file_alignment() as usize >= phys::PAGE;
        for rva in (section.rva..section.rva.saturating_add(section.virtual_size)).step_by(phys::PAGE) {
            let bytes = image.tail(rva).unwrap_or(&[]);
            let aligned = bytes.as_ptr().addr().is_multiple_of(phys::PAGE);
            let mappable = aligned && !bytes.is_empty() && (bytes.len() >= phys::PAGE || whole_pages);
            if write || !mappable {
                pages.push(rva);
            }
        }
    }
    if delta != 0 {
        for block in image.relocations()? {
            for rva in block?.fixups() {
                let rva = rva?;
                pages.extend([page_of(rva), page_of(rva.saturating_add(7))]);
            }
        }
    }
    for &(slot, _) in bound {
        pages.extend([page_of(slot), page_of(slot.saturating_add(7))]);
    }
    pages.sort_unstable();
    pages.dedup();
    Ok(pages)
}

/// Where an image of that size goes: where it wants to be if that is free, else behind all others.
fn place(space: &SessionSpace, wanted: u64, size: u64) -> Option<u64> {
    let fits = |base: u64| {
        let end = base.checked_add(size)?;
        let inside = base >= BASE && end <= END && base.is_multiple_of(pvh::PAGE);
        (inside && (base..end).step_by(phys::PAGE).all(|page| space.get(page) & PRESENT == 0)).then_some(base)
    };
    fits(wanted).or_else(|| {
        let mut base = ELSEWHERE;
        while base < END {
            if let Some(found) = fits(base) {
                return Some(found);
            }
            base += size.max(pvh::PAGE);
        }
        None
    })
}
