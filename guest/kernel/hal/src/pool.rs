//! The system pool: memory that loaded images allocate, tagged and counted, with a limit.

use alloc::alloc::{Layout, alloc, dealloc};
use core::sync::atomic::{AtomicU64, Ordering};

/// What stands before every block.
#[repr(C, align(16))]
struct Header {
    /// Bytes of the block with this header.
    size: usize,
    /// The allocator's name for it.
    tag: u32,
    /// Tells blocks from anything else.
    magic: u32,
}

const MAGIC: u32 = 0x6C6F_6F50;
/// Most bytes of the pool.
const LIMIT: u64 = 16 << 20;

static USED: AtomicU64 = AtomicU64::new(0);

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size, 16).ok()
}

/// Allocates a block of any content, 16-aligned: its address, 0 when there is no memory or the limit is reached.
pub fn allocate(size: u64, tag: u32) -> u64 {
    let total = size.saturating_add(size_of::<Header>() as u64);
    if USED.load(Ordering::Relaxed).saturating_add(total) > LIMIT {
        return 0;
    }
    let Some(layout) = layout(total as usize) else { return 0 };
    // SAFETY: the layout is not empty: it holds the header.
    let block = unsafe { alloc(layout) }.cast::<Header>();
    if block.is_null() {
        return 0;
    }
    // SAFETY: the block is new, large enough and aligned for a header; what lies behind it is in the block.
    let user = unsafe {
        block.write(Header { size: total as usize, tag, magic: MAGIC });
        block.add(1)
    };
    USED.fetch_add(total, Ordering::Relaxed);
    user.expose_provenance() as u64
}

/// Gives a block back. Returns false when it is none.
pub fn free(address: u64) -> bool {
    let Some(block) = (address as usize).checked_sub(size_of::<Header>()).filter(|block| block % 16 == 0)
    else {
        return false;
    };
    let block = core::ptr::with_exposed_provenance_mut::<Header>(block);
    // SAFETY: loaded images are trusted to give back what they got; a second time the magic number is gone.
    unsafe {
        let Header { size, magic, .. } = block.read();
        let Some(layout) = layout(size).filter(|_| magic == MAGIC) else { return false };
        (*block).magic = 0;
        USED.fetch_sub(size as u64, Ordering::Relaxed);
        dealloc(block.cast(), layout);
    }
    true
}

/// Bytes in use.
pub fn used() -> u64 {
    USED.load(Ordering::Relaxed)
}

/// Most bytes there can be in use.
pub fn limit() -> u64 {
    LIMIT
}
