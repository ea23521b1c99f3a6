//! Memory pressure: pages of processes go to the paging files, a cluster at a time, written by whoever needs memory.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::address_space::{Entry, Locks, Pinned};
use mmcore::{Lock, PageState, Slot};
use nt::NtStatus;

use super::section::{self, Section};
use super::space::{LIMITS, ProcessSpace};
use super::{PAGE, mapped, paging, session_paging};
use crate::ke::wait::{self, Mode};
use crate::ke::{sched, swap};
use crate::ps::{Process, cid};

/// Pages that are written together.
const CLUSTER: u32 = 16;
/// Clusters that go out before whoever needs memory tries again.
const CLUSTERS: u32 = 4;
/// How often a disk is asked that takes nothing, or processes that end are waited for, before memory is at an end, and after how long
/// each time: half a second in all.
const TRIES: u32 = 10;
/// 50 ms from now.
const PAUSE: i64 = -500_000;

const UNLOCKED: Locks = Locks { process: false, system: false };

/// Makes room in memory. No guard may be held: this waits. False when nothing can go out, also because disks do not take it, and not a
/// little later either, and no process is ending.
pub fn relieve() -> bool {
    for _ in 0..TRIES {
        if attempt() {
            return true;
        }
        if !paging::has_failed() && !others_end() {
            return false;
        }
        wait::delay(PAUSE, Mode::Kernel);
    }
    false
}

/// Whether another process is to end: it gives its memory back when its threads have run, which may be less important than this one.
fn others_end() -> bool {
    let current = sched::current();
    cid::processes().iter().any(|process| process.has_ended() && !Arc::ptr_eq(process, current.process()))
}

fn attempt() -> bool {
    let gone = if mapped::any() { mapped::relieve() } else { 0 };
    if gone >= mapped::ENOUGH {
        return true;
    }
    if !paging::has_files() && !mapped::any() {
        return false;
    }
    // What the disk has not taken is still here: perhaps it takes it now.
    let mut done = u32::from(paging::write_again(CLUSTER));
    done += u32::from(session_paging::page_out(CLUSTER));
    done += u32::from(swap::page_out());
    // The process with the most pages has the oldest ones, by and large.
    let mut processes: Vec<Arc<Process>> = cid::processes();
    processes.sort_by_key(|process| core::cmp::Reverse(pages_of(process)));
    for process in &processes {
        while done < CLUSTERS {
            match page_out(process) {
                Ok(true) => done += 1,
                Ok(false) | Err(_) => break,
            }
        }
    }
    done > 0 || section::search(CLUSTER) || gone > 0
}

fn pages_of(process: &Process) -> u32 {
    process.space().lock().as_ref().map_or(0, ProcessSpace::resident)
}

/// Writes a cluster of a process's own pages, and takes those of sections from it that are met on the way. False when it has
/// none of either to give.
fn page_out(process: &Process) -> Result<bool, NtStatus> {
    let (sent, unmapped) = {
        let mut space = process.space().lock();
        let Some(space) = space.as_mut() else { return Ok(false) };
        space.send_away(CLUSTER)?
    };
    let has_given = sent.is_some() || !unmapped.is_empty();
    section::page_out(&unmapped);
    if let Some((first, pages)) = sent {
        paging::write(first, pages)?;
    }
    Ok(has_given)
}

/// The slots that pages go to, and the pages.
type Sent = Option<(Slot, Vec<Pinned>)>;
/// A page of a section.
type SectionPage = (Arc<Section>, u32);

impl ProcessSpace {
    /// Pages that the processor can get at.
    fn resident(&self) -> u32 {
        self.tables.present()
    }

    /// Takes up to `wanted` own pages, from where the last ones were on, and notes the slots where they are going. Also
    /// which pages of sections were taken from the process.
    fn send_away(&mut self, wanted: u32) -> Result<(Sent, Vec<SectionPage>), NtStatus> {
        let (chosen, unmapped) = self.choose(wanted)?;
        let Some(run) = paging::take(chosen.len() as u32) else { return Ok((None, unmapped)) };
        let mut pages = Vec::new();
        pages.try_reserve(run.count as usize).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        let mut unused = run.count;
        for (n, address) in (0..run.count).zip(chosen) {
            let slot = Slot { index: run.first.index + n, ..run.first };
            let (Some(page), Some(kept)) = (self.tables.pin(address), self.tables.pin(address)) else {
                break;
            };
            if paging::leave(slot, kept).is_err() {
                break;
            }
            // The entry is there, so noting something in it takes no memory.
            let _ = self.tables.note(address, PageState::PagedOut { slot }.encode());
            pages.push(page);
            unused -= 1;
        }
        (run.count - unused..run.count)
            .for_each(|n| paging::give_back(Slot { index: run.first.index + n, ..run.first }));
        Ok(((!pages.is_empty()).then_some((run.first, pages)), unmapped))
    }

    /// The next own pages that nobody has locked or uses for a transfer: up to `most`, none without a slot for them. Pages of
    /// sections that have somewhere to go, and are met before, are taken from the process.
    fn choose(&mut self, most: u32) -> Result<(Vec<u64>, Vec<SectionPage>), NtStatus> {
        let (mut chosen, mut unmapped) = (Vec::new(), Vec::new());
        unmapped.try_reserve(most as usize).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        chosen.try_reserve(most as usize).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        let has_room = paging::has_room();
        let start = self.hand.max(LIMITS.lowest);
        for (from, end) in [(start, LIMITS.end), (LIMITS.lowest, start)] {
            let mut from = from;
            while let Some(address) = self.tables.next(from, end) {
                from = address + PAGE;
                if has_room && self.can_go(address) {
                    chosen.push(address);
                } else if let Some(page) = self.section_page(address) {
                    self.tables.hide(address);
                    unmapped.push(page);
                }
                if chosen.len().max(unmapped.len()) as u32 >= most {
                    self.hand = from;
                    return Ok((chosen, unmapped));
                }
            }
        }
        self.hand = LIMITS.lowest;
        Ok((chosen, unmapped))
    }

    /// The page of a section without a file, or of a mapped one, if it is one that can be taken from the process.
    fn section_page(&mut self, address: u64) -> Option<SectionPage> {
        let is_shared = matches!(self.tables.entry(address), Entry::Present { own: false, .. });
        if !is_shared || self.tables.locks(address) != UNLOCKED {
            return None;
        }
        let vad = self.space.find(address).filter(|vad| vad.lock() != Lock::All)?;
        let view = vad.view().filter(|view| view.section.can_go())?;
        Some((view.section.clone(), view.first + vad.page(address)))
    }

    fn can_go(&mut self, address: u64) -> bool {
        let is_own = match self.tables.entry(address) {
            Entry::Hidden { .. } => true,
            Entry::Present { own, .. } => own && self.tables.locks(address) == UNLOCKED,
            Entry::Noted(_) => false,
        };
        is_own
            && self.space.find(address).is_some_and(|vad| vad.lock() != Lock::All)
            && self.tables.pin(address).is_some_and(|page| page.references() == 2)
    }
}
