//! Page tables of a process. The upper half is the kernel's, shared by all; the lower half holds the
//! process's pages. An entry holds a reference to its frame, except where the page lives for ever.

mod entry;
mod pin;
mod range;
mod tables;

use alloc::sync::Arc;

pub(crate) use crate::ring0::invalidate;
pub use entry::{Access, Entry, Locks, MAX_AGE};
pub use pin::Pinned;
pub(crate) use tables::Tables;

use entry::{ADDRESS, HELD, OWN, PRESENT};
use tables::Last;

use crate::frames::{self, Page};
use crate::phys;
use crate::session_space::SessionSpace;
use crate::usercopy::USER_LIMIT;

unsafe extern "C" {
    static shared_user_data: [u8; 4096];
}

/// No memory for a page table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// One process's page tables.
#[derive(Debug)]
pub struct AddressSpace {
    tables: Arc<Tables>,
    last: Last,
    /// Pages that user mode can get at.
    present: u32,
}

impl AddressSpace {
    /// A space with nothing in its lower half but `KUSER_SHARED_DATA`.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn new() -> Result<Self, OutOfMemory> {
        let mut space = Self { tables: Arc::new(Tables::new()?), last: Last::NONE, present: 0 };
        let shared = phys::address_of(&raw const shared_user_data);
        // SAFETY: the page lives for ever, and the entry is for reading.
        unsafe { space.set(nt::kuser::USER_ADDRESS, shared | Access::READ.bits())? };
        Ok(space)
    }

    /// Gives the process the space of a session in its kernel half, or none.
    pub fn set_session(&mut self, session: Option<Arc<SessionSpace>>) {
        self.tables.set_session(session);
    }

    /// Pages that user mode can get at: the working set.
    pub fn present(&self) -> u32 {
        self.present
    }

    /// What the entry of an address says.
    pub fn entry(&mut self, address: u64) -> Entry {
        Entry::decode(self.raw(address))
    }

    /// Maps a page as the process's own. What was there before goes.
    ///
    /// # Errors
    /// When there is no memory for a page table; the page then goes.
    pub fn map(&mut self, address: u64, page: Page, access: Access) -> Result<(), OutOfMemory> {
        self.map_with(address, page, OWN | access.bits())
    }

    /// Maps a page that others use as well, and are meant to. What was there before goes.
    ///
    /// # Errors
    /// When there is no memory for a page table; the reference to the page then goes.
    pub fn map_shared(&mut self, address: u64, page: Page, access: Access) -> Result<(), OutOfMemory> {
        self.map_with(address, page, access.bits())
    }

    fn map_with(&mut self, address: u64, page: Page, bits: u64) -> Result<(), OutOfMemory> {
        let frame = page.into_address();
        // SAFETY: the reference to the frame becomes the entry's.
        let result = unsafe { self.set(address, frame | HELD | bits) };
        if result.is_err() {
            frames::release_address(frame);
        }
        result
    }

    /// Maps pages of memory that lives for ever, such as the boot archive's, for reading (and executing).
    /// Never for writing. Where something is already, it stays.
    ///
    /// # Errors
    /// When there is no memory for a page table.
    ///
    /// # Panics
    /// When the bytes do not begin on a page boundary.
    pub fn map_static(
        &mut self,
        address: u64,
        pages: &'static [u8],
        execute: bool,
    ) -> Result<(), OutOfMemory> {
        let physical = phys::address_of(pages.as_ptr());
        assert!(physical.is_multiple_of(pvh::PAGE), "static pages are not page-aligned");
        let bits = Access { write: false, execute }.bits();
        for offset in (0..pages.len() as u64).step_by(phys::PAGE) {
            assert!(address + offset < USER_LIMIT, "not a user address");
            let place = self.place_or_make(address + offset)?;
            // SAFETY: the place was just found; the memory lives for ever, and the entry is for reading.
            unsafe {
                if *place == 0 {
                    self.replace(place, (physical + offset) | bits);
                }
            }
        }
        Ok(())
    }

    /// Changes what user mode may do with a page that is present or hidden, which is present afterwards. A
    /// static page never becomes writable. Returns whether there was a page.
    pub fn protect(&mut self, address: u64, access: Access) -> bool {
        self.change(address, |raw| match raw & (PRESENT | HELD) {
            0 => raw,
            _ => entry::with_access(raw, access),
        })
    }

    /// Takes a page from user mode: an own page is kept and hidden, another one goes. Returns whether
    /// there was one.
    pub fn hide(&mut self, address: u64) -> bool {
        match self.raw(address) {
            raw if raw & PRESENT == 0 => false,
            raw if raw & OWN == 0 => self.unmap(address),
            _ => self.change(address, entry::hidden),
        }
    }

    /// Notes a value where no page is. It must be one that [`Entry::Noted`] can hold: bits 0 and 8 to 11
    /// are zero. What was there before goes.
    ///
    /// # Errors
    /// When there is no memory for a page table.
    ///
    /// # Panics
    /// When the value cannot be noted.
    pub fn note(&mut self, address: u64, value: u64) -> Result<(), OutOfMemory> {
        assert!(entry::can_be_noted(value), "such a value cannot be noted");
        // SAFETY: the value holds nothing and maps nothing.
        unsafe { self.set(address, value) }
    }

    /// Removes what is at an address and gives back what it held. Returns whether there was something.
    pub fn unmap(&mut self, address: u64) -> bool {
        self.change(address, |_| 0)
    }

    /// The locks of a page; none where no page is.
    pub fn locks(&mut self, address: u64) -> Locks {
        entry::locks(self.page_entry(address))
    }

    /// Changes the locks of a page, if there is one.
    pub fn set_locks(&mut self, address: u64, locks: Locks) {
        self.change(address, |raw| match raw & (PRESENT | HELD) {
            0 => raw,
            _ => entry::with_locks(raw, locks),
        });
    }

    /// Whether a page that is present was accessed since this was last asked; `aged` says from that and its
    /// age how old it is now. Returns the new age.
    pub fn age(&mut self, address: u64, aged: impl FnOnce(bool, u8) -> u8) -> Option<u8> {
        let raw = self.raw(address);
        if raw & PRESENT == 0 {
            return None;
        }
        let age = aged(raw & entry::ACCESSED != 0, entry::age(raw));
        self.change(address, |raw| entry::with_age(raw, age));
        Some(age)
    }

    /// Reads bytes of a page, whatever user mode may do with it. Returns false when there is none.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn read(&mut self, address: u64, bytes: &mut [u8]) -> bool {
        let raw = self.page_entry(address);
        if raw == 0 {
            return false;
        }
        phys::read_at(raw & ADDRESS, (address % pvh::PAGE) as usize, bytes);
        true
    }

    /// Writes bytes into an own page, whatever user mode may do with it. Returns false when there is none.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        let raw = self.page_entry(address);
        if raw & OWN == 0 {
            return false;
        }
        phys::write_at(raw & ADDRESS, (address % pvh::PAGE) as usize, bytes);
        true
    }

    /// The entry of an address, 0 when it has no table.
    fn raw(&mut self, address: u64) -> u64 {
        if address >= USER_LIMIT {
            return 0;
        }
        // SAFETY: `place` gives a live entry of our tables.
        self.place(address).map_or(0, |place| unsafe { *place })
    }

    /// The same, 0 when there is no page.
    fn page_entry(&mut self, address: u64) -> u64 {
        match self.raw(address) {
            raw if raw & (PRESENT | HELD) != 0 => raw,
            _ => 0,
        }
    }

    /// Changes an entry that is not 0. The frame may be dropped from it, but none may come in. Returns
    /// whether there was one.
    fn change(&mut self, address: u64, change: impl FnOnce(u64) -> u64) -> bool {
        let old = self.raw(address);
        if old == 0 {
            return false;
        }
        let new = change(old);
        if new == old {
            return true;
        }
        let Ok(place) = self.place(address) else { return false };
        // SAFETY: the place was just found; what the old entry held is the new one's or goes below.
        unsafe { self.replace(place, new) };
        self.dropped(address, if new & HELD == 0 { old } else { old & !HELD });
        true
    }

    /// Writes an entry; what was there before goes.
    ///
    /// # Safety
    /// What the value holds becomes the entry's, and what it maps is a frame that it holds, or memory that
    /// lives for ever, for reading.
    unsafe fn set(&mut self, address: u64, value: u64) -> Result<(), OutOfMemory> {
        assert!(address < USER_LIMIT, "not a user address");
        let place = self.place_or_make(address)?;
        // SAFETY: the place was just found; the caller's promise, and what the old value held goes below.
        let old = unsafe { self.replace(place, value) };
        if old != 0 {
            self.dropped(address, old);
        }
        Ok(())
    }

    fn dropped(&self, address: u64, old: u64) {
        if old & PRESENT != 0 && self.tables.is_loaded() {
            invalidate(address);
        }
        if old & HELD != 0 {
            frames::release_address(old & ADDRESS);
        }
    }
}

/// Writes into `KUSER_SHARED_DATA`.
///
/// # Panics
/// When the bytes reach beyond the page.
pub fn write_shared_user_data(offset: usize, bytes: &[u8]) {
    phys::write_at(phys::address_of(&raw const shared_user_data), offset, bytes);
}
