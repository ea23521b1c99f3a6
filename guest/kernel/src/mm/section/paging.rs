//! Pages of sections without a file, in paging files. A page goes out when no process has it mapped: [`crate::mm`]'s
//! writer takes it from them before.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use hal::cell::KernelCell;
use mmcore::Slot;
use nt::NtStatus;

use super::{Held, Section, Source};
use crate::mm::fault::Failure;
use crate::mm::paging;

/// The sections without a file.
static SECTIONS: KernelCell<Vec<Weak<Section>>> = KernelCell::new(Vec::new());
/// With that many, those that are gone are left out before another one is added.
const MANY: usize = 64;

/// A section without a file has been made.
pub(super) fn add(section: &Arc<Section>) {
    let mut sections = SECTIONS.lock();
    if sections.len() >= MANY && sections.len().is_power_of_two() {
        sections.retain(|section| section.strong_count() > 0);
    }
    // One that is not in the list stays in memory.
    if sections.try_reserve(1).is_ok() {
        sections.push(Arc::downgrade(section));
    }
}

/// Writes a cluster of pages that no process has mapped, after looking through sections for some. False when there are
/// none. No guard may be held: this waits.
pub fn search(size: u32) -> bool {
    let sections: Vec<Arc<Section>> = SECTIONS.lock().iter().filter_map(Weak::upgrade).collect();
    sections.iter().any(|section| {
        let chosen = section.choose(size).unwrap_or_default();
        section.send_away(&chosen).unwrap_or(false)
    })
}

/// Writes pages that have just been taken from a process, as far as no other one has them. No guard may be held: this
/// waits.
pub fn page_out(pages: &[(Arc<Section>, u32)]) {
    for pages in pages.chunk_by(|a, b| Arc::ptr_eq(&a.0, &b.0)) {
        let Some((section, _)) = pages.first() else { continue };
        let free: Vec<u32> = {
            let held = section.pages.lock();
            pages
                .iter()
                .map(|(_, index)| *index)
                .filter(|&index| held.get(index).is_some_and(is_free))
                .collect()
        };
        // A page that cannot be written stays.
        let _ = section.send_away(&free);
    }
}

/// Whether only its section has a page.
fn is_free(held: &Held) -> bool {
    matches!(held, Held::Page(page) if page.references() == 1)
}

impl Section {
    /// Whether its pages have nowhere to go but a paging file.
    pub fn is_pageable(&self) -> bool {
        matches!(self.source, Source::PagingFile)
    }

    /// Whether its pages can be taken from a process to be written or let go.
    pub fn can_go(&self) -> bool {
        self.is_pageable() || self.mapped().is_some()
    }

    /// Reads a page that is in a paging file, or in the file that is mapped. No guard may be held: this waits.
    ///
    /// # Errors
    /// IN_PAGE_ERROR, NO_MEMORY.
    pub fn page_in(&self, index: u32) -> Result<(), Failure> {
        if let Some(file) = self.mapped() {
            return file.page_in(index);
        }
        let slot = match self.pages.lock().get(index) {
            Some(Held::Out(slot)) => *slot,
            _ => return Ok(()),
        };
        let Some(page) = paging::read(slot, 1)?.and_then(|mut pages| pages.pop()) else { return Ok(()) };
        let mut pages = self.pages.lock();
        let place = pages.place(index)?;
        if matches!(place, Some(Held::Out(now)) if *now == slot) {
            *place = Some(Held::Page(page));
            drop(pages);
            paging::give_back(slot);
        }
        Ok(())
    }

    /// Writes pages that nobody has mapped. False when none could be.
    fn send_away(&self, chosen: &[u32]) -> Result<bool, NtStatus> {
        let Some(run) = paging::take(chosen.len() as u32) else { return Ok(false) };
        let mut pages = Vec::new();
        pages.try_reserve(run.count as usize).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        {
            let mut held = self.pages.lock();
            for (n, &index) in (0..run.count).zip(chosen) {
                let slot = Slot { index: run.first.index + n, ..run.first };
                let place = held.place(index)?;
                let Some(Held::Page(page)) = place else { break };
                let (Some(page), Some(kept)) = (page.pinned(), page.pinned()) else { break };
                if paging::leave(slot, kept).is_err() {
                    break;
                }
                *place = Some(Held::Out(slot));
                pages.push(page);
            }
        }
        let sent = pages.len() as u32;
        (sent..run.count).for_each(|n| paging::give_back(Slot { index: run.first.index + n, ..run.first }));
        if sent > 0 {
            paging::write(run.first, pages)?;
        }
        Ok(sent > 0)
    }

    fn choose(&self, most: u32) -> Result<Vec<u32>, NtStatus> {
        let mut chosen = Vec::new();
        chosen.try_reserve(most as usize).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        let pages = self.pages.lock();
        let start = *self.hand.lock();
        let free = |&(_, held): &(u32, &Held)| is_free(held);
        let before = pages.iter().take_while(|(index, _)| *index < start);
        let behind = pages.iter().skip_while(|(index, _)| *index < start);
        chosen.extend(behind.chain(before).filter(free).map(|(index, _)| index).take(most as usize));
        *self.hand.lock() = chosen.last().map_or(0, |last| last + 1);
        Ok(chosen)
    }

    /// It is gone, and what it has in paging files.
    pub(super) fn forget_pages(&self) {
        let slot = |(_, held): (u32, &Held)| match held {
            Held::Out(slot) => Some(*slot),
            Held::Page(_) => None,
        };
        self.pages.lock().iter().filter_map(slot).for_each(paging::give_back);
    }
}
