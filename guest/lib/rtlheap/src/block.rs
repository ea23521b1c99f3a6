//! The header of a block: two numbers.
//!
//! | bits | of the first | of the second |
//! |---|---|---|
//! | 0–31 | its length in units | check sum |
//! | 32–63 | that of the block before it, 0 for none | 32–39 state, 40–47 bytes unused at its end, 48–63 tag |

use crate::{ALIGNMENT, HEADER, Memory};

/// Units of the shortest block: a header, and the links of a free one.
pub(crate) const MIN_UNITS: u64 = 2;
/// Longest block, in units.
pub(crate) const MAX_UNITS: u64 = u32::MAX as u64;

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// In a list of free blocks.
    Free,
    /// In use.
    Busy,
    /// In use, with a range of its own.
    Large,
}

/// A decoded header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub address: u64,
    /// Length, header included.
    pub units: u64,
    /// Length of the block before it; 0 for the first one of a segment.
    pub previous: u64,
    pub state: State,
    /// Bytes at its end that were not asked for.
    pub unused: u8,
    /// What the caller marked it with.
    pub tag: u16,
}

impl Block {
    /// Reads the header at an address; `None` when there is none, or not a sound one.
    pub fn load(memory: &impl Memory, address: u64) -> Option<Self> {
        let (first, second) = (memory.load(address), memory.load(address + 8));
        if second as u32 != check(address, first, second) {
            return None;
        }
        let state = match (second >> 32) as u8 {
            0 => State::Free,
            1 => State::Busy,
            2 => State::Large,
            _ => return None,
        };
        let units = first & MAX_UNITS;
        (units >= MIN_UNITS).then_some(Self {
            address,
            units,
            previous: first >> 32,
            state,
            unused: (second >> 40) as u8,
            tag: (second >> 48) as u16,
        })
    }

    /// Writes the header.
    pub fn store(&self, memory: &mut impl Memory) {
        let state = match self.state {
            State::Free => 0,
            State::Busy => 1,
            State::Large => 2_u64,
        };
        let first = self.units | self.previous << 32;
        let second = state << 32 | u64::from(self.unused) << 40 | u64::from(self.tag) << 48;
        memory.store(self.address, first);
        memory.store(self.address + 8, second | u64::from(check(self.address, first, second)));
    }

    /// Makes sure that there is no header at an address any more.
    pub fn erase(memory: &mut impl Memory, address: u64) {
        let no_check = !check(address, memory.load(address), 0);
        memory.store(address + 8, no_check.into());
    }

    /// Where what it holds begins.
    pub fn data(&self) -> u64 {
        self.address + HEADER
    }

    /// First address behind it.
    pub fn end(&self) -> u64 {
        self.address + self.units * ALIGNMENT
    }

    /// How many bytes were asked for.
    pub fn size(&self) -> u64 {
        (self.units * ALIGNMENT - HEADER).saturating_sub(self.unused.into())
    }

    /// Makes it hold `size` bytes, which it has room for.
    pub fn set_size(&mut self, size: u64) {
        // Shorter ends are cut off, so this is 31 at most.
        self.unused = (self.units * ALIGNMENT - HEADER - size) as u8;
    }
}

/// Units of a block for so many bytes; `None` when there are none so long.
pub(crate) fn units_for(size: u64) -> Option<u64> {
    let units = size.checked_add(HEADER + ALIGNMENT - 1)? / ALIGNMENT;
    (units <= MAX_UNITS).then_some(units.max(MIN_UNITS))
}

/// The check sum of a header.
fn check(address: u64, first: u64, second: u64) -> u32 {
    let mixed = (address ^ first.rotate_left(17) ^ (second >> 32).rotate_left(41)) ^ 0x5ED6_EEFF_4845_4150;
    (mixed ^ mixed >> 32) as u32
}
