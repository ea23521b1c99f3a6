//! Pages of mapped files: how they come into memory, and who gets to see them.

use alloc::vec::Vec;

use hal::frames::Page;
use nt::NtStatus;

use super::{Kept, MappedFile};
use crate::mm::PAGE;
use crate::mm::fault::Failure;
use crate::mm::section::Content;

/// Pages that are read at once, as far as they are not in memory.
const AHEAD: u32 = 8;

impl MappedFile {
    /// The page that all views share, if it is in memory.
    ///
    /// # Errors
    /// NO_MEMORY when it has too many references.
    pub fn page(&self, index: u32) -> Result<Content, NtStatus> {
        match self.pages.lock().get(index) {
            Some(kept) => kept.page.share().map(Content::Page).ok_or(NtStatus::NO_MEMORY),
            None => Ok(Content::Out),
        }
    }

    /// A copy of a page, if it is in memory.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn copy(&self, index: u32) -> Result<Option<Page>, NtStatus> {
        match self.pages.lock().get(index) {
            Some(kept) => kept.page.copy().map(Some).ok_or(NtStatus::NO_MEMORY),
            None => Ok(None),
        }
    }

    /// Somebody is going to write to a page that is in memory.
    pub fn mark_changed(&self, index: u32) {
        if let Ok(Some(kept)) = self.pages.lock().place(index) {
            kept.is_changed = true;
        }
    }

    /// Reads a page that is not in memory, and some that follow it. No guard may be held: this waits.
    ///
    /// # Errors
    /// IN_PAGE_ERROR when the disk fails; NO_MEMORY.
    pub fn page_in(&self, index: u32) -> Result<(), Failure> {
        let count = {
            let pages = self.pages.lock();
            (1..AHEAD)
                .find(|&n| index.checked_add(n).is_none_or(|next| pages.get(next).is_some()))
                .unwrap_or(AHEAD)
        };
        match self.read(index, count) {
            Err(_) if count > 1 => self.read(index, 1),
            done => done,
        }
    }

    fn read(&self, index: u32, count: u32) -> Result<(), Failure> {
        let (mut frames, mut bytes) = (Vec::new(), Vec::new());
        frames.try_reserve_exact(count as usize).map_err(|_| NtStatus::NO_MEMORY)?;
        for _ in 0..count {
            frames.push(Page::any().ok_or(NtStatus::NO_MEMORY)?);
        }
        let length = count as usize * PAGE as usize;
        bytes.try_reserve_exact(length).map_err(|_| NtStatus::NO_MEMORY)?;
        bytes.resize(length, 0);
        match self.contents.read(u64::from(index) * PAGE, &mut bytes) {
            Ok(()) => {}
            Err(NtStatus::INSUFFICIENT_RESOURCES) => return Err(NtStatus::NO_MEMORY.into()),
            Err(cause) => return Err(Failure::in_page(cause)),
        }
        // Nothing waits between the end of the reading and here, so nobody has written to the file.
        let mut pages = self.pages.lock();
        for ((index, page), bytes) in (index..).zip(frames).zip(bytes.chunks(PAGE as usize)) {
            let place = pages.place(index)?;
            if place.is_none() {
                page.write(0, bytes);
                *place = Some(Kept { page, is_changed: false });
            }
        }
        Ok(())
    }

    /// The file was written to by a handle: the pages follow. To be called before anything waits after that.
    pub fn written(&self, offset: u64, data: &[u8]) {
        let pages = self.pages.lock();
        let (mut offset, mut data) = (offset, data);
        while !data.is_empty() {
            let within = offset % PAGE;
            let (now, rest) = data.split_at(data.len().min((PAGE - within) as usize));
            if let Some(kept) = u32::try_from(offset / PAGE).ok().and_then(|index| pages.get(index)) {
                kept.page.write(within as usize, now);
            }
            (offset, data) = (offset + now.len() as u64, rest);
        }
    }

    /// Lets pages go that nobody has mapped and that the file has as well. How many.
    pub(super) fn let_go(&self) -> u32 {
        let mut pages = self.pages.lock();
        let is_free = |kept: &Kept| !kept.is_changed && kept.page.references() == 1;
        let mut gone = 0;
        pages.for_each(|place| {
            if place.as_ref().is_some_and(is_free) {
                *place = None;
                gone += 1;
            }
        });
        gone
    }
}
