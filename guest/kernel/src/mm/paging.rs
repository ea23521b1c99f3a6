//! Paging files: where pages go that memory has no room for, and how they come back.
//!
//! A page that goes out leaves its process at once: the entry says in which slot it is, and the page itself is kept in
//! [`OnTheWay`] until the disk has it. Whoever needs it before then gets a copy. So nobody changes a page that is being written, and a
//! page that could not be written is still there.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use hal::address_space::Pinned;
use hal::cell::KernelCell;
use hal::dma::{Memory, Pages};
use hal::frames::Page;
use mmcore::{FileNumber, PageState, PagingFile, PagingFiles, Slot, SlotRun};
use nt::NtStatus;

use super::fault::Failure;
use super::{PAGE, charge};
use crate::io::FileObject;
use crate::io::disk::{Operation, Volume};
use crate::ke::event::Event;
use crate::ke::sched;
use crate::ke::wait::{self, Mode};

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
    /// Others when it has grown.
    extents: KernelCell<Arc<Extents>>,
    /// Open for as long as the system runs, so that it stays as it is.
    file: Arc<FileObject>,
}

/// A slot that is being read. It stays in use until that is over, so that nobody writes to it.
#[derive(Debug)]
struct Reading {
    slot: Slot,
    /// Nobody wants it any more.
    is_forgotten: bool,
    /// Who wants it as well waits for this.
    done: Option<Arc<Event>>,
}

/// Fewest pages that a file grows by, so that it does not grow often.
const GROWTH: u32 = 256;
/// With fewer pages left to promise, files grow before somebody asks.
const HEADROOM: u64 = 512;

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
pub(super) static FILES: KernelCell<PagingFiles> = KernelCell::new(PagingFiles::new());
/// The files themselves, in the same order.
static STORES: KernelCell<Vec<Arc<Store>>> = KernelCell::new(Vec::new());
static ON_THE_WAY: KernelCell<Vec<OnTheWay>> = KernelCell::new(Vec::new());
static READING: KernelCell<Vec<Reading>> = KernelCell::new(Vec::new());
/// Somebody makes a file larger.
static GROWING: KernelCell<bool> = KernelCell::new(false);

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
    stores.push(Arc::new(Store { extents: KernelCell::new(Arc::new(extents)), file }));
    charge::ledger().raise_limit(minimum);
    Ok(())
}

/// Makes paging files larger, for that many pages more to be promised, as far as their maximum and their volumes allow. No
/// guard may be held: this waits. False when none could grow.
pub fn grow(wanted: u64) -> bool {
    if wanted > left_to_promise() {
        // It would not help.
        return false;
    }
    if core::mem::replace(&mut *GROWING.lock(), true) {
        // Whoever does it may do so for this caller as well.
        sched::yield_now();
        return true;
    }
    let count = STORES.lock().len() as u8;
    let least = u32::try_from(wanted).unwrap_or(u32::MAX).max(GROWTH);
    let has_grown = (0..count).filter_map(FileNumber::new).any(|file| {
        // A volume with less room than that may have some.
        [least, GROWTH].iter().any(|&pages| grow_file(file, pages).is_ok())
    });
    *GROWING.lock() = false;
    has_grown
}

/// Sees to it that a little more can be promised without waiting, as long as files can grow for it. No guard may be held:
/// this waits.
pub fn keep_headroom() {
    if !has_files() {
        return;
    }
    let left = {
        let ledger = charge::ledger();
        ledger.limit().saturating_sub(ledger.committed())
    };
    if left < HEADROOM {
        grow(left + u64::from(GROWTH));
    }
}

/// Pages that could be promised if all files grew to their maximum.
fn left_to_promise() -> u64 {
    let growth: u64 = {
        let files = FILES.lock();
        files.files().iter().map(|file| u64::from(file.maximum() - file.size())).sum()
    };
    let ledger = charge::ledger();
    ledger.limit().saturating_sub(ledger.committed()) + growth
}

fn grow_file(number: FileNumber, wanted: u32) -> Result<(), NtStatus> {
    let store = store(number).ok_or(NtStatus::INVALID_PARAMETER)?;
    let (size, pages) = {
        let files = FILES.lock();
        let size = files.files().get(usize::from(number.get())).map_or(0, PagingFile::size);
        (size, files.growth(number, wanted))
    };
    if pages == 0 {
        return Err(NtStatus::COMMITMENT_LIMIT);
    }
    let bytes = u64::from(size + pages) * PAGE;
    let extents = store.file.device().dispatch.paging_file(&store.file, bytes)?;
    FILES.lock().grown(number, pages)?;
    *store.extents.lock() = Arc::new(extents);
    charge::ledger().raise_limit(pages.into());
    Ok(())
}

/// Whether there is a file to page to.
pub fn has_files() -> bool {
    !STORES.lock().is_empty()
}

