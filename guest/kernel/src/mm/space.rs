//! The user half of a process's address space: what its addresses are, and the page tables for that.

use alloc::sync::Arc;

use hal::address_space::{AddressSpace, Entry, OutOfMemory};
use hal::session_space::SessionSpace;
use mmcore::{Allocate, Limits, Lock, MapView, Mapped, PageState, Rights, Space, Unmapped, WorkingSet};
use nt::NtStatus;
use nt::kuser;
use nt::memory::{MEM_COMMIT, MEM_RESERVE, PAGE_READONLY, PAGE_READWRITE, VIEW_UNMAP};
use nt::psinfo::VmCounters;

use super::section::Section;
use super::teb::TebBlocks;
use super::{PAGE, charge};

/// Which addresses a process can have: NT keeps the first 64 KiB free to catch bad pointers.
pub const LIMITS: Limits = Limits { lowest: 0x1_0000, end: 0x7FF_FFFF_0000 };

/// Pages that a new process takes before it runs, at most: page tables, PEB and TEB, its stack, what the loader finds.
const NEEDED: u32 = 64;

/// A process's user address space.
#[derive(Debug)]
pub struct ProcessSpace {
    /// Its allocations and views.
    pub(super) space: Space<Arc<Section>>,
    /// Its page tables.
    pub(super) tables: AddressSpace,
    pub(super) set: WorkingSet,
    pub(super) tebs: TebBlocks,
    /// Least and most bytes that should be in memory.
    pub(super) working_set: (u64, u64),
    /// Page faults that it had.
    pub(super) faults: u32,
    /// Where the next pages for the paging files are looked for.
    pub(super) hand: u64,
    /// The page that was read from a paging file last.
    pub(super) read_last: u64,
}

impl ProcessSpace {
    /// A space with nothing but `KUSER_SHARED_DATA`.
    ///
    /// # Errors
    /// NO_MEMORY, COMMITMENT_LIMIT.
    pub fn new() -> Result<Self, NtStatus> {
        super::room_for(NEEDED)?;
        let tables = AddressSpace::new().map_err(no_memory)?;
        let mut space = Self {
            space: Space::new(LIMITS),
            tables,
            set: WorkingSet::new(),
            tebs: TebBlocks::default(),
            working_set: super::quota::WORKING_SET,
            faults: 0,
            hand: 0,
            read_last: 0,
        };
        space.allocate_locked(kuser::USER_ADDRESS, PAGE, PAGE_READONLY)?;
        Ok(space)
    }

    /// Gives it the space of a session, or none.
    pub fn set_session(&mut self, session: Option<Arc<SessionSpace>>) {
        self.tables.set_session(session);
    }

    /// Its page tables, for a thread to run on.
    pub const fn tables(&self) -> &AddressSpace {
        &self.tables
    }

    /// Allocates committed memory, anywhere if the base is 0. Returns where.
    ///
    /// # Errors
    /// CONFLICTING_ADDRESSES, NO_MEMORY, COMMITMENT_LIMIT.
    pub fn allocate(&mut self, base: u64, size: u64, protect: u32) -> Result<u64, NtStatus> {
        let allocation_type = MEM_RESERVE | MEM_COMMIT;
        let request = Allocate { base, zero_bits: 0, size, allocation_type, protect };
        Ok(self.space.allocate(&mut charge::ledger(), &request)?.base)
    }

    /// The same, and user mode cannot free or change it.
    ///
    /// # Errors
    /// As [`Self::allocate`].
    pub fn allocate_locked(&mut self, base: u64, size: u64, protect: u32) -> Result<u64, NtStatus> {
        let base = self.allocate(base, size, protect)?;
        self.space.lock(base, Lock::All);
        Ok(base)
    }

