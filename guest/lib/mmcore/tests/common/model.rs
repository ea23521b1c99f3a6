//! A space as a map from page numbers to what each page is: slow, and plainly right.

use std::collections::BTreeMap;

use mmcore::PAGE;
use nt::NtStatus;
use nt::memory::*;

use super::{END, LOW};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// First page of the allocation.
    pub base: u64,
    pub allocation_protect: u32,
    /// Protection when committed.
    pub committed: Option<u32>,
    /// The process pays for it.
    pub charged: bool,
    pub kind: u32,
}

#[derive(Debug, Default)]
pub struct Model {
    pub pages: BTreeMap<u64, Page>,
    pub limit: u64,
    /// What sections have committed.
    pub sections: u64,
}

type Answer = Result<(u64, u64), NtStatus>;

fn copies(protect: u32) -> bool {
    protect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY) != 0
}

fn range(base: u64, size: u64) -> (u64, u64) {
    (base / PAGE, (base + size).div_ceil(PAGE))
}

fn answer(first: u64, end: u64) -> Answer {
    Ok((first * PAGE, (end - first) * PAGE))
}

impl Model {
    pub fn charge(&self) -> u64 {
        self.pages.values().filter(|page| page.charged).count() as u64
    }

    fn room(&self, more: u64) -> Result<(), NtStatus> {
        let all = self.charge() + self.sections + more;
        if more == 0 || all <= self.limit { Ok(()) } else { Err(NtStatus::COMMITMENT_LIMIT) }
    }

    fn hole(&self, pages: u64, top_down: bool) -> Option<u64> {
        let fits = |&first: &u64| {
            first + pages <= END / PAGE && (first..first + pages).all(|page| !self.pages.contains_key(&page))
        };
        let mut places = (LOW / PAGE / 16..END / PAGE / 16).map(|granule| granule * 16);
        if top_down { places.rfind(fits) } else { places.find(fits) }
    }

    /// Pages of the allocation that a page is in.
    fn allocation(&self, page: u64) -> Option<(u64, u64)> {
        let base = self.pages.get(&page)?.base;
        Some((base, (base..).find(|next| self.pages.get(next).is_none_or(|page| page.base != base))?))
    }

