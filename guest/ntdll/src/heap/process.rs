//! The process's heaps.
#![expect(unsafe_code, reason = "exports by name; handles are addresses")]

use core::ptr::with_exposed_provenance_mut;
use core::sync::atomic::{AtomicU64, Ordering};

use super::NO_SERIALIZE;
use super::head::{Head, with};
use crate::peb::peb;
use crate::sync::CriticalSection;

static LOCK: CriticalSection = CriticalSection::new();
/// The newest heap; 0 for none.
static FIRST: AtomicU64 = AtomicU64::new(0);

fn link_of(heap: u64) -> *mut Head {
    with_exposed_provenance_mut(heap as usize)
}

/// Puts a new heap into the list.
pub fn add(head: &mut Head) {
    let handle = core::ptr::from_mut(head).expose_provenance() as u64;
    LOCK.enter();
    let next = FIRST.swap(handle, Ordering::Relaxed);
    head.next = next;
    head.previous = 0;
    // SAFETY: what is in the list is a heap, and the list is ours; so is the PEB's count.
    unsafe {
        if next != 0 {
            (*link_of(next)).previous = handle;
        }
        (*peb()).number_of_heaps += 1;
    }
    LOCK.leave();
}

/// Takes a heap out of the list.
pub fn remove(head: &Head) {
    LOCK.enter();
    // SAFETY: as for `add`.
    unsafe {
        if head.next != 0 {
            (*link_of(head.next)).previous = head.previous;
        }
        match head.previous {
            0 => FIRST.store(head.next, Ordering::Relaxed),
            previous => (*link_of(previous)).next = head.next,
        }
        (*peb()).number_of_heaps -= 1;
    }
    LOCK.leave();
}

/// Gives the handles of up to `count` heaps of the process; tells how many there are.
///
/// # Safety
/// `heaps` has room for `count` handles.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetProcessHeaps(count: u32, heaps: *mut u64) -> u32 {
    LOCK.enter();
    let (mut heap, mut number) = (FIRST.load(Ordering::Relaxed), 0);
    while heap != 0 {
        // SAFETY: the caller vouches for the room; what is in the list is a heap.
        unsafe {
            if number < count {
                *heaps.add(number as usize) = heap;
            }
            heap = (*link_of(heap)).next;
        }
        number += 1;
    }
    LOCK.leave();
    number
}

/// Keeps other threads out of a heap.
///
/// # Safety
/// `handle` is a heap's.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLockHeap(handle: u64) -> u8 {
    // SAFETY: as the caller says.
    unsafe { locked(handle, CriticalSection::enter) }
}

/// Lets other threads into a heap again.
///
/// # Safety
/// `handle` is that of a heap that the calling thread has locked.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnlockHeap(handle: u64) -> u8 {
    let leave = |lock: &CriticalSection| {
        lock.leave();
    };
    // SAFETY: as the caller says.
    unsafe { locked(handle, leave) }
}

/// # Safety
/// `handle` is a heap's.
unsafe fn locked(handle: u64, action: impl FnOnce(&CriticalSection)) -> u8 {
    // SAFETY: as the caller says; the lock lives as long as the heap.
    let done = unsafe {
        with(handle, NO_SERIALIZE, |head, _| {
            if head.flags & NO_SERIALIZE == 0 {
                action(&*head.lock);
            }
        })
    };
    done.is_some().into()
}
