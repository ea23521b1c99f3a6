//! Reserving and committing (NtAllocateVirtualMemory).

use nt::NtStatus;
use nt::memory::{
    MEM_COMMIT, MEM_LARGE_PAGES, MEM_PHYSICAL, MEM_RESERVE, MEM_RESET, MEM_TOP_DOWN, MEM_WRITE_WATCH,
};

use super::{Space, granule, pages_of, zero_bits_end};
use crate::PAGE;
use crate::charge::{Account, Ledger};
use crate::protect::Protection;
use crate::runs::Runs;
use crate::section::SectionRef;
use crate::vad::{Commit, Kind, Lock, Vad, View};

const UNSUPPORTED: u32 = MEM_LARGE_PAGES | MEM_PHYSICAL | MEM_WRITE_WATCH;
const KNOWN: u32 = MEM_COMMIT | MEM_RESERVE | MEM_RESET | MEM_TOP_DOWN | UNSUPPORTED;

/// The arguments of NtAllocateVirtualMemory, captured.
#[derive(Clone, Copy, Debug)]
pub struct Allocate {
    /// Where; 0 means anywhere.
    pub base: u64,
    /// ZeroBits.
    pub zero_bits: u64,
    /// How many bytes.
    pub size: u64,
    /// `MEM_*`.
    pub allocation_type: u32,
    /// `PAGE_*`.
    pub protect: u32,
}

/// What was allocated, in whole pages, to be given to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocated {
    /// First address.
    pub base: u64,
    /// Bytes.
    pub size: u64,
    /// Pages of it were committed before and may have another protection now: the page tables of the
    /// range must follow.
    pub changed: bool,
}

impl<S: SectionRef> Space<S> {
    /// Reserves, commits, or both.
    ///
    /// # Errors
    /// INVALID_PARAMETER_3 (zero bits), _5 (type), _2 (address), _4 (size); INVALID_PAGE_PROTECTION, also
    /// for private memory with copy-on-write; NOT_SUPPORTED for large pages, address windowing and
    /// write watch; NO_MEMORY when no hole is large enough; CONFLICTING_ADDRESSES when a range to be
    /// reserved is not free, or one to be committed is not inside one allocation; ALREADY_COMMITTED for a
    /// view of a file; COMMITMENT_LIMIT; PAGEFILE_QUOTA_EXCEEDED. Nothing has changed then.
    pub fn allocate(&mut self, ledger: &mut Ledger, request: &Allocate) -> Result<Allocated, NtStatus> {
        let end = zero_bits_end(request.zero_bits).ok_or(NtStatus::INVALID_PARAMETER_3)?;
        check_type(request.allocation_type)?;
        let protection = Protection::parse(request.protect)?;
        let room = self.limits.end.checked_sub(request.base).filter(|&room| room > 0);
        let room = room.ok_or(NtStatus::INVALID_PARAMETER_2)?;
        if request.size == 0 || request.size > room {
            return Err(NtStatus::INVALID_PARAMETER_4);
        }
        if request.allocation_type & UNSUPPORTED != 0 {
            return Err(NtStatus::NOT_SUPPORTED);
        }
        if request.allocation_type & MEM_RESET != 0 {
            return self.reset(request);
        }
        if request.base == 0 || request.allocation_type & MEM_RESERVE != 0 {
            return self.reserve(ledger, request, protection, end);
        }
        self.commit(ledger, request, protection)
    }

