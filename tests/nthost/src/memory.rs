//! Virtual memory: what was reserved, and Linux' mmap and mprotect under it.

use std::collections::BTreeMap;

use nt::memory::*;
use nt::{NtStatus, memory::MemoryBasicInformation};

const PAGE: u64 = 4096;
const GRANULARITY: u64 = 0x1_0000;
/// Where allocations without an address begin.
const FIRST: u64 = 0x100_0000;
const END: u64 = 0x7000_0000;

/// An allocation or view.
#[derive(Clone, Debug)]
pub struct Region {
    pub size: u64,
    /// MEM_PRIVATE, MEM_MAPPED or MEM_IMAGE.
    pub kind: u32,
    /// `PAGE_*` of each page; 0 for one that is only reserved.
    pub pages: Vec<u32>,
}

/// The address space.
#[derive(Debug, Default)]
pub struct Space {
    pub regions: BTreeMap<u64, Region>,
}

fn linux(protect: u32) -> i32 {
    match protect & 0xFF {
        PAGE_READONLY => libc::PROT_READ,
        PAGE_READWRITE | PAGE_WRITECOPY => libc::PROT_READ | libc::PROT_WRITE,
        PAGE_EXECUTE | PAGE_EXECUTE_READ => libc::PROT_READ | libc::PROT_EXEC,
        PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY => {
            libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC
        }
        _ => libc::PROT_NONE,
    }
}

impl Space {
    /// The region that an address lies in.
    pub fn at(&mut self, address: u64) -> Option<(u64, &mut Region)> {
        let (&base, region) = self.regions.range_mut(..=address).next_back()?;
        (address < base + region.size).then_some((base, region))
    }

    fn is_free(&self, base: u64, size: u64) -> bool {
        let before = self.regions.range(..base + size).next_back();
        before.is_none_or(|(&at, region)| at + region.size <= base)
    }

    /// Makes a region, at `base` unless that is 0; its pages have no memory yet.
    pub fn reserve(&mut self, base: u64, size: u64, kind: u32) -> Result<u64, NtStatus> {
        let size = size.next_multiple_of(PAGE);
        let place = if base != 0 {
            if !self.is_free(base, size) {
                return Err(NtStatus::CONFLICTING_ADDRESSES);
            }
            base
        } else {
            let mut places = (FIRST..END).step_by(GRANULARITY as usize);
            places.find(|&place| self.is_free(place, size)).ok_or(NtStatus::NO_MEMORY)?
        };
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
        let address = std::ptr::with_exposed_provenance_mut(place as usize);
        // SAFETY: nothing of this process's is at the address, or it fails.
        let mapped = unsafe { libc::mmap(address, size as usize, libc::PROT_NONE, flags, -1, 0) };
        if mapped != address {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        self.regions.insert(place, Region { size, kind, pages: vec![0; (size / PAGE) as usize] });
        Ok(place)
    }

    /// Sets the protection of pages, which commits them; 0 takes their memory. Gives what the first one had.
    pub fn set(&mut self, address: u64, size: u64, protect: u32) -> Result<u32, NtStatus> {
        let (start, end) = (address & !(PAGE - 1), (address + size).next_multiple_of(PAGE));
        let (base, region) = self.at(start).ok_or(NtStatus::CONFLICTING_ADDRESSES)?;
        if end > base + region.size {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        let pages = &mut region.pages[((start - base) / PAGE) as usize..((end - base) / PAGE) as usize];
        let before = pages.first().copied().unwrap_or(0);
        pages.fill(protect);
        let (address, size) = (std::ptr::with_exposed_provenance_mut(start as usize), (end - start) as usize);
        // SAFETY: the pages are the program's.
        unsafe {
            if protect == 0 {
                libc::madvise(address, size, libc::MADV_DONTNEED);
            }
            libc::mprotect(address, size, linux(protect));
        }
        Ok(before)
    }

    /// Takes a whole region away.
    pub fn release(&mut self, base: u64) -> Result<(), NtStatus> {
        let region = self.regions.remove(&base).ok_or(NtStatus::NOT_MAPPED_VIEW)?;
        // SAFETY: the pages were the program's.
        unsafe { libc::munmap(std::ptr::with_exposed_provenance_mut(base as usize), region.size as usize) };
        Ok(())
    }

    /// What MemoryBasicInformation tells of an address.
    pub fn query(&mut self, address: u64) -> MemoryBasicInformation {
        let page = address & !(PAGE - 1);
        let Some((base, region)) = self.at(page) else {
            return MemoryBasicInformation {
                base_address: page,
                state: MEM_FREE,
                protect: PAGE_NOACCESS,
                ..Default::default()
            };
        };
        let first = ((page - base) / PAGE) as usize;
        let protect = region.pages[first];
        let alike = region.pages[first..].iter().take_while(|&&other| other == protect).count() as u64;
        MemoryBasicInformation {
            base_address: page,
            allocation_base: base,
            allocation_protect: PAGE_READWRITE,
            region_size: alike * PAGE,
            state: if protect == 0 { MEM_RESERVE } else { MEM_COMMIT },
            protect,
            kind: region.kind,
            ..Default::default()
        }
    }
}
