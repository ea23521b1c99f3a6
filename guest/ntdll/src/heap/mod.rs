//! Heaps: `rtlheap` over `NtAllocateVirtualMemory`, or in memory that the caller gives, behind a critical section.
//! Flags and parameters: Microsoft's documentation of RtlCreateHeap and RtlAllocateHeap; phnt `ntrtl.h`.

pub mod blocks;
pub mod create;
mod head;
mod pages;
mod process;

/// HEAP_NO_SERIALIZE: the caller sees to it that only one thread is in the heap.
pub const NO_SERIALIZE: u32 = 0x01;
/// HEAP_GROWABLE: the heap may get more memory than was reserved first.
pub const GROWABLE: u32 = 0x02;
/// HEAP_GENERATE_EXCEPTIONS: failures are raised.
pub const GENERATE_EXCEPTIONS: u32 = 0x04;
/// HEAP_ZERO_MEMORY.
pub const ZERO_MEMORY: u32 = 0x08;
/// HEAP_REALLOC_IN_PLACE_ONLY.
pub const REALLOC_IN_PLACE_ONLY: u32 = 0x10;
/// HEAP_TAG_SHIFT and HEAP_MAXIMUM_TAG: where a block's tag is in the flags.
pub const TAG_SHIFT: u32 = 18;
/// Highest tag.
pub const TAG_MAX: u32 = 0xFFF;
