//! The heap behind `RtlAllocateHeap`, without locks, pointers and system calls: [`Heap`] decides, and
//! reaches the memory it manages, addresses in which are plain numbers, through [`Memory`].
//!
//! A heap is up to [`SEGMENTS`] ranges of addresses. In each, blocks lie one behind another up to its
//! `top`; what is above has never held a block or holds none any more, and is in no list. So a program
//! that needs little touches few pages, and memory that comes from the system full of zeros is not
//! cleared again: the segment knows up to where it is stale. Blocks below `top` that are free are in
//! lists by size. A block begins with a header of 16 bytes, which says how long it and the one before it are, so
//! that a freed block joins its free neighbours at once. Headers carry a check sum: a pointer that is
//! no block's, a block that was freed already and one whose header was written over are recognised.
//!
//! Large blocks have a range of their own, see [`Heap::set_large_blocks`].
#![no_std]
#![forbid(unsafe_code)]

mod bins;
mod block;
mod check;
mod heap;
mod large;
mod resize;
mod segment;

pub use check::{Damage, Walked};
pub use heap::{Heap, SEGMENTS};
pub use resize::ResizeError;

/// Blocks and what they hold begin on multiples of this, in bytes.
pub const ALIGNMENT: u64 = 16;
/// What a block takes besides what was asked for, in bytes.
pub const HEADER: u64 = 16;
/// Memory is committed in units of this, in bytes.
pub const PAGE: u64 = 4096;
/// Address space is reserved in units of this, in bytes.
pub const GRANULARITY: u64 = 0x1_0000;

/// The memory that a heap manages, and where it gets more.
///
/// Loads and stores are of eight bytes, on multiples of eight, in committed memory of the heap.
pub trait Memory {
    /// Reads a number.
    fn load(&self, address: u64) -> u64;
    /// Writes a number.
    fn store(&mut self, address: u64, value: u64);
    /// Copies bytes between ranges that do not overlap.
    fn copy(&mut self, from: u64, to: u64, len: u64);
    /// Fills a range with zeros.
    fn zero(&mut self, address: u64, len: u64);
    /// Reserves `size` bytes (a multiple of [`GRANULARITY`]) and commits the first `commit` (a multiple of
    /// [`PAGE`]) of them, which are zero. `None` when there is no memory.
    fn reserve(&mut self, size: u64, commit: u64) -> Option<u64>;
    /// Commits whole pages of reserved memory; they are zero. Whether that succeeded.
    fn commit(&mut self, address: u64, size: u64) -> bool;
    /// Gives the memory of whole pages back, but not their addresses.
    fn decommit(&mut self, address: u64, size: u64);
    /// Gives back what [`Memory::reserve`] returned.
    fn release(&mut self, address: u64);
}