    fn reserve(
        &mut self,
        ledger: &mut Ledger,
        request: &Allocate,
        protection: Protection,
        limit: u64,
    ) -> Result<Allocated, NtStatus> {
        if protection.is_copy_on_write() {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        let (start, end) = if request.base == 0 {
            let size = request.size.next_multiple_of(PAGE);
            let top_down = request.allocation_type & MEM_TOP_DOWN != 0;
            let start = self.hole(size, limit, top_down).ok_or(NtStatus::NO_MEMORY)?;
            (start, start + size)
        } else {
            let (start, end) = (granule(request.base), pages_of(request.base, request.size).1);
            if !self.is_free(start, end) {
                return Err(NtStatus::CONFLICTING_ADDRESSES);
            }
            (start, end)
        };
        let commit = request.allocation_type & MEM_COMMIT != 0;
        let pages = Runs::new(if commit { Commit::Own(protection) } else { Commit::Reserved });
        self.insert(ledger, Vad { start, end, protection, lock: Lock::None, kind: Kind::Private, pages })?;
        Ok(Allocated { base: start, size: end - start, changed: false })
    }

    fn commit(
        &mut self,
        ledger: &mut Ledger,
        request: &Allocate,
        protection: Protection,
    ) -> Result<Allocated, NtStatus> {
        let (start, end) = pages_of(request.base, request.size);
        let (vad, account) = self.within(start, end)?;
        if vad.lock != Lock::None {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        let changed = match &vad.kind {
            Kind::Private => commit_private(vad, account, ledger, start, end, protection)?,
            Kind::View(View { image: true, .. }) => return Err(NtStatus::ALREADY_COMMITTED),
            Kind::View(_) => commit_view(vad, account, ledger, start, end, protection)?,
        };
        Ok(Allocated { base: start, size: end - start, changed })
    }

    /// MEM_RESET: what the pages hold may be forgotten. Nothing is, which is allowed.
    fn reset(&mut self, request: &Allocate) -> Result<Allocated, NtStatus> {
        let (start, end) = pages_of(request.base, request.size);
        self.within(start, end)?;
        Ok(Allocated { base: start, size: end - start, changed: false })
    }
}

fn check_type(kind: u32) -> Result<(), NtStatus> {
    let wants = kind & (MEM_COMMIT | MEM_RESERVE | MEM_RESET);
    let alone = kind & MEM_RESET != 0 && kind != MEM_RESET;
    let watch = kind & (MEM_WRITE_WATCH | MEM_PHYSICAL) != 0 && kind & MEM_RESERVE == 0;
    let large = kind & MEM_LARGE_PAGES != 0 && kind & MEM_COMMIT == 0;
    if kind & !KNOWN != 0 || wants == 0 || alone || watch || large {
        return Err(NtStatus::INVALID_PARAMETER_5);
    }
    Ok(())
}

/// Returns whether some pages were committed before.
fn commit_private<S>(
    vad: &mut Vad<S>,
    account: &mut Account,
    ledger: &mut Ledger,
    start: u64,
    end: u64,
    protection: Protection,
) -> Result<bool, NtStatus> {
    if protection.is_copy_on_write() {
        return Err(NtStatus::INVALID_PAGE_PROTECTION);
    }
    let pages = vad.range(start, end);
    vad.pages.reserve()?;
    let fresh = vad.pages.count(pages.clone(), |commit| commit == Commit::Reserved);
    account.charge(ledger, fresh)?;
    vad.pages.set(pages, Commit::Own(protection));
    Ok(fresh < (end - start) / PAGE)
}

/// Commits pages of the section that the view shows.
fn commit_view<S: SectionRef>(
    vad: &mut Vad<S>,
    account: &mut Account,
    ledger: &mut Ledger,
    start: u64,
    end: u64,
    protection: Protection,
) -> Result<bool, NtStatus> {
    let pages = vad.range(start, end);
    let Some(view) = vad.view() else { return Err(NtStatus::CONFLICTING_ADDRESSES) };
    if !view.section.with(|section| section.is_anonymous()) {
        return Err(NtStatus::ALREADY_COMMITTED);
    }
    if !vad.protection.permits(protection) {
        return Err(NtStatus::SECTION_PROTECTION);
    }
    let (section, in_section) = (view.section.clone(), view.first + pages.start..view.first + pages.end);
    vad.pages.reserve()?;
    let own = super::protect::newly_own(vad, pages.clone(), protection);
    account.charge(ledger, own)?;
    if let Err(status) = section.with(|section| section.commit(ledger, in_section)) {
        account.give_back(ledger, own);
        return Err(status);
    }
    vad.pages.update(pages, |commit| commit.with(protection));
    Ok(true)
}
