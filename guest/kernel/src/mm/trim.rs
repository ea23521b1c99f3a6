//! Taking pages from working sets. Own pages are hidden and come back with the next fault; others go, since
//! their section or file has them.

use alloc::sync::Arc;

use hal::address_space::{AddressSpace, Entry, Locks, MAX_AGE};
use mmcore::{Lock, Resident, Space};

use super::PAGE;
use super::section::Section;
use super::space::{LIMITS, ProcessSpace};

const UNLOCKED: Locks = Locks { process: false, system: false };

/// The pages of a process that may be taken.
struct Pages<'a> {
    space: &'a Space<Arc<Section>>,
    tables: &'a mut AddressSpace,
}

impl Resident for Pages<'_> {
    fn next(&mut self, from: u64) -> Option<u64> {
        let mut from = from;
        loop {
            let address = self.tables.next(from, LIMITS.end)?;
            let Some(vad) = self.space.find(address) else {
                from = address + PAGE;
                continue;
            };
            if vad.lock() == Lock::All {
                // PEB, TEBs and what belongs to no process.
                from = vad.end();
            } else if matches!(self.tables.entry(address), Entry::Present { .. })
                && self.tables.locks(address) == UNLOCKED
            {
                return Some(address);
            } else {
                from = address + PAGE;
            }
        }
    }

    fn age(&mut self, page: u64, aged: &mut dyn FnMut(bool, u8) -> u8) {
        self.tables.age(page, aged);
    }
}

impl ProcessSpace {
    /// Takes up to `wanted` pages, the oldest first. Returns how many it took.
    pub fn trim(&mut self, wanted: u32) -> u32 {
        let mut taken = 0;
        for age in (0..=MAX_AGE).rev() {
            while taken < wanted {
                let mut pages = Pages { space: &self.space, tables: &mut self.tables };
                let budget = pages.tables.present() as usize;
                let Some(page) = self.set.trim(age, budget, &mut pages) else { break };
                self.tables.hide(page);
                taken += 1;
            }
        }
        taken
    }

    /// Takes one page, unless it is one that always stays.
    pub(super) fn take_away(&mut self, page: u64) {
        if self.space.find(page).is_some_and(|vad| vad.lock() != Lock::All) {
            self.tables.hide(page);
        }
    }
}