/// Whether a page could go out.
pub fn has_room() -> bool {
    FILES.lock().free_slots() > 0
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
    if let Some(reading) = READING.lock().iter_mut().find(|reading| reading.slot == slot) {
        reading.is_forgotten = true;
        return;
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

/// The same for pages that leave for adjoining slots: all of them or none.
///
/// # Errors
/// INSUFFICIENT_RESOURCES.
pub fn leave_all(first: Slot, kept: Vec<Pinned>) -> Result<(), NtStatus> {
    let mut pages = ON_THE_WAY.lock();
    pages.try_reserve(kept.len()).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    pages.extend((0..).zip(kept).map(|(n, page)| {
        let slot = Slot { index: first.index + n, ..first };
        OnTheWay { slot, page, is_written: true, is_forgotten: false }
    }));
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

/// Whether there are pages whose writing has failed.
pub fn has_failed() -> bool {
    ON_THE_WAY.lock().iter().any(|page| !page.is_written)
}

/// Writes a run of pages whose writing has failed before, at most `most`. False when there are none, or it fails again. No guard may be
/// held: this waits.
pub fn write_again(most: u32) -> bool {
    let (first, pages) = {
        let mut all = ON_THE_WAY.lock();
        let Some(first) = all.iter().find(|page| !page.is_written).map(|page| page.slot) else {
            return false;
        };
        let mut pages = Vec::new();
        for index in first.index..first.index.saturating_add(most) {
            let slot = Slot { index, ..first };
            let Some(at) = all.iter().position(|page| page.slot == slot && !page.is_written) else { break };
            // Behind the others, whose turn is the next one if this fails again.
            let mut failed = all.remove(at);
            let pin = failed.page.again().filter(|_| pages.try_reserve(1).is_ok());
            failed.is_written = pin.is_some();
            all.push(failed);
            match pin {
                Some(pin) => pages.push(pin),
                None => break,
            }
        }
        (first, pages)
    };
    !pages.is_empty() && write(first, pages).is_ok()
}

/// Reads a page back, and with it up to `count - 1` that follow it in the file. `None` when somebody else has read it
/// meanwhile: then it is to be looked for again. No guard may be held: this waits.
///
/// # Errors
/// IN_PAGE_ERROR when the disk fails; NO_MEMORY.
pub fn read(slot: Slot, count: u32) -> Result<Option<Vec<Page>>, Failure> {
    let on_the_way = {
        let pages = ON_THE_WAY.lock();
        pages.iter().find(|page| page.slot == slot).map(|page| page.page.copy())
    };
    if let Some(copy) = on_the_way {
        return copy.map(|page| Some(vec![page])).ok_or(NtStatus::NO_MEMORY.into());
    }
    if let Some(other) = other_reader(slot) {
        wait::wait_for_any(&[other.signal()], None, Mode::Kernel);
        return Ok(None);
    }
    let (mut pages, mut pinned) = (Vec::new(), Vec::new());
    pages.try_reserve(count as usize).map_err(|_| NtStatus::NO_MEMORY)?;
    pinned.try_reserve(count as usize).map_err(|_| NtStatus::NO_MEMORY)?;
    for n in 0..count {
        let is_taken = n > 0 && !is_on_disk(Slot { index: slot.index + n, ..slot });
        let page = Page::any().filter(|_| !is_taken).and_then(|page| Some((page.pinned()?, page)));
        let Some((pin, page)) = page else { break };
        pinned.push(pin);
        pages.push(page);
    }
    if pages.is_empty() {
        return Err(NtStatus::NO_MEMORY.into());
    }
    let slots = || (0..pages.len() as u32).map(|n| Slot { index: slot.index + n, ..slot });
    {
        let mut reading = READING.lock();
        reading.try_reserve(pages.len()).map_err(|_| NtStatus::NO_MEMORY)?;
        reading.extend(slots().map(|slot| Reading { slot, is_forgotten: false, done: None }));
    }
    let result = transfer(slot, Arc::new(pinned), Operation::Read);
    slots().for_each(end_reading);
    match result {
        Ok(()) => Ok(Some(pages)),
        // What the caller did not ask for may be what failed.
        Err(_) if pages.len() > 1 => {
            drop(pages);
            read(slot, 1)
        }
        Err(status) => Err(Failure::in_page(status)),
    }
}

/// The end of somebody else's reading of a slot, if somebody does.
fn other_reader(slot: Slot) -> Option<Arc<Event>> {
    let mut reading = READING.lock();
    let other = reading.iter_mut().find(|reading| reading.slot == slot)?;
    Some(other.done.get_or_insert_with(|| Arc::new(Event::new(false, false))).clone())
}

/// Whether a slot's page is on the disk, and nobody is reading it.
fn is_on_disk(slot: Slot) -> bool {
    !ON_THE_WAY.lock().iter().any(|page| page.slot == slot)
        && !READING.lock().iter().any(|reading| reading.slot == slot)
}

fn end_reading(slot: Slot) {
    let ended = {
        let mut reading = READING.lock();
        let at = reading.iter().position(|reading| reading.slot == slot);
        at.map(|at| reading.swap_remove(at))
    };
    let Some(Reading { is_forgotten, done, .. }) = ended else { return };
    if is_forgotten {
        FILES.lock().give_back(slot);
    }
    if let Some(done) = done {
        done.set();
    }
}

/// Where a file lies now.
pub(super) fn extents(file: FileNumber) -> Option<Arc<Extents>> {
    Some(store(file)?.extents.lock().clone())
}

/// Moves adjoining slots between memory and disk, in as few transfers as the file has parts.
fn transfer(first: Slot, pinned: Arc<Vec<Pinned>>, operation: Operation) -> Result<(), NtStatus> {
    let extents = extents(first.file).ok_or(NtStatus::IO_DEVICE_ERROR)?;
    let volume = &extents.volume;
    let sector = u64::from(volume.sector_size());
    let (mut offset, mut done) = (u64::from(first.index) * PAGE, 0);
    let length = pinned.len() as u64 * PAGE;
    while done < length {
        let (at, there) = extents.find(offset).ok_or(NtStatus::IO_DEVICE_ERROR)?;
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
    pub fn find(&self, offset: u64) -> Option<(u64, u64)> {
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
