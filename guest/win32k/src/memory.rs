//! Memory out of the kernel's pool, and what a session has once.
#![expect(unsafe_code, reason = "the allocator, and statics of a kernel that nobody interrupts")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::panic::PanicInfo;

use nt::NtStatus;
use nt::bugcheck::KMODE_EXCEPTION_NOT_HANDLED;

use crate::ntoskrnl::{ExAllocatePoolWithTag, ExFreePoolWithTag, KeBugCheckEx};

/// `Usr ` as a pool tag.
const TAG: u32 = u32::from_le_bytes(*b"Usr ");
/// Alignment of the pool's blocks.
const ALIGNMENT: usize = 16;

struct Pool;

// SAFETY: the kernel's pool gives blocks of the size asked for, 16-aligned, or NULL; it takes back what it gave.
unsafe impl GlobalAlloc for Pool {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return core::ptr::null_mut();
        }
        // SAFETY: it takes numbers only.
        unsafe { ExAllocatePoolWithTag(0, layout.size() as u64, TAG) }
    }

    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the block is one that `alloc` gave.
        unsafe { ExFreePoolWithTag(block, TAG) }
    }
}

#[global_allocator]
static POOL: Pool = Pool;

/// Puts a value into the pool.
///
/// # Errors
/// NO_MEMORY.
pub fn keep<T>(value: T) -> Result<*mut T, NtStatus> {
    // SAFETY: the layout of a type that is not empty; the block is written before anybody reads it.
    unsafe {
        let block = POOL.alloc(Layout::new::<T>()).cast::<T>();
        if block.is_null() {
            return Err(NtStatus::NO_MEMORY);
        }
        block.write(value);
        Ok(block)
    }
}

/// Takes a value out of the pool again.
///
/// # Safety
/// It is what [`keep`] gave, and nobody refers to it any more.
pub unsafe fn take<T>(block: *mut T) -> T {
    // SAFETY: the caller's promise.
    unsafe {
        let value = block.read();
        POOL.dealloc(block.cast(), Layout::new::<T>());
        value
    }
}

/// What a session has once. The image is loaded anew for each session.
pub struct Session<T>(Cell<T>);

// SAFETY: there is one processor, and the kernel is not preempted; nothing here is used by an interrupt.
unsafe impl<T> Sync for Session<T> {}

impl<T> Session<T> {
    /// One with a value.
    pub const fn new(value: T) -> Self {
        Self(Cell::new(value))
    }

    /// Puts another value in its place; returns what was there.
    pub fn replace(&self, value: T) -> T {
        self.0.replace(value)
    }
}

impl<T: Copy> Session<T> {
    /// The value.
    pub fn get(&self) -> T {
        self.0.get()
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: it takes numbers only.
    unsafe { KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, 0, 0, 0, 0) }
}
