//! A range of addresses that blocks are in.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{ALIGNMENT, GRANULARITY, Memory, PAGE};

/// Freed memory at a segment's end is given back from this size on, and this much is kept, in bytes.
const TRIM: u64 = 4 * GRANULARITY;

/// A segment. All zeros: none.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(crate) struct Segment {
    /// Its first block; 0 for no segment.
    pub first: u64,
    /// End of its last block.
    pub top: u64,
    /// What lies from here up to `committed` is zero.
    pub stale: u64,
    /// End of its memory.
    pub committed: u64,
    /// End of its addresses.
    pub reserved: u64,
    /// Length of its last block in units; 0 for none.
    pub last: u64,
}

impl Segment {
    /// An empty segment.
    pub fn new(first: u64, stale: u64, committed: u64, reserved: u64) -> Self {
        Self { first, top: first, stale, committed, reserved, last: 0 }
    }

    /// Whether an address lies in one of its blocks.
    pub fn contains(&self, address: u64) -> bool {
        (self.first..self.top).contains(&address)
    }

    /// Makes sure that there is memory up to `end`. Whether there is.
    pub fn commit(&mut self, memory: &mut impl Memory, end: u64) -> bool {
        if end <= self.committed {
            return true;
        }
        if end > self.reserved {
            return false;
        }
        let to_page = |address: u64| address.next_multiple_of(PAGE).min(self.reserved);
        let wanted = to_page(end.max(self.committed.saturating_add(GRANULARITY)));
        // Less, when memory is short.
        for end in [wanted, to_page(end)] {
            if memory.commit(self.committed, end - self.committed) {
                self.committed = end;
                return true;
            }
        }
        false
    }

    /// Puts a block of `units` behind the last one. Its address; `None` when there is no room or memory.
    pub fn push(&mut self, memory: &mut impl Memory, units: u64) -> Option<u64> {
        let (at, end) = (self.top, self.top.checked_add(units * ALIGNMENT)?);
        if !self.commit(memory, end) {
            return None;
        }
        self.top = end;
        self.last = units;
        Some(at)
    }

    /// Zeroes what is not zero yet of a range that was just taken from above `top`.
    pub fn clean(&self, memory: &mut impl Memory, from: u64, to: u64) {
        let end = to.min(self.stale);
        if from < end {
            memory.zero(from, end - from);
        }
    }

    /// Takes the blocks from `top` on away; `last` is the length of the one that is the last now.
    pub fn lower(&mut self, memory: &mut impl Memory, top: u64, last: u64) {
        self.stale = self.stale.max(self.top);
        self.top = top;
        self.last = last;
        let keep = top.next_multiple_of(PAGE) + TRIM;
        if self.stale >= keep + TRIM && self.committed > keep {
            memory.decommit(keep, self.committed - keep);
            self.committed = keep;
            self.stale = keep;
        }
    }
}
