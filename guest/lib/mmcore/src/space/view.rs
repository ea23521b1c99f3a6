//! Views of sections (NtMapViewOfSection, NtUnmapViewOfSection).

use nt::NtStatus;
use nt::memory::{MEM_TOP_DOWN, SEC_NO_CHANGE, VIEW_SHARE, VIEW_UNMAP};

use super::{Space, zero_bits_end};
use crate::charge::Ledger;
use crate::protect::Protection;
use crate::runs::Runs;
use crate::section::{Section, SectionRef};
use crate::vad::{Kind, Lock, Vad, View};
use crate::{GRANULARITY, PAGE};

/// The arguments of NtMapViewOfSection, captured.
#[derive(Clone, Copy, Debug)]
pub struct MapView {
    /// Where; 0 means anywhere (an image: where it wants to be).
    pub base: u64,
    /// ZeroBits.
    pub zero_bits: u64,
    /// How many bytes of a reserved section to commit.
    pub commit_size: u64,
    /// Where in the section the view begins.
    pub offset: u64,
    /// How many bytes; 0 means the rest of the section.
    pub size: u64,
    /// InheritDisposition.
    pub inherit: u32,
    /// `MEM_*`.
    pub allocation_type: u32,
    /// `PAGE_*`.
    pub protect: u32,
}

/// What was mapped, in whole pages, to be given to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// First address.
    pub base: u64,
    /// Bytes.
    pub size: u64,
    /// SUCCESS, or IMAGE_NOT_AT_BASE when an image is not where it wanted to be.
    pub status: NtStatus,
}

/// What was unmapped: page-table entries must be cleared, own frames and slots given back.
#[derive(Debug)]
pub struct Unmapped<S> {
    /// First address.
    pub base: u64,
    /// Bytes.
    pub size: u64,
    /// The view's reference to the section.
    pub section: S,
}

/// What the section says of a view: how many pages from which, and where it should be.
struct Extent {
    first: u32,
    pages: u32,
    /// An image: where it wants to be.
    preferred: Option<u64>,
    /// A based section: where it has to be.
    based: Option<u64>,
    sparse: bool,
    lock: Lock,
}

impl MapView {
    /// Checks the arguments that need no section; what is left is whether the caller has the access to
    /// the section that the protection asks for.
    ///
    /// # Errors
    /// INVALID_PARAMETER_8 (inheritance), _9 (type), _4 (zero bits), _3 (address and size);
    /// INVALID_PAGE_PROTECTION; MAPPED_ALIGNMENT when address or offset is no multiple of 64 KiB.
    pub fn check(&self, limits: super::Limits) -> Result<Protection, NtStatus> {
        if self.inherit != VIEW_SHARE && self.inherit != VIEW_UNMAP {
            return Err(NtStatus::INVALID_PARAMETER_8);
        }
        if self.allocation_type & !(MEM_TOP_DOWN | SEC_NO_CHANGE) != 0 {
            return Err(NtStatus::INVALID_PARAMETER_9);
        }
        let protection = Protection::parse(self.protect)?;
        let end = zero_bits_end(self.zero_bits).ok_or(NtStatus::INVALID_PARAMETER_4)?;
        if self.base >= limits.end || self.size > limits.end - self.base {
            return Err(NtStatus::INVALID_PARAMETER_3);
        }
        if self.base != 0 && self.zero_bits != 0 && self.base + self.size > end {
            return Err(NtStatus::INVALID_PARAMETER_4);
        }
        if !self.base.is_multiple_of(GRANULARITY) || !self.offset.is_multiple_of(GRANULARITY) {
            return Err(NtStatus::MAPPED_ALIGNMENT);
        }
        Ok(protection)
    }

    fn extent(&self, section: &Section, protection: Protection) -> Result<Extent, NtStatus> {
        let image = section.image();
        if image.is_none() && !section.protection().permits(protection) {
            return Err(NtStatus::SECTION_PROTECTION);
        }
        let rest = section.size().checked_sub(self.offset).filter(|&rest| rest > 0);
        let rest = rest.ok_or(NtStatus::INVALID_VIEW_SIZE)?;
        let size = match self.size {
            0 => rest,
            size if size <= rest => size,
            _ => return Err(NtStatus::INVALID_VIEW_SIZE),
        };
        if self.commit_size > size {
            return Err(NtStatus::INVALID_PARAMETER_5);
        }
        let no_change = self.allocation_type & SEC_NO_CHANGE != 0 || section.no_change;
        Ok(Extent {
            first: (self.offset / PAGE) as u32,
            pages: size.div_ceil(PAGE) as u32,
            preferred: image.map(|map| map.preferred().saturating_add(self.offset)),
            based: section.based().map(|based| based.saturating_add(self.offset)),
            sparse: section.is_sparse(),
            lock: if no_change { Lock::Protection } else { Lock::None },
        })
    }
}

