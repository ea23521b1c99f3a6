//! A page of some address space, kept while it is copied from or to.

use super::AddressSpace;
use super::entry::{ADDRESS, HELD, PRESENT};
use crate::frames::Page;
use crate::phys;
use crate::usercopy::{UserFault, copy_physical_from_user, copy_physical_to_user};

/// A page that is there until this is dropped, whatever happens to the address space it was in.
#[derive(Debug)]
pub struct Pinned {
    frame: u64,
    /// The reference; a page that lives for ever needs none, and is never written.
    page: Option<Page>,
}

impl Pinned {
    /// A page that is in no address space.
    pub(crate) fn of(page: Page) -> Self {
        Self { frame: page.address(), page: Some(page) }
    }

    /// The same page once more. `None` when it has too many references.
    pub fn again(&self) -> Option<Self> {
        let page = match &self.page {
            Some(page) => Some(page.share()?),
            None => None,
        };
        Some(Self { frame: self.frame, page })
    }

    /// How many references to the page there are, this one included; 0 for one that needs none.
    pub fn references(&self) -> u64 {
        self.page.as_ref().map_or(0, Page::references)
    }

    /// Copies from the page to the current process's memory. No [`crate::cell`] guard may be held.
    ///
    /// # Errors
    /// When the target is not all writable user memory; part of it may have been written.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn copy_to_user(&self, offset: usize, target: u64, len: usize) -> Result<(), UserFault> {
        copy_physical_to_user(target, self.frame, offset, len)
    }

    /// Copies from the current process's memory into the page. No [`crate::cell`] guard may be held.
    ///
    /// # Errors
    /// When the source is not all readable user memory, or the page is for reading only; part of it may
    /// have been written.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn copy_from_user(&self, offset: usize, source: u64, len: usize) -> Result<(), UserFault> {
        if self.page.is_none() {
            return Err(UserFault::NOT_USER);
        }
        copy_physical_from_user(self.frame, offset, source, len)
    }

    /// Writes into the page.
    ///
    /// # Errors
    /// When the page is for reading only.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<(), UserFault> {
        if self.page.is_none() {
            return Err(UserFault::NOT_USER);
        }
        phys::write_at(self.frame, offset, bytes);
        Ok(())
    }

    /// Copies from the page.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn read(&self, offset: usize, into: &mut [u8]) {
        phys::read_at(self.frame, offset, into);
    }

    /// Whether it may be written.
    pub fn is_writable(&self) -> bool {
        self.page.is_some()
    }

    /// The physical address.
    pub(crate) fn address(&self) -> u64 {
        self.frame
    }

    /// A page with the same content.
    pub fn copy(&self) -> Option<Page> {
        let copy = Page::any()?;
        phys::copy_page(copy.address(), self.frame);
        Some(copy)
    }
}

impl AddressSpace {
    /// Keeps the page at an address, present or hidden. `None` when there is none.
    pub fn pin(&mut self, address: u64) -> Option<Pinned> {
        let raw = self.raw(address);
        let frame = raw & ADDRESS;
        match raw & (PRESENT | HELD) {
            0 => None,
            PRESENT => Some(Pinned { frame, page: None }),
            _ => Some(Pinned { frame, page: Some(Page::another(frame)?) }),
        }
    }
}
