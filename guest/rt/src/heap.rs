//! The heap of a program is the process's, which ntdll makes.
#![expect(unsafe_code, reason = "an allocator")]

use core::alloc::{GlobalAlloc, Layout};

use crate::ntdll::{RtlAllocateHeap, RtlFreeHeap, RtlGetCurrentPeb, RtlReAllocateHeap};

/// `ProcessHeap` in the PEB.
const PROCESS_HEAP: u64 = 0x30;
/// What ntdll aligns blocks to, in bytes.
const ALIGNMENT: usize = 16;
/// HEAP_ZERO_MEMORY.
const ZERO_MEMORY: u32 = 8;

struct ProcessHeap;

#[global_allocator]
static HEAP: ProcessHeap = ProcessHeap;

fn process_heap() -> u64 {
    // SAFETY: the loader has written the PEB before the program began.
    unsafe {
        let peb = RtlGetCurrentPeb() + PROCESS_HEAP;
        core::ptr::with_exposed_provenance::<u64>(peb as usize).read()
    }
}

// Not inlined: a program calls them from hundreds of places, and each would read the PEB by itself.
// SAFETY: ntdll's heap gives blocks of their own, aligned to 16 bytes; larger alignments are refused.
unsafe impl GlobalAlloc for ProcessHeap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return core::ptr::null_mut();
        }
        // SAFETY: the process's heap lives for ever.
        unsafe { RtlAllocateHeap(process_heap(), 0, layout.size()) }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return core::ptr::null_mut();
        }
        // SAFETY: as in `alloc`.
        unsafe { RtlAllocateHeap(process_heap(), ZERO_MEMORY, layout.size()) }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the block is one of `alloc`'s.
        unsafe { RtlFreeHeap(process_heap(), 0, block) };
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, _layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `dealloc`; alignment is that of all blocks.
        unsafe { RtlReAllocateHeap(process_heap(), 0, block, size) }
    }
}
