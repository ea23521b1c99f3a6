//! Memory to hold heaps: strict about what is committed, and it counts.
#![allow(dead_code, clippy::allow_attributes, reason = "not every test uses all of it")]

use std::collections::{BTreeMap, BTreeSet};

use rtlheap::{GRANULARITY, Heap, Memory, PAGE};
use zerocopy::FromZeros;

/// Pages by address.
#[derive(Default)]
pub struct Ram {
    /// Ranges by start: end, and the end of what is committed.
    ranges: BTreeMap<u64, (u64, u64)>,
    pages: BTreeMap<u64, Box<[u8; PAGE as usize]>>,
    /// Pages that were written to since they were committed.
    pub touched: BTreeSet<u64>,
    next: u64,
    /// Bytes that may be committed yet.
    pub left: u64,
    pub calls: usize,
}

impl Ram {
    pub fn new(limit: u64) -> Self {
        Self { next: 0x10_0000, left: limit, ..Self::default() }
    }

    pub fn committed(&self) -> u64 {
        self.pages.len() as u64 * PAGE
    }

    pub fn ranges(&self) -> usize {
        self.ranges.len()
    }

    fn page(&self, address: u64) -> &[u8; PAGE as usize] {
        self.pages.get(&(address / PAGE)).unwrap_or_else(|| panic!("{address:#x} is not committed"))
    }

    fn page_mut(&mut self, address: u64) -> &mut [u8; PAGE as usize] {
        self.touched.insert(address / PAGE);
        self.pages.get_mut(&(address / PAGE)).unwrap_or_else(|| panic!("{address:#x} is not committed"))
    }

    pub fn fill(&mut self, address: u64, len: u64, byte: u8) {
        for (at, part) in parts(address, len) {
            self.page_mut(at)[part].fill(byte);
        }
    }

    pub fn all(&self, address: u64, len: u64, byte: u8) -> bool {
        parts(address, len).all(|(at, part)| self.page(at)[part].iter().all(|&each| each == byte))
    }
}

/// A range by page: an address in the page, and the offsets in it.
fn parts(address: u64, len: u64) -> impl Iterator<Item = (u64, std::ops::Range<usize>)> {
    let end = address + len;
    let mut at = address;
    std::iter::from_fn(move || {
        (at < end).then(|| {
            let stop = end.min((at / PAGE + 1) * PAGE);
            let start = std::mem::replace(&mut at, stop);
            (start, (start % PAGE) as usize..(start % PAGE + stop - start) as usize)
        })
    })
}

impl Memory for Ram {
    fn load(&self, address: u64) -> u64 {
        assert!(address.is_multiple_of(8));
        let at = (address % PAGE) as usize;
        u64::from_le_bytes(self.page(address)[at..at + 8].try_into().expect("eight bytes"))
    }

    fn store(&mut self, address: u64, value: u64) {
        assert!(address.is_multiple_of(8));
        let at = (address % PAGE) as usize;
        self.page_mut(address)[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }

    fn copy(&mut self, from: u64, to: u64, len: u64) {
        assert!(from + len <= to || to + len <= from || len == 0);
        let bytes: Vec<u8> = parts(from, len).flat_map(|(at, part)| self.page(at)[part].to_vec()).collect();
        let mut rest = &bytes[..];
        for (at, part) in parts(to, len) {
            let (now, later) = rest.split_at(part.len());
            self.page_mut(at)[part].copy_from_slice(now);
            rest = later;
        }
    }

    fn zero(&mut self, address: u64, len: u64) {
        self.fill(address, len, 0);
    }

    fn reserve(&mut self, size: u64, commit: u64) -> Option<u64> {
        assert!(size.is_multiple_of(GRANULARITY) && commit <= size && size != 0);
        self.calls += 1;
        let base = self.next;
        self.ranges.insert(base, (base + size, base));
        if !self.commit(base, commit) {
            self.ranges.remove(&base);
            return None;
        }
        // A hole between ranges, so that none runs into the next.
        self.next += size + GRANULARITY;
        Some(base)
    }

    fn commit(&mut self, address: u64, size: u64) -> bool {
        assert!(address.is_multiple_of(PAGE) && size.is_multiple_of(PAGE) && size != 0);
        self.calls += 1;
        let (_, (end, _)) = self.ranges.range(..=address).next_back().expect("a range");
        assert!(address + size <= *end);
        if size > self.left {
            return false;
        }
        self.left -= size;
        for page in address / PAGE..(address + size) / PAGE {
            assert!(self.pages.insert(page, Box::new([0; PAGE as usize])).is_none(), "committed twice");
        }
        true
    }

    fn decommit(&mut self, address: u64, size: u64) {
        assert!(address.is_multiple_of(PAGE) && size.is_multiple_of(PAGE));
        self.calls += 1;
        for page in address / PAGE..(address + size) / PAGE {
            assert!(self.pages.remove(&page).is_some(), "was not committed");
            self.touched.remove(&page);
            self.left += PAGE;
        }
    }

    fn release(&mut self, address: u64) {
        self.calls += 1;
        let (end, _) = self.ranges.remove(&address).expect("a range begins there");
        let pages: Vec<_> = self.pages.range(address / PAGE..end / PAGE).map(|(&page, _)| page).collect();
        for page in pages {
            self.pages.remove(&page);
            self.touched.remove(&page);
            self.left += PAGE;
        }
    }
}

/// A heap whose first segment has `size` bytes, all committed, and its memory.
pub fn heap(limit: u64, size: u64, growable: bool) -> (Heap, Ram) {
    let mut ram = Ram::new(limit);
    let base = ram.reserve(size, size).expect("the first segment");
    let mut heap = Heap::new_zeroed();
    heap.begin(base, base, base + size, base + size, growable);
    (heap, ram)
}
