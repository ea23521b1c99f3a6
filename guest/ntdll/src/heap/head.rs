//! What a heap begins with, and how it is reached through its handle, the address of that.
#![expect(unsafe_code, reason = "a handle is an address")]

use core::mem::offset_of;

use rtlheap::Heap;

use super::NO_SERIALIZE;
use super::pages::{CommitRoutine, Pages};
use crate::sync::CriticalSection;

/// Marks a heap, and one that is no more.
const SIGNATURE: u32 = 0xEEFF_EEFF;

/// The head of a heap, at its first address. Flags are where NT has them.
#[repr(C)]
#[derive(Debug)]
pub struct Head {
    /// The heap's neighbours in the list of all; 0 for none.
    pub next: u64,
    pub previous: u64,
    /// What gets memory for it; `None` for the system.
    pub commit_routine: Option<CommitRoutine>,
    /// The caller's lock, or the head's own.
    pub lock: *const CriticalSection,
    pub own_lock: CriticalSection,
    /// Not 0: its first range is the caller's.
    pub callers_memory: u64,
    reserved: [u64; 4],
    /// `HEAP_*` with which it was made; they hold for every call.
    pub flags: u32,
    /// The same, as debuggers look for it.
    pub force_flags: u32,
    pub signature: u32,
    /// The next tag.
    pub next_tag: u32,
    pub heap: Heap,
}

const _: () = {
    assert!(offset_of!(Head, flags) == 0x70 && offset_of!(Head, force_flags) == 0x74);
};

impl Head {
    /// Marks it as a heap, or as none any more.
    pub fn mark(&mut self, is_heap: bool) {
        self.signature = if is_heap { SIGNATURE } else { 0 };
    }
}

/// Runs `action` on the heap behind a handle, alone unless the flags say otherwise, with the flags of call and
/// heap together; `None` when the handle is none.
///
/// # Safety
/// `handle` is 0 or an address that can be read; if a heap is there, nobody destroys it meanwhile.
pub unsafe fn with<T>(handle: u64, flags: u32, action: impl FnOnce(&mut Head, u32) -> T) -> Option<T> {
    let head = core::ptr::with_exposed_provenance_mut::<Head>(handle as usize);
    // SAFETY: as the caller says. What is looked at before the lock is taken does not change.
    let (flags, lock) = unsafe {
        if head.is_null() || (*head).signature != SIGNATURE {
            return None;
        }
        (flags | (*head).flags, (*head).lock)
    };
    let serialise = flags & NO_SERIALIZE == 0;
    // SAFETY: the lock lives as long as the heap; under it, or by the caller's word, the heap is ours alone.
    unsafe {
        if serialise {
            (*lock).enter();
        }
        let result = action(&mut *head, flags);
        if serialise {
            (*lock).leave();
        }
        Some(result)
    }
}

/// The heap's memory, as it gets it.
pub fn pages(head: &Head, handle: u64) -> Pages {
    Pages { base: handle, commit_routine: head.commit_routine }
}
