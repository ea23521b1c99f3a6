//! The kernel heap: size classes with free lists, so that an allocation costs about fifteen
//! instructions. Blocks above half a page are runs of whole pages; small runs are kept for the next one.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;

use pfn::Content;

use crate::{frames, phys};

/// Block sizes in bytes. Every class divides its chunk's page evenly enough, and is 16-byte aligned.
const CLASSES: [usize; 12] = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048];

/// Class of each size rounded up to 16 bytes, so that finding it is one look-up.
static CLASS_OF: [u8; 129] = {
    let mut table = [0; 129];
    let mut unit = 0;
    let mut class = 0;
    while unit < table.len() {
        if unit * 16 > CLASSES[class] {
            class += 1;
        }
        table[unit] = class as u8;
        unit += 1;
    }
    table
};

struct Block {
    next: *mut Block,
}

/// Runs of 2 to this many pages are kept when they come back: kernel stacks come and go.
const KEPT: usize = 4;

struct State {
    free: [*mut Block; CLASSES.len()],
    /// Runs of n pages that came back.
    runs: [*mut Block; KEPT + 1],
    /// Untouched rest of the page each class carves blocks from: address and bytes left.
    fresh: [(*mut u8, usize); CLASSES.len()],
}

struct Heap(UnsafeCell<State>);

// SAFETY: one processor, interrupts off, and the heap never switches: nobody is ever inside twice.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(State {
    free: [ptr::null_mut(); CLASSES.len()],
    runs: [ptr::null_mut(); KEPT + 1],
    fresh: [(ptr::null_mut(), 0); CLASSES.len()],
}));

fn pages(layout: Layout) -> u32 {
    layout.size().div_ceil(phys::PAGE) as u32
}

/// Whether runs of so many pages are kept.
fn is_kept(pages: u32) -> bool {
    (2..=KEPT as u32).contains(&pages)
}

impl State {
    /// A run of pages, and whether all of it is zero.
    fn run(&mut self, pages: u32) -> Option<(*mut u8, Content)> {
        if is_kept(pages) {
            let run = self.runs[pages as usize];
            if !run.is_null() {
                // SAFETY: a run on the list is ours and holds a valid link.
                self.runs[pages as usize] = unsafe { (*run).next };
                return Some((run.cast(), Content::Unknown));
            }
        }
        frames::allocate_run(pages).map(|(address, content)| (phys::pointer(address), content))
    }
}

/// The class that holds `layout`; `None` when it takes whole pages.
fn class(layout: Layout) -> Option<usize> {
    if layout.align() <= 16 {
        return CLASS_OF.get(layout.size().div_ceil(16)).map(|&class| usize::from(class));
    }
    // Blocks of a power of two are aligned to their size, because pages are.
    let size = layout.size().max(layout.align()).next_power_of_two();
    CLASSES.iter().position(|&class| class == size)
}

// SAFETY: blocks come from frames that the PFN database gives to this heap alone; a block is on a
// free list or with its user, never both; sizes and alignments are those of the class or whole pages.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see `Sync`.
        let state = unsafe { &mut *self.0.get() };
        let Some(class) = class(layout) else {
            if layout.align() > phys::PAGE {
                return ptr::null_mut();
            }
            return state.run(pages(layout)).map_or(ptr::null_mut(), |(run, _)| run);
        };
        let size = CLASSES[class];
        let block = state.free[class];
        if !block.is_null() {
            // SAFETY: a block on the free list is ours and holds a valid link.
            state.free[class] = unsafe { (*block).next };
            return block.cast();
        }
        let (mut start, mut left) = state.fresh[class];
        if left < size {
            match state.run(1) {
                Some((page, _)) => (start, left) = (page, phys::PAGE),
                None => return ptr::null_mut(),
            }
        }
        // SAFETY: `left >= size` bytes remain in the page at `start`.
        state.fresh[class] = (unsafe { start.add(size) }, left - size);
        start
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class(layout).is_none() && layout.align() <= phys::PAGE {
            // SAFETY: see `Sync`.
            let state = unsafe { &mut *self.0.get() };
            let Some((run, content)) = state.run(pages(layout)) else { return ptr::null_mut() };
            if content == Content::Unknown {
                // SAFETY: the run was just allocated with this size.
                unsafe { ptr::write_bytes(run, 0, layout.size()) };
            }
            return run;
        }
        // SAFETY: the caller's layout.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            // SAFETY: the block was just allocated with this size.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: see `Sync`.
        let state = unsafe { &mut *self.0.get() };
        match class(layout) {
            Some(class) => {
                let block = block.cast::<Block>();
                // SAFETY: the caller gives the block back, and it is at least 16 bytes, 16-aligned.
                unsafe { (*block).next = state.free[class] };
                state.free[class] = block;
            }
            None if is_kept(pages(layout)) => {
                let run = block.cast::<Block>();
                // SAFETY: the caller gives the run back, and it is page-aligned.
                unsafe { (*run).next = state.runs[pages(layout) as usize] };
                state.runs[pages(layout) as usize] = run;
            }
            None => {
                let first = phys::address_of(block);
                for page in 0..u64::from(pages(layout)) {
                    frames::release_address(first + page * pvh::PAGE);
                }
            }
        }
    }
}
