//! Paging files: where pages go that memory has no room for, and how they come back.
//!
//! A page that goes out leaves its process at once: the entry says in which slot it is, and the page itself is kept in
//! [`OnTheWay`] until the disk has it. Whoever needs it before then gets a copy. So nobody changes a page that is being written, and a
//! page that could not be written is still there.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::address_space::Pinned;
use hal::cell::KernelCell;
use hal::dma::{Memory, Pages};
use hal::frames::Page;
use mmcore::{FileNumber, PageState, PagingFiles, Slot, SlotRun};
use nt::NtStatus;

use super::{PAGE, charge};
use crate::io::FileObject;
use crate::io::disk::{Operation, Volume};

/// Where a paging file lies: nobody moves it, so that reading and writing it needs no file system.
#[derive(Debug)]
pub struct Extents {
    /// The volume.
    pub volume: Arc<Volume>,
    /// Parts of the file in order: offset on the volume and length, in bytes, multiples of its sectors.
    pub parts: Vec<(u64, u64)>,
}

/// A paging file.
#[derive(Debug)]
struct Store {
    extents: Extents,
    /// Open for as long as the system runs, so that it stays as it is.
    _file: Arc<FileObject>,
}

/// A page whose slot the disk has not got.
#[derive(Debug)]
struct OnTheWay {
    slot: Slot,
    page: Pinned,
    /// It is being written; otherwise that has failed.
    is_written: bool,
    /// Nobody wants it any more.
    is_forgotten: bool,
}

/// Which slots are in use.
static FILES: KernelCell<PagingFiles> = KernelCell::new(PagingFiles::new());
/// The files themselves, in the same order.
static STORES: KernelCell<Vec<Arc<Store>>> = KernelCell::new(Vec::new());
static ON_THE_WAY: KernelCell<Vec<OnTheWay>> = KernelCell::new(Vec::new());

/// Whether a paging file of these sizes, in pages, may be made.
///
/// # Errors
/// What [`PagingFiles::check`] says.
pub fn check(minimum: u64, maximum: u64) -> Result<(), NtStatus> {
    FILES.lock().check(minimum, maximum).map(drop)
}

/// Takes a file of that many pages into use. The commit limit rises by as many.
///
/// # Errors
/// As [`check`]; INSUFFICIENT_RESOURCES.
pub fn add(minimum: u64, maximum: u64, extents: Extents, file: Arc<FileObject>) -> Result<(), NtStatus> {
    let mut stores = STORES.lock();
    stores.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    FILES.lock().add(minimum, maximum)?;
    stores.push(Arc::new(Store { extents, _file: file }));
    charge::ledger().raise_limit(minimum);
    Ok(())
}

/// Whether there is a file to page to.
pub fn has_files() -> bool {
    !STORES.lock().is_empty()
}

/// A page table's note is gone: the slot that it named, if it did, is free.
pub fn forget(note: u64) {
    if let Some(PageState::PagedOut { slot }) = PageState::decode(note) {
        give_back(slot);
    }
}

/// A slot's page is not needed there any more.
pub fn give_back(slot: Slot) {
    let mut pages = ON_THE_WAY.lock();
    if let Some(at) = pages.iter().position(|page| page.slot == slot) {
        if let Some(page) = pages.get_mut(at).filter(|page| page.is_written) {
            // The slot is free when the disk is done with it.
            page.is_forgotten = true;
            return;
        }
        pages.swap_remove(at);
    }
    FILES.lock().give_back(slot);
}

/// Takes up to `wanted` adjoining slots.
pub fn take(wanted: u32) -> Option<SlotRun> {
    FILES.lock().take(wanted)
}

/// A page has left its process for a slot, and is going to be written.
///
/// # Errors
/// INSUFFICIENT_RESOURCES.
pub fn leave(slot: Slot, page: Pinned) -> Result<(), NtStatus> {
    let mut pages = ON_THE_WAY.lock();
    pages.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    pages.push(OnTheWay { slot, page, is_written: true, is_forgotten: false });
    Ok(())
}

/// Writes pages that have left to their adjoining slots. No guard may be held: this waits.
///
/// # Errors
/// Those of the disk; the pages are kept then.
pub fn write(first: Slot, pages: Vec<Pinned>) -> Result<(), NtStatus> {
    let count = pages.len() as u32;
    let result = transfer(first, Arc::new(pages), Operation::Write);
    let mut done = Vec::new();
    {
        let mut pages = ON_THE_WAY.lock();
        for page in pages.iter_mut() {
            let is_ours = page.slot.file == first.file
                && (first.index..first.index + count).contains(&page.slot.index)
                && page.is_written;
            page.is_written &= !is_ours;
            // A page that nobody wants need not be kept, however its writing ended.
            if is_ours && (result.is_ok() || page.is_forgotten) {
                done.push((page.slot, page.is_forgotten));
            }
        }
        pages.retain(|page| page.is_written || !done.iter().any(|(slot, _)| *slot == page.slot));
    }
    for (slot, _) in done.into_iter().filter(|(_, is_forgotten)| *is_forgotten) {
        FILES.lock().give_back(slot);
    }
    result
}

/// Reads a page back. No guard may be held: this waits.
///
/// # Errors
/// IN_PAGE_ERROR when the disk fails; NO_MEMORY.
pub fn read(slot: Slot) -> Result<Page, NtStatus> {
    let on_the_way = {
        let pages = ON_THE_WAY.lock();
        pages.iter().find(|page| page.slot == slot).map(|page| page.page.copy())
    };
    if let Some(copy) = on_the_way {
        return copy.ok_or(NtStatus::NO_MEMORY);
    }
    let page = Page::any().ok_or(NtStatus::NO_MEMORY)?;
    let pinned = page.pinned().ok_or(NtStatus::NO_MEMORY)?;
    let mut pages = Vec::new();
    pages.try_reserve(1).map_err(|_| NtStatus::NO_MEMORY)?;
    pages.push(pinned);
    transfer(slot, Arc::new(pages), Operation::Read).map_err(|_| NtStatus::IN_PAGE_ERROR)?;
    Ok(page)
}

/// Moves adjoining slots between memory and disk, in as few transfers as the file has parts.
fn transfer(first: Slot, pinned: Arc<Vec<Pinned>>, operation: Operation) -> Result<(), NtStatus> {
    let store = store(first.file).ok_or(NtStatus::IO_DEVICE_ERROR)?;
    let volume = &store.extents.volume;
    let sector = u64::from(volume.sector_size());
    let (mut offset, mut done) = (u64::from(first.index) * PAGE, 0);
    let length = pinned.len() as u64 * PAGE;
    while done < length {
        let (at, there) = store.extents.find(offset).ok_or(NtStatus::IO_DEVICE_ERROR)?;
        let now = there.min(length - done);
        let pages = Pages::new(pinned.clone(), done as usize, now as usize);
        let memory = Memory::Pages(pages.ok_or(NtStatus::IO_DEVICE_ERROR)?);
        volume.wait_for(operation, at / sector, now / sector, memory).0?;
        (offset, done) = (offset + now, done + now);
    }
    Ok(())
}

fn store(file: FileNumber) -> Option<Arc<Store>> {
    STORES.lock().get(usize::from(file.get())).cloned()
}

impl Extents {
    /// Where an offset of the file lies on the volume, and how many bytes follow it there.
    fn find(&self, offset: u64) -> Option<(u64, u64)> {
        let mut before = 0;
        for &(start, length) in &self.parts {
            if offset - before < length {
                return Some((start + (offset - before), length - (offset - before)));
            }
            before += length;
        }
        None
    }
}
