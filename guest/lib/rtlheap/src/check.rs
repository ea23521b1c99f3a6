//! Looking a heap over.

use crate::block::{Block, State};
use crate::heap::Heap;
use crate::segment::Segment;
use crate::{ALIGNMENT, Memory};

/// Where a heap is damaged: the address of a header that is not sound, or 0 when the lists are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage(pub u64);

/// A block, as [`Heap::walk`] shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Where what it holds begins.
    pub address: u64,
    /// How many bytes were asked for; of a free block, how many it could hold.
    pub size: u64,
    /// What it was marked with.
    pub tag: u16,
    /// Whether it is in use.
    pub busy: bool,
}

impl Heap {
    /// Whether there is a sound block in use at an address.
    pub fn is_block(&self, memory: &impl Memory, address: u64) -> bool {
        self.block_at(memory, address).is_some()
    }

    /// Looks at every block in order of segment and address, then at those with a range of their own, and at the lists.
    ///
    /// # Errors
    /// The first [`Damage`].
    pub fn walk(&self, memory: &impl Memory, mut visit: impl FnMut(Walked)) -> Result<(), Damage> {
        let mut free = 0;
        for segment in self.segments.iter().filter(|segment| segment.first != 0) {
            free += walk_segment(memory, segment, &mut visit)?;
        }
        let (mut range, mut previous) = (self.large, 0);
        while range != 0 {
            if memory.load(range + 8) != previous {
                return Err(Damage(range));
            }
            let address = crate::large::data(range);
            let tag = self.tag(memory, address).ok_or(Damage(range))?;
            visit(Walked { address, size: crate::large::size(memory, address), tag, busy: true });
            previous = range;
            range = crate::large::next(memory, range);
        }
        if self.bins.count(memory, free) == Some(free) { Ok(()) } else { Err(Damage(0)) }
    }
}

/// How many of a segment's blocks are free.
fn walk_segment(
    memory: &impl Memory,
    segment: &Segment,
    visit: &mut impl FnMut(Walked),
) -> Result<u64, Damage> {
    let (mut at, mut previous, mut after_free, mut free) = (segment.first, 0, false, 0);
    while at < segment.top {
        let block = Block::load(memory, at).ok_or(Damage(at))?;
        let is_free = block.state == State::Free;
        let joined = !is_free || (!after_free && block.end() < segment.top);
        if block.previous != previous || block.state == State::Large || !joined {
            return Err(Damage(at));
        }
        visit(Walked { address: block.data(), size: block.size(), tag: block.tag, busy: !is_free });
        free += u64::from(is_free);
        (previous, after_free) = (block.units, is_free);
        at += block.units * ALIGNMENT;
    }
    if at == segment.top && previous == segment.last { Ok(free) } else { Err(Damage(at)) }
}
