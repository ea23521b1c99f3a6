//! Allocating and freeing.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::bins::Bins;
use crate::block::{self, Block, MIN_UNITS, State};
use crate::segment::Segment;
use crate::{ALIGNMENT, GRANULARITY, HEADER, Memory, PAGE};

/// Most segments of a heap. Each is twice as large as the one before, so the addresses end first.
pub const SEGMENTS: usize = 16;
/// Segments up to this size are committed at once: one call to the system less, in bytes.
const AT_ONCE: u64 = 2 * GRANULARITY;

/// A heap. It may lie in the memory that it manages, before the first block; zeros are a heap without memory.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Heap {
    pub(crate) segments: [Segment; SEGMENTS],
    pub(crate) bins: Bins,
    /// First block with a range of its own; 0 for none.
    pub(crate) large: u64,
    /// Blocks from this size on get a range of their own, in bytes; 0 for none.
    pub(crate) large_from: u64,
    /// Whether it gets further segments.
    pub(crate) growable: u64,
}

impl Heap {
    /// Gives a heap of zeros its first segment: addresses from `first` (a multiple of [`ALIGNMENT`]) to
    /// `reserved`, with memory up to `committed`, which is zero from `stale` on. Whether it may get more.
    pub fn begin(&mut self, first: u64, stale: u64, committed: u64, reserved: u64, growable: bool) {
        self.segments[0] = Segment::new(first, stale, committed, reserved);
        self.growable = growable.into();
    }

    /// Blocks of at least this many bytes get a range of addresses of their own, which goes with them. 0: none do.
    pub fn set_large_blocks(&mut self, from: u64) {
        self.large_from = from;
    }

    /// Allocates a block; gives the address of its `size` bytes, a multiple of [`ALIGNMENT`].
    pub fn allocate(&mut self, memory: &mut impl Memory, size: u64, zero: bool, tag: u16) -> Option<u64> {
        if self.large_from != 0 && size >= self.large_from {
            return self.allocate_large(memory, size, tag);
        }
        let units = block::units_for(size)?;
        let (block, stale) = match self.bins.take(memory, units) {
            Some(block) => (block, true),
            None => (self.push(memory, units)?, false),
        };
        let block = self.use_block(memory, Block { tag, ..block }, units, size);
        if zero && stale {
            memory.zero(block.data(), size);
        } else if zero && let Some(segment) = self.segment_mut(block.address) {
            segment.clean(memory, block.data(), block.data() + size);
        }
        Some(block.data())
    }

    /// Frees a block. Whether there was one at that address.
    pub fn free(&mut self, memory: &mut impl Memory, address: u64) -> bool {
        match self.block_at(memory, address) {
            Some(block) if block.state == State::Large => self.free_large(memory, &block),
            Some(block) => self.free_block(memory, block),
            None => return false,
        }
        true
    }

    /// How many bytes were asked for; `None` when there is no block at that address.
    pub fn size(&self, memory: &impl Memory, address: u64) -> Option<u64> {
        match self.block_at(memory, address)? {
            Block { state: State::Large, .. } => Some(crate::large::size(memory, address)),
            block => Some(block.size()),
        }
    }

    /// What the block was marked with; `None` when there is none at that address.
    pub fn tag(&self, memory: &impl Memory, address: u64) -> Option<u16> {
        self.block_at(memory, address).map(|block| block.tag)
    }

    /// Gives back all but the first segment, which the caller has the address of.
    pub fn end(&mut self, memory: &mut impl Memory) {
        while self.large != 0 {
            let next = crate::large::next(memory, self.large);
            memory.release(self.large);
            self.large = next;
        }
        for segment in self.segments.iter_mut().skip(1) {
            let first = core::mem::replace(&mut segment.first, 0);
            if first != 0 {
                memory.release(first);
            }
        }
    }

    /// The block in use whose bytes begin at an address.
    pub(crate) fn block_at(&self, memory: &impl Memory, address: u64) -> Option<Block> {
        let header = address.checked_sub(HEADER)?;
        if !address.is_multiple_of(ALIGNMENT) {
            return None;
        }
        if self.segments.iter().any(|segment| segment.contains(header)) {
            return Block::load(memory, header).filter(|block| block.state == State::Busy);
        }
        self.is_large(memory, header).then(|| Block::load(memory, header)).flatten()
    }

