//! Which part of an image file is where in memory.

use alloc::vec::Vec;
use core::ops::Range;

use nt::NtStatus;

use super::FilePage;
use crate::PAGE;
use crate::protect::{Base, Protection};
use crate::runs::Runs;
use crate::vad::Commit;

/// Pages of an image that come from one part of the file: its headers or one of its sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subsection {
    /// First page.
    pub first: u32,
    /// Number of pages, not 0.
    pub pages: u32,
    /// Protection; what can be written is copied unless [`Self::shared`].
    pub protection: Protection,
    /// All processes share what they write (IMAGE_SCN_MEM_SHARED).
    pub shared: bool,
    /// Where it begins in the file.
    pub file_offset: u64,
    /// How many bytes come from the file; the rest is zero.
    pub file_len: u32,
}

/// The layout of an image in memory.
#[derive(Debug)]
pub struct ImageMap {
    preferred: u64,
    pages: u32,
    subsections: Vec<Subsection>,
}

impl ImageMap {
    /// A layout of `size` bytes whose linker expected it at `preferred`.
    ///
    /// # Errors
    /// INVALID_IMAGE_FORMAT when the subsections are out of order, overlap, are empty, reach beyond the
    /// image or have more bytes than pages, or when the preferred address is no multiple of 64 KiB.
    pub fn new(preferred: u64, size: u32, subsections: Vec<Subsection>) -> Result<Self, NtStatus> {
        let pages = u64::from(size).div_ceil(PAGE) as u32;
        let mut next = 0;
        for part in &subsections {
            let end = part.first.checked_add(part.pages).filter(|&end| end <= pages);
            let fits = u64::from(part.file_len) <= u64::from(part.pages) * PAGE;
            let in_file = part.file_offset.checked_add(part.file_len.into()).is_some();
            match end {
                Some(end) if part.first >= next && part.pages > 0 && fits && in_file => next = end,
                _ => return Err(NtStatus::INVALID_IMAGE_FORMAT),
            }
        }
        if pages == 0 || !preferred.is_multiple_of(crate::GRANULARITY) {
            return Err(NtStatus::INVALID_IMAGE_FORMAT);
        }
        Ok(Self { preferred, pages, subsections })
    }

    /// Where the linker expected it.
    pub const fn preferred(&self) -> u64 {
        self.preferred
    }

    /// Its number of pages.
    pub const fn pages(&self) -> u32 {
        self.pages
    }

    /// Its parts, in order.
    pub fn subsections(&self) -> &[Subsection] {
        &self.subsections
    }

    /// The pages within `window`, around one of them, that the file fills one after another.
    pub fn filled(&self, page: u32, window: Range<u32>) -> Range<u32> {
        let Some(part) = self.part(page) else { return page..page };
        let whole = part.first + (u64::from(part.file_len) / PAGE) as u32;
        part.first.max(window.start)..whole.min(window.end)
    }

    /// The part of the file that fills a page; `None` when the page is zero.
    pub fn file_page(&self, page: u32) -> Option<FilePage> {
        let part = self.part(page)?;
        let within = u64::from(page - part.first) * PAGE;
        let len = u64::from(part.file_len).checked_sub(within).filter(|&len| len > 0)?.min(PAGE);
        Some(FilePage { index: page, offset: part.file_offset + within, len: len as u32 })
    }

    /// Whether all processes share what they write to a page.
    pub(crate) fn is_shared(&self, page: u32) -> bool {
        self.part(page).is_some_and(|part| part.shared && part.protection.copying().is_copy_on_write())
    }

    /// The last part that begins at or before a page.
    fn part(&self, page: u32) -> Option<&Subsection> {
        let after = self.subsections.partition_point(|part| part.first <= page);
        after.checked_sub(1).and_then(|index| self.subsections.get(index))
    }

    /// The state that the pages `first..first + pages` have in a new view.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub(crate) fn view_pages(&self, first: u32, pages: u32) -> Result<Runs<Commit>, NtStatus> {
        let mut runs = Runs::new(Commit::Reserved);
        runs.reserve_for(self.subsections.len())?;
        for part in &self.subsections {
            let start = part.first.max(first);
            let end = (part.first + part.pages).min(first + pages);
            if start < end {
                runs.push(start - first..end - first, part.commit(), Commit::Reserved);
            }
        }
        Ok(runs)
    }
}

impl Subsection {
    fn commit(&self) -> Commit {
        let protection = self.protection;
        match protection.copying() {
            copying if !copying.is_copy_on_write() => Commit::Shared(protection),
            copying if !self.shared => Commit::Own(copying),
            copying => Commit::Shared(Protection::new(match copying.base() {
                Base::ExecuteWriteCopy => Base::ExecuteReadWrite,
                _ => Base::ReadWrite,
            })),
        }
    }
}
