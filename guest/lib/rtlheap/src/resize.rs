//! Making blocks longer and shorter.

use crate::Memory;
use crate::block::{self, Block, State};
use crate::heap::Heap;

/// Why a block was not resized; it is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResizeError {
    /// There is no block at that address.
    NoBlock,
    /// There is no memory, or not where the block is.
    NoMemory,
}

impl Heap {
    /// Gives a block another size; gives the address of what it holds, which is as before up to the shorter
    /// of both sizes, and zero behind that if `zero`. With `in_place` the block does not move.
    ///
    /// # Errors
    /// [`ResizeError`].
    pub fn reallocate(
        &mut self,
        memory: &mut impl Memory,
        address: u64,
        size: u64,
        zero: bool,
        in_place: bool,
    ) -> Result<u64, ResizeError> {
        let block = self.block_at(memory, address).ok_or(ResizeError::NoBlock)?;
        let old = self.size(memory, address).ok_or(ResizeError::NoBlock)?;
        let done = match block.state {
            State::Large => self.resize_large(memory, &block, size, in_place),
            _ => self.resize_block(memory, block, size),
        };
        if done {
            zero_end(memory, address, old, size, zero);
            return Ok(address);
        }
        if in_place {
            return Err(ResizeError::NoMemory);
        }
        let Some(moved) = self.allocate(memory, size, false, block.tag) else {
            if block.state != State::Large || !self.resize_large(memory, &block, size, true) {
                return Err(ResizeError::NoMemory);
            }
            zero_end(memory, address, old, size, zero);
            return Ok(address);
        };
        memory.copy(address, moved, old.min(size));
        zero_end(memory, moved, old, size, zero);
        self.free(memory, address);
        Ok(moved)
    }

    /// Whether a block could be resized where it is.
    fn resize_block(&mut self, memory: &mut impl Memory, mut block: Block, size: u64) -> bool {
        let Some(units) = block::units_for(size) else {
            return false;
        };
        if units > block.units {
            let more = units - block.units;
            let end = block.end();
            match self.segment_mut(block.address) {
                Some(segment) if segment.top == end => {
                    if segment.push(memory, more).is_none() {
                        return false;
                    }
                    segment.last = units;
                    block.units = units;
                }
                _ => match Block::load(memory, end).filter(|after| after.state == State::Free) {
                    Some(after) if after.units >= more => {
                        self.bins.remove(memory, &after);
                        Block::erase(memory, after.address);
                        block.units += after.units;
                        self.set_previous(memory, &block);
                    }
                    _ => return false,
                },
            }
        }
        self.use_block(memory, block, units, size);
        true
    }
}

/// Zeroes what a block gained, if the caller wants that.
fn zero_end(memory: &mut impl Memory, address: u64, old: u64, size: u64, zero: bool) {
    if zero && size > old {
        memory.zero(address + old, size - old);
    }
}