    pub(crate) fn segment_mut(&mut self, address: u64) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.contains(address))
    }

    /// Makes a block that is in no list one in use, of `units` or hardly more; what is left of it becomes free.
    pub(crate) fn use_block(
        &mut self,
        memory: &mut impl Memory,
        block: Block,
        units: u64,
        size: u64,
    ) -> Block {
        let all = block.units;
        let rest = all.checked_sub(units).filter(|&rest| rest >= MIN_UNITS);
        let mut used = Block { state: State::Busy, units: if rest.is_some() { units } else { all }, ..block };
        used.set_size(size);
        used.store(memory);
        if let Some(rest) = rest {
            let address = used.end();
            let rest = Block { address, units: rest, previous: units, state: State::Free, unused: 0, tag: 0 };
            self.free_block(memory, rest);
        }
        used
    }

    /// A block from above the others.
    fn push(&mut self, memory: &mut impl Memory, units: u64) -> Option<Block> {
        let mut found = None;
        for segment in self.segments.iter_mut().filter(|segment| segment.first != 0) {
            let previous = segment.last;
            if let Some(address) = segment.push(memory, units) {
                found = Some((address, previous));
                break;
            }
        }
        let (address, previous) = match found {
            Some(found) => found,
            None => (self.grow(memory, units)?.push(memory, units)?, 0),
        };
        Some(Block { address, units, previous, state: State::Free, unused: 0, tag: 0 })
    }

    /// A further segment with room for so many units.
    fn grow(&mut self, memory: &mut impl Memory, units: u64) -> Option<&mut Segment> {
        let of = |segment: &Segment| segment.reserved - segment.first;
        let largest = self.segments.iter().map(of).max().unwrap_or(0);
        let free = self.segments.iter_mut().find(|segment| segment.first == 0)?;
        if self.growable == 0 {
            return None;
        }
        let needed = units * ALIGNMENT;
        // Less, when memory is short.
        for size in [needed.max(2 * largest), needed] {
            let size = size.next_multiple_of(GRANULARITY);
            let commit = if size <= AT_ONCE { size } else { needed.next_multiple_of(PAGE) };
            if let Some(base) = memory.reserve(size, commit) {
                *free = Segment::new(base, base, base + commit, base + size);
                return Some(free);
            }
        }
        None
    }

    /// Joins a block that is in no list with its free neighbours, and puts the result where it belongs.
    pub(crate) fn free_block(&mut self, memory: &mut impl Memory, mut block: Block) {
        let Some(index) = self.segments.iter().position(|segment| segment.contains(block.address)) else {
            return;
        };
        if block.previous != 0 {
            let before = block.address.saturating_sub(block.previous * ALIGNMENT);
            if let Some(before) = Block::load(memory, before).filter(|before| before.state == State::Free) {
                self.bins.remove(memory, &before);
                Block::erase(memory, block.address);
                block.address = before.address;
                block.previous = before.previous;
                block.units += before.units;
            }
        }
        let top = self.segments[index].top;
        if block.end() < top
            && let Some(after) = Block::load(memory, block.end())
            && after.state == State::Free
        {
            self.bins.remove(memory, &after);
            Block::erase(memory, after.address);
            block.units += after.units;
        }
        if block.end() < top {
            block.state = State::Free;
            (block.unused, block.tag) = (0, 0);
            block.store(memory);
            self.bins.insert(memory, &block);
            self.set_previous(memory, &block);
            return;
        }
        Block::erase(memory, block.address);
        let segment = &mut self.segments[index];
        segment.lower(memory, block.address, block.previous);
        if index != 0 && segment.top == segment.first {
            memory.release(segment.first);
            segment.first = 0;
            segment.top = 0;
            segment.reserved = 0;
        }
    }

    /// Tells the block behind this one, or the segment, how long this one is.
    pub(crate) fn set_previous(&mut self, memory: &mut impl Memory, block: &Block) {
        let end = block.end();
        match self.segment_mut(block.address) {
            Some(segment) if segment.top == end => segment.last = block.units,
            _ => {
                if let Some(mut after) = Block::load(memory, end) {
                    after.previous = block.units;
                    after.store(memory);
                }
            }
        }
    }
}