    pub fn reserve(&mut self, base: u64, size: u64, kind: u32, protect: u32) -> Answer {
        let (first, end) = if base == 0 {
            let pages = size.div_ceil(PAGE);
            let first = self.hole(pages, kind & MEM_TOP_DOWN != 0).ok_or(NtStatus::NO_MEMORY)?;
            (first, first + pages)
        } else {
            (base / 0x1_0000 * 16, range(base, size).1)
        };
        if (first..end).any(|page| self.pages.contains_key(&page)) {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        let charged = kind & MEM_COMMIT != 0;
        self.room(if charged { end - first } else { 0 })?;
        let committed = charged.then_some(protect);
        let page = Page { base: first, allocation_protect: protect, committed, charged, kind: MEM_PRIVATE };
        self.pages.extend((first..end).map(|at| (at, page)));
        answer(first, end)
    }

    pub fn commit(&mut self, base: u64, size: u64, protect: u32) -> Answer {
        let (first, end) = range(base, size);
        let (start, stop) = self.allocation(first).ok_or(NtStatus::CONFLICTING_ADDRESSES)?;
        if end > stop {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        let Page { kind, allocation_protect, .. } = self.pages[&start];
        let fresh = (first..end).filter(|page| !self.pages[page].charged).count() as u64;
        if kind == MEM_PRIVATE {
            if copies(protect) {
                return Err(NtStatus::INVALID_PAGE_PROTECTION);
            }
            self.room(fresh)?;
        } else {
            self.may_view(allocation_protect, protect)?;
            self.room(if copies(protect) { fresh } else { 0 })?;
        }
        self.change(first, end, kind == MEM_PRIVATE, protect);
        answer(first, end)
    }

    fn change(&mut self, first: u64, end: u64, charge: bool, protect: u32) {
        for (_, page) in self.pages.range_mut(first..end) {
            page.committed = Some(protect);
            page.charged |= charge || copies(protect);
        }
    }

    /// Views of the model are PAGE_READWRITE or PAGE_WRITECOPY.
    fn may_view(&self, view: u32, protect: u32) -> Result<(), NtStatus> {
        let wanted = protect & 0xFF;
        let allowed = PAGE_NOACCESS | PAGE_READONLY | PAGE_WRITECOPY | view & PAGE_READWRITE;
        if wanted & allowed != 0 { Ok(()) } else { Err(NtStatus::SECTION_PROTECTION) }
    }

    pub fn free(&mut self, base: u64, size: u64, kind: u32) -> Answer {
        let (mut first, mut end) = range(base, size);
        let (start, stop) = self.allocation(first).ok_or(NtStatus::MEMORY_NOT_ALLOCATED)?;
        if end > stop {
            return Err(NtStatus::UNABLE_TO_FREE_VM);
        }
        if self.pages[&start].kind != MEM_PRIVATE {
            return Err(NtStatus::UNABLE_TO_DELETE_SECTION);
        }
        if size == 0 {
            if first != start {
                return Err(NtStatus::FREE_VM_NOT_AT_BASE);
            }
            (first, end) = (start, stop);
        }
        if kind == MEM_DECOMMIT {
            for (_, page) in self.pages.range_mut(first..end) {
                (page.committed, page.charged) = (None, false);
            }
        } else {
            self.pages.retain(|page, _| !(first..end).contains(page));
            for (_, page) in self.pages.range_mut(end..stop) {
                page.base = end;
            }
        }
        answer(first, end)
    }

    pub fn protect(&mut self, base: u64, size: u64, protect: u32) -> Result<(u64, u64, u32), NtStatus> {
        let (first, end) = range(base, size);
        let (start, stop) = self.allocation(first).ok_or(NtStatus::CONFLICTING_ADDRESSES)?;
        if end > stop {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        let page = self.pages[&start];
        if page.kind != MEM_PRIVATE {
            self.may_view(page.allocation_protect, protect)?;
        } else if copies(protect) {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        if (first..end).any(|page| self.pages[&page].committed.is_none()) {
            return Err(NtStatus::NOT_COMMITTED);
        }
        let fresh = (first..end).filter(|page| copies(protect) && !self.pages[page].charged).count();
        self.room(fresh as u64)?;
        let old = self.pages[&first].committed.unwrap_or(0);
        self.change(first, end, false, protect);
        answer(first, end).map(|(base, size)| (base, size, old))
    }

    pub fn map(&mut self, pages: u64, base: u64, protect: u32) -> Answer {
        let first = if base == 0 {
            self.hole(pages, false).ok_or(NtStatus::NO_MEMORY)?
        } else {
            let first = base / PAGE;
            let taken = (first..first + pages).any(|page| self.pages.contains_key(&page));
            if taken || first + pages > END / PAGE {
                return Err(NtStatus::CONFLICTING_ADDRESSES);
            }
            first
        };
        let charged = copies(protect);
        self.room(if charged { pages } else { 0 })?;
        let page = Page {
            base: first,
            allocation_protect: protect,
            committed: Some(protect),
            charged,
            kind: MEM_MAPPED,
        };
        self.pages.extend((first..first + pages).map(|at| (at, page)));
        answer(first, first + pages)
    }

    pub fn unmap(&mut self, address: u64) -> Answer {
        let (first, end) = self.allocation(address / PAGE).ok_or(NtStatus::NOT_MAPPED_VIEW)?;
        if self.pages[&first].kind == MEM_PRIVATE {
            return Err(NtStatus::NOT_MAPPED_VIEW);
        }
        self.pages.retain(|page, _| !(first..end).contains(page));
        answer(first, end)
    }

    pub fn query(&self, address: u64) -> MemoryBasicInformation {
        let first = address / PAGE;
        let key = |page: u64| {
            self.pages.get(&page).map(|page| (page.base, page.committed, page.kind, page.allocation_protect))
        };
        let end = (first..END / PAGE).find(|&page| key(page) != key(first)).unwrap_or(END / PAGE);
        let (base_address, region_size) = (first * PAGE, (end - first) * PAGE);
        let Some((base, committed, kind, allocation_protect)) = key(first) else {
            let (state, protect) = (MEM_FREE, PAGE_NOACCESS);
            return MemoryBasicInformation {
                base_address,
                region_size,
                state,
                protect,
                ..Default::default()
            };
        };
        MemoryBasicInformation {
            base_address,
            allocation_base: base * PAGE,
            allocation_protect,
            region_size,
            state: if committed.is_some() { MEM_COMMIT } else { MEM_RESERVE },
            protect: committed.unwrap_or(0),
            kind,
            ..Default::default()
        }
    }
}
