//! Blocks with a range of addresses of their own. Before the block's header lie four numbers: the next and the previous
//! such block, the range's size and how many bytes were asked for.

use crate::block::{Block, MAX_UNITS, State};
use crate::heap::Heap;
use crate::{ALIGNMENT, GRANULARITY, HEADER, Memory, PAGE};

/// From the start of the range to the block's header, and to what it holds.
const HEAD: u64 = 32;
const DATA: u64 = HEAD + HEADER;

/// The block after this one in the list; both are starts of ranges.
pub(crate) fn next(memory: &impl Memory, range: u64) -> u64 {
    memory.load(range)
}

/// Where the bytes of a range's block begin.
pub(crate) fn data(range: u64) -> u64 {
    range + DATA
}

/// How many bytes were asked for a block that holds them at `data`.
pub(crate) fn size(memory: &impl Memory, data: u64) -> u64 {
    memory.load(data - HEADER - 8)
}

impl Heap {
    pub(crate) fn allocate_large(&mut self, memory: &mut impl Memory, size: u64, tag: u16) -> Option<u64> {
        let pages = size.checked_add(DATA + PAGE - 1)? / PAGE * PAGE;
        let range = pages.checked_add(GRANULARITY - 1)? / GRANULARITY * GRANULARITY;
        let base = memory.reserve(range, pages)?;
        for (at, value) in [(0, self.large), (8, 0), (16, pages), (24, size)] {
            memory.store(base + at, value);
        }
        if self.large != 0 {
            memory.store(self.large + 8, base);
        }
        self.large = base;
        // The header only has to be one; the length is in the range's head.
        let units = (pages / ALIGNMENT).min(MAX_UNITS);
        Block { address: base + HEAD, units, previous: 0, state: State::Large, unused: 0, tag }.store(memory);
        Some(base + DATA)
    }

    pub(crate) fn free_large(&mut self, memory: &mut impl Memory, block: &Block) {
        let base = block.address - HEAD;
        let (next, previous) = (memory.load(base), memory.load(base + 8));
        if next != 0 {
            memory.store(next + 8, previous);
        }
        match previous {
            0 => self.large = next,
            _ => memory.store(previous, next),
        }
        memory.release(base);
    }

    /// Whether a header is that of a block in the list.
    pub(crate) fn is_large(&self, memory: &impl Memory, header: u64) -> bool {
        let mut range = self.large;
        while range != 0 && range + HEAD != header {
            range = next(memory, range);
        }
        range != 0
    }

    /// Lets a large block hold `size` bytes, if its pages do. Whether they do.
    pub(crate) fn resize_large(
        &mut self,
        memory: &mut impl Memory,
        block: &Block,
        size: u64,
        in_place: bool,
    ) -> bool {
        let base = block.address - HEAD;
        let pages = memory.load(base + 16);
        // Far too large a range is only kept for who cannot move.
        let sensible = size >= pages / 2 && size >= self.large_from;
        let fits = size <= pages - DATA && (sensible || in_place);
        if fits {
            memory.store(base + 24, size);
        }
        fits
    }
}
