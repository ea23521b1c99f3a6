//! The lists of free blocks, one for each length up to 63 units, then eight for each power of two.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::block::Block;
use crate::{HEADER, Memory};

/// Lists in all.
pub(crate) const BINS: usize = 128;
/// Lists for one length each; the index is the length in units.
const EXACT: u64 = 64;

/// Heads of the lists, and which are not empty. Zeros are lists that are empty.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(crate) struct Bins {
    filled: [u64; BINS / 64],
    heads: [u64; BINS],
}

/// The list for blocks of a length.
pub(crate) fn bin_of(units: u64) -> usize {
    if units < EXACT {
        return units as usize;
    }
    let power = units.ilog2() - EXACT.ilog2();
    let eighth = units >> (power + EXACT.ilog2() - 3) & 7;
    // Everything from 2^14 units (256 KiB) on is in the last one.
    if power < 8 { EXACT as usize + power as usize * 8 + eighth as usize } else { BINS - 1 }
}

fn next_of(memory: &impl Memory, block: u64) -> u64 {
    memory.load(block + HEADER)
}

impl Bins {
    /// Puts a free block at the head of its list.
    pub fn insert(&mut self, memory: &mut impl Memory, block: &Block) {
        let bin = bin_of(block.units);
        let next = core::mem::replace(&mut self.heads[bin], block.address);
        memory.store(block.address + HEADER, next);
        memory.store(block.address + HEADER + 8, 0);
        if next != 0 {
            memory.store(next + HEADER + 8, block.address);
        }
        self.filled[bin / 64] |= 1 << (bin % 64);
    }

    /// Takes a block out of its list.
    pub fn remove(&mut self, memory: &mut impl Memory, block: &Block) {
        let bin = bin_of(block.units);
        let (next, previous) = (next_of(memory, block.address), memory.load(block.address + HEADER + 8));
        if next != 0 {
            memory.store(next + HEADER + 8, previous);
        }
        if previous != 0 {
            memory.store(previous + HEADER, next);
        } else {
            self.heads[bin] = next;
            if next == 0 {
                self.filled[bin / 64] &= !(1 << (bin % 64));
            }
        }
    }

    /// Takes out a block of at least that length, as short as the lists can tell.
    pub fn take(&mut self, memory: &mut impl Memory, units: u64) -> Option<Block> {
        let own = bin_of(units);
        let block = self.first_fit(memory, own, units).or_else(|| {
            let bin = self.next_filled(own + 1)?;
            self.first_fit(memory, bin, units)
        })?;
        self.remove(memory, &block);
        Some(block)
    }

    fn first_fit(&self, memory: &impl Memory, bin: usize, units: u64) -> Option<Block> {
        let mut at = *self.heads.get(bin)?;
        while at != 0 {
            let block = Block::load(memory, at)?;
            if block.units >= units {
                return Some(block);
            }
            at = next_of(memory, at);
        }
        None
    }

    fn next_filled(&self, from: usize) -> Option<usize> {
        let word = self.filled.get(from / 64)? & u64::MAX << (from % 64);
        if word != 0 {
            return Some(from / 64 * 64 + word.trailing_zeros() as usize);
        }
        let next = from / 64 + 1;
        let word = *self.filled.get(next)?;
        (word != 0).then(|| next * 64 + word.trailing_zeros() as usize)
    }

    /// How many blocks the lists hold, and whether each is in its own and linked both ways. `None` for damage.
    pub fn count(&self, memory: &impl Memory, limit: u64) -> Option<u64> {
        let mut count = 0;
        for (bin, &head) in self.heads.iter().enumerate() {
            let (mut at, mut previous) = (head, 0);
            if (self.filled[bin / 64] >> (bin % 64) & 1 != 0) != (head != 0) {
                return None;
            }
            while at != 0 {
                let block = Block::load(memory, at)?;
                let sound = bin_of(block.units) == bin && memory.load(at + HEADER + 8) == previous;
                count += 1;
                if !sound || count > limit {
                    return None;
                }
                previous = at;
                at = next_of(memory, at);
            }
        }
        Some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_blocks_are_in_later_lists() {
        assert_eq!((bin_of(2), bin_of(63), bin_of(64)), (2, 63, 64));
        assert_eq!((bin_of(71), bin_of(72), bin_of(127), bin_of(128)), (64, 65, 71, 72));
        assert_eq!((bin_of((1 << 14) - 1), bin_of(1 << 14), bin_of(u32::MAX.into())), (127, 127, 127));
        assert!((2..70_000).is_sorted_by_key(bin_of));
    }
}
