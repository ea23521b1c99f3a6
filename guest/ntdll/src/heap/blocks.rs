//! Blocks: allocating, freeing, resizing, checking.
#![expect(unsafe_code, reason = "exports by name; handles are addresses")]

use nt::NtStatus;
use rtlheap::ResizeError;

use super::head::{pages, with};
use super::{GENERATE_EXCEPTIONS, REALLOC_IN_PLACE_ONLY, TAG_MAX, TAG_SHIFT, ZERO_MEMORY};
use crate::peb::set_last_status;
use crate::thread::raise::raise_status;

/// What failures of the functions that give a size are.
const NO_SIZE: u64 = u64::MAX;

/// Allocates `size` bytes; 0 when there is no memory, unless the flags say to raise that.
///
/// # Safety
/// `handle` is a heap's.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlAllocateHeap(handle: u64, flags: u32, size: u64) -> u64 {
    // SAFETY: as the caller says.
    let allocated = unsafe {
        with(handle, flags, |head, flags| {
            let mut pages = pages(head, handle);
            let tag = (flags >> TAG_SHIFT & TAG_MAX) as u16;
            head.heap.allocate(&mut pages, size, flags & ZERO_MEMORY != 0, tag).ok_or(flags)
        })
    };
    match allocated {
        Some(Ok(address)) => address,
        Some(Err(flags)) => no_memory(flags),
        None => no_memory(flags),
    }
}

/// Frees a block. Whether there was one at that address; nothing at address 0 may be freed, too.
///
/// # Safety
/// `handle` is a heap's; the block is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlFreeHeap(handle: u64, flags: u32, address: u64) -> u8 {
    if address == 0 {
        return 1;
    }
    // SAFETY: as the caller says.
    let freed = unsafe {
        with(handle, flags, |head, _| {
            let mut pages = pages(head, handle);
            head.heap.free(&mut pages, address)
        })
    };
    let freed = freed == Some(true);
    if !freed {
        set_last_status(NtStatus::INVALID_PARAMETER);
    }
    freed.into()
}

/// Gives a block another size, and perhaps another address; 0 when there is no memory.
///
/// # Safety
/// `handle` is a heap's; if the block moves, its old address is not used any more.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlReAllocateHeap(handle: u64, flags: u32, address: u64, size: u64) -> u64 {
    if address == 0 {
        return 0;
    }
    // SAFETY: as the caller says.
    let resized = unsafe {
        with(handle, flags, |head, flags| {
            let mut pages = pages(head, handle);
            let (zero, in_place) = (flags & ZERO_MEMORY != 0, flags & REALLOC_IN_PLACE_ONLY != 0);
            head.heap.reallocate(&mut pages, address, size, zero, in_place).map_err(|error| (error, flags))
        })
    };
    match resized {
        Some(Ok(address)) => address,
        Some(Err((ResizeError::NoMemory, flags))) => no_memory(flags),
        Some(Err((ResizeError::NoBlock, _))) | None => {
            set_last_status(NtStatus::INVALID_PARAMETER);
            0
        }
    }
}

/// How many bytes were asked for; all ones when there is no block at that address.
///
/// # Safety
/// `handle` is a heap's.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlSizeHeap(handle: u64, flags: u32, address: u64) -> u64 {
    // SAFETY: as the caller says.
    let size = unsafe { with(handle, flags, |head, _| head.heap.size(&pages(head, handle), address)) };
    size.flatten().unwrap_or_else(|| {
        set_last_status(NtStatus::INVALID_PARAMETER);
        NO_SIZE
    })
}

/// Whether a block is sound or, for address 0, the whole heap is.
///
/// # Safety
/// `handle` is 0 or can be read.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlValidateHeap(handle: u64, flags: u32, address: u64) -> u8 {
    // SAFETY: as the caller says.
    let sound = unsafe {
        with(handle, flags, |head, _| {
            let pages = pages(head, handle);
            match address {
                0 => head.heap.walk(&pages, |_| ()).is_ok(),
                _ => head.heap.is_block(&pages, address),
            }
        })
    };
    (sound == Some(true)).into()
}

fn no_memory(flags: u32) -> u64 {
    if flags & GENERATE_EXCEPTIONS != 0 {
        raise_status(NtStatus::NO_MEMORY);
    }
    set_last_status(NtStatus::NO_MEMORY);
    0
}
