//! Where the pages of kernel stacks go that are not in memory (`ke::swap`).

use alloc::vec::Vec;

use hal::address_space::Pinned;
use hal::frames::Page;
use mmcore::{Slot, SlotRun};
use nt::NtStatus;

use super::fault::Failure;
use super::{PAGE, paging, writer};
use crate::ke::wait::{self, Mode};

/// Time until memory is looked for again when there is none, in 100 ns.
const MOMENT: i64 = 10_000;

/// Whether stacks have somewhere to go.
pub fn have_place() -> bool {
    paging::has_files()
}

/// Adjoining slots for the pages of a stack.
#[derive(Debug)]
pub struct Place(SlotRun);

/// The pages of a stack in a paging file.
#[derive(Debug)]
pub struct Stored(SlotRun);

/// Pages on their way there.
#[derive(Debug)]
pub struct Writing(Slot, Vec<Pinned>);

/// Slots for so many pages.
pub fn take(pages: usize) -> Option<Place> {
    let run = paging::take(u32::try_from(pages).ok()?)?;
    if run.count as usize == pages {
        return Some(Place(run));
    }
    Stored(run).give_back();
    None
}

impl Place {
    /// Notes that pages, as many as there are slots, leave for them.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES; then nothing has happened.
    pub fn store(self, pages: &[Page]) -> Result<(Stored, Writing), NtStatus> {
        let pinned = || pages.iter().map(Page::pinned).collect::<Option<Vec<_>>>();
        let left = match (pinned(), pinned()) {
            (Some(kept), Some(written)) => paging::leave_all(self.0.first, kept).map(|()| written),
            _ => Err(NtStatus::INSUFFICIENT_RESOURCES),
        };
        let stored = Stored(self.0);
        match left {
            Ok(written) => Ok((stored, Writing(self.0.first, written))),
            Err(status) => {
                stored.give_back();
                Err(status)
            }
        }
    }
}

impl Writing {
    /// Writes them. No guard may be held: this waits.
    ///
    /// # Errors
    /// Those of the disk; the pages are kept then.
    pub fn write(self) -> Result<(), NtStatus> {
        paging::write(self.0, self.1)
    }
}

/// Why a page cannot be read: the status of the disk, the number of the paging file, and the offset in it in bytes.
pub type Unreadable = (NtStatus, u64, u64);

impl Stored {
    /// How many pages.
    pub fn count(&self) -> usize {
        self.0.count as usize
    }

    fn slots(&self) -> impl Iterator<Item = Slot> {
        let first = self.0.first;
        (0..self.0.count).map(move |n| Slot { index: first.index + n, ..first })
    }

    /// Reads one of them. No guard may be held: this waits.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub fn read(&self, number: usize) -> Result<Page, Unreadable> {
        let Some(slot) = self.slots().nth(number) else { return Err((NtStatus::INVALID_PARAMETER, 0, 0)) };
        loop {
            match paging::read(slot, 1) {
                Ok(pages) => {
                    if let Some(page) = pages.and_then(|mut pages| pages.pop()) {
                        return Ok(page);
                    }
                }
                Err(Failure { status: NtStatus::NO_MEMORY, .. }) => make_room(),
                Err(failure) => {
                    return Err((failure.cause, slot.file.get().into(), u64::from(slot.index) * PAGE));
                }
            }
        }
    }

    /// The pages are not needed there any more.
    pub fn give_back(&self) {
        self.slots().for_each(paging::give_back);
    }
}

/// Makes room in memory, or waits a moment for others to do so. No guard may be held: this waits.
pub fn make_room() {
    if !writer::relieve() {
        wait::delay(-MOMENT, Mode::Kernel);
    }
}
