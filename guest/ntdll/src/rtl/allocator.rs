//! Rust's own memory: the process heap. Crates that the library shares with the kernel are built for one; what
//! can fail for lack of memory is allocated in ways that say so.
#![expect(unsafe_code, reason = "the interface of allocators")]

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::null_mut;

use super::raw::{allocate, free};

/// What every block of a heap is aligned to.
const ALIGNMENT: usize = 16;

struct ProcessHeap;

#[global_allocator]
static ALLOCATOR: ProcessHeap = ProcessHeap;

// SAFETY: blocks are as large as was asked, aligned, and nobody else's until they are freed.
unsafe impl GlobalAlloc for ProcessHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return null_mut();
        }
        allocate(layout.size()).unwrap_or(null_mut())
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: as the caller says.
        unsafe { free(block) };
    }
}