    /// Writes into private memory of this space, whoever's tables are loaded and whatever user mode may do
    /// with it.
    ///
    /// # Errors
    /// ACCESS_VIOLATION where nothing is committed, NO_MEMORY.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), NtStatus> {
        let mut address = address;
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = (PAGE - address % PAGE) as usize;
            let (now, later) = rest.split_at(room.min(rest.len()));
            if !self.tables.write(address, now) {
                self.make_present(address)?;
                if !self.tables.write(address, now) {
                    return Err(NtStatus::ACCESS_VIOLATION);
                }
            }
            address += now.len() as u64;
            rest = later;
        }
        Ok(())
    }

    /// Maps a view of a whole section for a new process or driver.
    ///
    /// # Errors
    /// What [`Space::map_view`] says.
    pub fn map_section(&mut self, section: &Arc<Section>) -> Result<Mapped, NtStatus> {
        self.map_view(
            section,
            &MapView {
                base: 0,
                zero_bits: 0,
                commit_size: 0,
                offset: 0,
                size: 0,
                inherit: VIEW_UNMAP,
                allocation_type: 0,
                protect: PAGE_READWRITE,
            },
        )
    }

    /// Maps a view.
    ///
    /// # Errors
    /// What [`Space::map_view`] says.
    pub fn map_view(&mut self, section: &Arc<Section>, request: &MapView) -> Result<Mapped, NtStatus> {
        self.space.map_view(&mut charge::ledger(), section.clone(), request)
    }

    /// Unmaps the view that an address lies in.
    ///
    /// # Errors
    /// What [`Space::unmap_view`] says.
    pub fn unmap_view(&mut self, address: u64) -> Result<Unmapped<Arc<Section>>, NtStatus> {
        let unmapped = self.space.unmap_view(&mut charge::ledger(), address)?;
        self.clear(unmapped.base, unmapped.base + unmapped.size);
        Ok(unmapped)
    }

    /// What its memory amounts to.
    pub fn counters(&self) -> VmCounters {
        let account = self.space.account();
        let (pages, most) = self.space.size();
        let present = self.tables.present();
        VmCounters {
            peak_virtual_size: most * PAGE,
            virtual_size: pages * PAGE,
            page_fault_count: self.faults,
            peak_working_set_size: u64::from(self.set.peak().max(present)) * PAGE,
            working_set_size: u64::from(present) * PAGE,
            pagefile_usage: account.charged() * PAGE,
            peak_pagefile_usage: account.peak() * PAGE,
            private_usage: account.charged() * PAGE,
            ..VmCounters::default()
        }
    }

    /// What the page table says of an address.
    pub(super) fn state(&mut self, address: u64) -> PageState {
        match self.tables.entry(address) {
            Entry::Present { frame, own: true, .. } => PageState::Own { frame },
            Entry::Present { frame, .. } => PageState::Shared { frame },
            Entry::Hidden { frame } => PageState::Transition { frame },
            Entry::Noted(raw) => PageState::decode(raw).unwrap_or(PageState::Untouched),
        }
    }

    /// Takes all pages out of a range and gives back what they took.
    pub(super) fn clear(&mut self, start: u64, end: u64) {
        self.tables.clear(start, end, super::paging::forget);
    }

    /// Lets the page tables of a range follow its protections, which have changed.
    pub(super) fn follow(&mut self, start: u64, end: u64) {
        let mut from = start;
        while let Some(address) = self.tables.next(from, end) {
            from = address + PAGE;
            let Entry::Present { own, .. } = self.tables.entry(address) else { continue };
            let rights = self.space.commit_at(address).rights(own);
            let rights = rights.map(|rights| match own {
                true => rights,
                false => self.shared_rights(address, rights, mmcore::Access::Read),
            });
            match rights {
                Some(rights) => self.tables.protect(address, access(rights)),
                None => self.tables.hide(address),
            };
        }
    }
}

impl Drop for ProcessSpace {
    fn drop(&mut self) {
        self.tables.leave();
        // A view's section goes behind the ledger's guard: it may be the last reference.
        while let Some(vad) = { self.space.tear_down(&mut charge::ledger()) } {
            for range in vad.backed() {
                self.tables.clear(range.start, range.end, super::paging::forget);
            }
        }
    }
}

/// A page table's rights as hal has them.
pub(super) const fn access(rights: Rights) -> hal::address_space::Access {
    hal::address_space::Access { write: rights.write, execute: rights.execute }
}

/// The status of a failed page table.
pub(super) fn no_memory(_: OutOfMemory) -> NtStatus {
    NtStatus::NO_MEMORY
}