impl<S: SectionRef> Space<S> {
    /// Maps a view. Pages that may be copied are paid for now.
    ///
    /// # Errors
    /// As [`MapView::check`]; SECTION_PROTECTION when the section was made for less; INVALID_VIEW_SIZE when
    /// the view is not inside the section; INVALID_PARAMETER_5 when more is to be committed than mapped;
    /// CONFLICTING_ADDRESSES; NO_MEMORY when no hole is large enough; COMMITMENT_LIMIT,
    /// PAGEFILE_QUOTA_EXCEEDED. Nothing has changed then, except that pages of the section may be committed.
    pub fn map_view(
        &mut self,
        ledger: &mut Ledger,
        section: S,
        request: &MapView,
    ) -> Result<Mapped, NtStatus> {
        let protection = request.check(self.limits)?;
        let extent = section.with(|section| request.extent(section, protection))?;
        let size = u64::from(extent.pages) * PAGE;
        let start = self.place(request, &extent, size)?;
        let pages = section.with(|section| {
            if request.commit_size > 0 && extent.sparse {
                let pages = request.commit_size.div_ceil(PAGE) as u32;
                section.commit(ledger, extent.first..extent.first + pages)?;
            }
            match section.image() {
                Some(map) => map.view_pages(extent.first, extent.pages),
                None => Ok(Runs::new(Section::view_commit(protection))),
            }
        })?;
        let image = extent.preferred.is_some();
        let view = View { section, first: extent.first, image, sparse: extent.sparse };
        // What NT says of images: they may be anything.
        let protection = if image { Protection::EXECUTE_WRITE_COPY } else { protection };
        let vad =
            Vad { start, end: start + size, protection, lock: extent.lock, kind: Kind::View(view), pages };
        self.insert(ledger, vad)?;
        let moved = extent.preferred.is_some_and(|preferred| preferred != start);
        let status = if moved { NtStatus::IMAGE_NOT_AT_BASE } else { NtStatus::SUCCESS };
        Ok(Mapped { base: start, size, status })
    }

    fn place(&self, request: &MapView, extent: &Extent, size: u64) -> Result<u64, NtStatus> {
        let free = |start: u64| {
            let end = start.checked_add(size).filter(|&end| end <= self.limits.end);
            end.is_some_and(|end| self.is_free(start, end))
        };
        let must = match (extent.based, request.base) {
            (Some(based), 0) => based,
            (Some(based), base) if based != base => return Err(NtStatus::CONFLICTING_ADDRESSES),
            (_, base) => base,
        };
        if must != 0 {
            return if free(must) { Ok(must) } else { Err(NtStatus::CONFLICTING_ADDRESSES) };
        }
        let end = zero_bits_end(request.zero_bits).ok_or(NtStatus::INVALID_PARAMETER_4)?;
        let wish = extent
            .preferred
            .filter(|&start| start >= self.limits.lowest && start.saturating_add(size) <= end && free(start));
        let top_down = request.allocation_type & MEM_TOP_DOWN != 0;
        wish.or_else(|| self.hole(size, end, top_down)).ok_or(NtStatus::NO_MEMORY)
    }

    /// Removes the view that an address lies in.
    ///
    /// # Errors
    /// NOT_MAPPED_VIEW when it lies in none; INVALID_PAGE_PROTECTION when the view is locked.
    pub fn unmap_view(&mut self, ledger: &mut Ledger, address: u64) -> Result<Unmapped<S>, NtStatus> {
        let index = self.index_of(address).ok_or(NtStatus::NOT_MAPPED_VIEW)?;
        match self.vads.get(index) {
            Some(vad) if vad.view().is_some() && vad.lock != Lock::All => {}
            Some(vad) if vad.view().is_some() => return Err(NtStatus::INVALID_PAGE_PROTECTION),
            _ => return Err(NtStatus::NOT_MAPPED_VIEW),
        }
        let vad = *self.vads.remove(index);
        self.freed(vad.start, vad.end);
        self.account.give_back(ledger, vad.charged(0..vad.len()));
        match vad.kind {
            Kind::View(view) => {
                Ok(Unmapped { base: vad.start, size: vad.end - vad.start, section: view.section })
            }
            Kind::Private => Err(NtStatus::NOT_MAPPED_VIEW),
        }
    }
}
