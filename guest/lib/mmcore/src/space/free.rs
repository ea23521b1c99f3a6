//! Decommitting and releasing (NtFreeVirtualMemory).

use alloc::boxed::Box;

use nt::NtStatus;
use nt::memory::{MEM_DECOMMIT, MEM_RELEASE};

use super::{Space, pages_of};
use crate::PAGE;
use crate::charge::Ledger;
use crate::section::SectionRef;
use crate::vad::{Commit, Kind, Lock, Vad};

/// What was freed, in whole pages: their frames and paging-file slots must be given back, and their
/// page-table entries cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// First address.
    pub base: u64,
    /// Bytes.
    pub size: u64,
}

impl<S: SectionRef> Space<S> {
    /// Decommits or releases; size 0 means all of the allocation that begins at `base`.
    ///
    /// # Errors
    /// INVALID_PARAMETER_4 unless the type is exactly MEM_DECOMMIT or MEM_RELEASE; INVALID_PARAMETER_2
    /// (address), _3 (size); MEMORY_NOT_ALLOCATED; UNABLE_TO_FREE_VM when the range leaves the
    /// allocation; UNABLE_TO_DELETE_SECTION for a view; FREE_VM_NOT_AT_BASE; INVALID_PAGE_PROTECTION for
    /// what is locked. Nothing has changed then.
    pub fn free(
        &mut self,
        ledger: &mut Ledger,
        base: u64,
        size: u64,
        free_type: u32,
    ) -> Result<Freed, NtStatus> {
        if free_type != MEM_DECOMMIT && free_type != MEM_RELEASE {
            return Err(NtStatus::INVALID_PARAMETER_4);
        }
        if base >= self.limits.end {
            return Err(NtStatus::INVALID_PARAMETER_2);
        }
        if self.limits.end - base < size {
            return Err(NtStatus::INVALID_PARAMETER_3);
        }
        let index = self.index_of(base).ok_or(NtStatus::MEMORY_NOT_ALLOCATED)?;
        let vad = self.vads.get_mut(index).ok_or(NtStatus::MEMORY_NOT_ALLOCATED)?;
        let (mut start, mut end) = pages_of(base, size);
        if end > vad.end {
            return Err(NtStatus::UNABLE_TO_FREE_VM);
        }
        if !matches!(vad.kind, Kind::Private) {
            return Err(NtStatus::UNABLE_TO_DELETE_SECTION);
        }
        if vad.lock != Lock::None {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        if size == 0 {
            if start != vad.start {
                return Err(NtStatus::FREE_VM_NOT_AT_BASE);
            }
            (start, end) = (vad.start, vad.end);
        }
        let pages = vad.range(start, end);
        let charged = vad.charged(pages.clone());
        if free_type == MEM_DECOMMIT {
            vad.pages.reserve()?;
            vad.pages.set(pages, Commit::Reserved);
        } else {
            self.release(index, start, end)?;
            self.freed(start, end);
        }
        self.account.give_back(ledger, charged);
        Ok(Freed { base: start, size: end - start })
    }

    /// Takes `start..end` out of a descriptor: all of it, its beginning, its end or its middle.
    fn release(&mut self, index: usize, start: u64, end: u64) -> Result<(), NtStatus> {
        self.vads.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        let Some(vad) = self.vads.get_mut(index) else { return Ok(()) };
        match (start == vad.start, end == vad.end) {
            (true, true) => {
                self.vads.remove(index);
            }
            (true, false) => {
                vad.pages = vad.pages.tail(vad.page(end))?;
                vad.start = end;
            }
            (false, true) => cut(vad, start),
            (false, false) => {
                let upper = Vad {
                    start: end,
                    end: vad.end,
                    protection: vad.protection,
                    lock: Lock::None,
                    kind: Kind::Private,
                    pages: vad.pages.tail(vad.page(end))?,
                };
                cut(vad, start);
                self.vads.insert(index + 1, Box::new(upper));
            }
        }
        Ok(())
    }
}

fn cut<S>(vad: &mut Vad<S>, end: u64) {
    vad.pages.truncate(((end - vad.start) / PAGE) as u32);
    vad.end = end;
}
