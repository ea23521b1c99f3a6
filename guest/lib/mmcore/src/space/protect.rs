//! Changing protections (NtProtectVirtualMemory).

use core::ops::Range;

use nt::NtStatus;

use super::{Space, pages_of};
use crate::charge::Ledger;
use crate::protect::Protection;
use crate::section::SectionRef;
use crate::vad::{Commit, Kind, Lock, Vad, View};

/// What has another protection, in whole pages: their page-table entries must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protected {
    /// First address.
    pub base: u64,
    /// Bytes.
    pub size: u64,
    /// `PAGE_*` that the first page had.
    pub old: u32,
}

impl<S: SectionRef> Space<S> {
    /// Gives committed pages of one allocation or view another protection. In a view of an image
    /// "write" means "write to a copy".
    ///
    /// # Errors
    /// INVALID_PAGE_PROTECTION for what is no protection, copy-on-write of private memory, or what is
    /// locked; INVALID_PARAMETER_2 (address), _3 (size); CONFLICTING_ADDRESSES when the range is not inside
    /// one allocation; NOT_COMMITTED; SECTION_PROTECTION when a view was mapped for less;
    /// COMMITMENT_LIMIT and PAGEFILE_QUOTA_EXCEEDED when shared pages become copy-on-write. Nothing has
    /// changed then.
    pub fn protect(
        &mut self,
        ledger: &mut Ledger,
        base: u64,
        size: u64,
        protect: u32,
    ) -> Result<Protected, NtStatus> {
        let wanted = Protection::parse(protect)?;
        if base >= self.limits.end {
            return Err(NtStatus::INVALID_PARAMETER_2);
        }
        if size == 0 || self.limits.end - base < size {
            return Err(NtStatus::INVALID_PARAMETER_3);
        }
        let (start, end) = pages_of(base, size);
        let (vad, account) = self.within(start, end)?;
        let wanted = match &vad.kind {
            _ if vad.lock != Lock::None => return Err(NtStatus::INVALID_PAGE_PROTECTION),
            Kind::Private if wanted.is_copy_on_write() => return Err(NtStatus::INVALID_PAGE_PROTECTION),
            Kind::Private => wanted,
            Kind::View(View { image: true, .. }) => wanted.copying(),
            Kind::View(_) if !vad.protection.permits(wanted) => return Err(NtStatus::SECTION_PROTECTION),
            Kind::View(_) => wanted,
        };
        let pages = vad.range(start, end);
        let old = all_committed(vad, pages.clone())?;
        vad.pages.reserve()?;
        account.charge(ledger, newly_own(vad, pages.clone(), wanted))?;
        vad.pages.update(pages, |commit| commit.with(wanted));
        Ok(Protected { base: start, size: end - start, old: old.raw() })
    }
}

/// How many shared pages a protection makes the process's own.
pub(super) fn newly_own<S>(vad: &Vad<S>, pages: Range<u32>, wanted: Protection) -> u64 {
    vad.pages.count(pages, |commit| !commit.is_charged() && commit.with(wanted).is_charged())
}

/// The protection of the first page, if all are committed.
fn all_committed<S: SectionRef>(vad: &Vad<S>, pages: Range<u32>) -> Result<Protection, NtStatus> {
    let first = vad.commit(pages.start).protection().ok_or(NtStatus::NOT_COMMITTED)?;
    let mut page = pages.start;
    while page < pages.end {
        let (commit, end) = vad.commit_run(page);
        if commit == Commit::Reserved {
            return Err(NtStatus::NOT_COMMITTED);
        }
        page = end;
    }
    Ok(first)
}
