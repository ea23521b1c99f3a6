//! Making and destroying heaps.
#![expect(unsafe_code, reason = "exports by name; handles are addresses")]

use core::mem::offset_of;
use core::ptr::with_exposed_provenance_mut;

use nt::memory::{
    MEM_COMMIT, MEM_FREE, MEM_RELEASE, MEM_RESERVE, MEMORY_BASIC_INFORMATION_CLASS, MemoryBasicInformation,
};
use nt::types::{Handle, UserPtr};
use rtlheap::{ALIGNMENT, GRANULARITY, Memory, PAGE};

use super::head::{Head, pages, with};
use super::pages::{CommitRoutine, Pages, allocate, free};
use super::{GROWABLE, TAG_MAX, TAG_SHIFT, process};
use crate::stubs::NtQueryVirtualMemory;
use crate::sync::{CriticalSection, RtlDeleteCriticalSection};

/// What is reserved for a heap that says nothing else (NT: 64 pages), in bytes.
const DEFAULT_RESERVE: u64 = 64 * PAGE;
/// Heaps of up to this size are committed at once, by the call that reserves them, in bytes.
const AT_ONCE: u64 = 2 * GRANULARITY;
/// Blocks of growable heaps from this size on get pages of their own, in bytes (NT: 0xFE00 units).
const LARGE_BLOCK: u64 = 0xF_E000;

/// RTL_HEAP_PARAMETERS.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Parameters {
    length: u32,
    segment_reserve: u64,
    segment_commit: u64,
    decommit_free_block_threshold: u64,
    decommit_total_free_threshold: u64,
    maximum_allocation_size: u64,
    virtual_memory_threshold: u64,
    initial_commit: u64,
    initial_reserve: u64,
    commit_routine: Option<CommitRoutine>,
    reserved: [u64; 2],
}

const _: () = assert!(offset_of!(Parameters, commit_routine) == 0x48);

/// The first range of a heap: where, up to where it has memory that is not zero or has memory, and its end.
struct Range {
    base: u64,
    stale: u64,
    committed: u64,
    end: u64,
}

/// Makes a heap: in memory from the system or, with `base`, at addresses that the caller has reserved or mapped.
/// Gives its handle, 0 when there is no memory.
///
/// # Safety
/// What `base`, `lock` and `parameters` point to, where they are not NULL, belongs to the heap as long as it lives
/// (the parameters: during the call).
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlCreateHeap(
    flags: u32,
    base: u64,
    reserve: u64,
    commit: u64,
    lock: *const CriticalSection,
    parameters: *const u8,
) -> u64 {
    // SAFETY: as the caller says.
    let parameters = unsafe { parameters.cast::<Parameters>().as_ref() }
        .filter(|given| given.length as usize == size_of::<Parameters>())
        .copied()
        .unwrap_or_default();
    let pages = Pages { base, commit_routine: parameters.commit_routine.filter(|_| base != 0) };
    let range = match (base, pages.commit_routine) {
        (0, _) => fresh(flags, reserve, commit),
        // Whoever commits knows how much there is.
        (base, Some(_)) => {
            let committed = base.saturating_add(parameters.initial_commit);
            let end = base.saturating_add(parameters.initial_reserve);
            Some(Range { base, stale: committed, committed, end })
        }
        (base, None) => given(base, reserve, commit),
    };
    let Some(range) = range.filter(|range| range.committed.saturating_sub(range.base) >= PAGE) else {
        return 0;
    };
    let first = (range.base + size_of::<Head>() as u64).next_multiple_of(ALIGNMENT);
    let head = with_exposed_provenance_mut::<Head>(range.base as usize);
    // SAFETY: the range is the heap's own and has a page of memory at least, which the head fits into; zeros are a head.
    let head = unsafe {
        if range.stale > range.base {
            head.write_bytes(0, 1);
        }
        &mut *head
    };
    head.own_lock = CriticalSection::new();
    head.lock = if lock.is_null() { &raw const head.own_lock } else { lock };
    head.flags = flags;
    head.force_flags = 0;
    head.next_tag = 1;
    head.commit_routine = pages.commit_routine;
    head.callers_memory = u64::from(base != 0);
    let growable = flags & GROWABLE != 0;
    head.heap.begin(first, range.stale.max(first), range.committed, range.end, growable);
    if growable {
        let threshold = parameters.virtual_memory_threshold;
        head.heap.set_large_blocks(if threshold == 0 { LARGE_BLOCK } else { threshold.min(LARGE_BLOCK) });
    }
    head.mark(true);
    process::add(head);
    range.base
}

/// Memory from the system.
fn fresh(flags: u32, reserve: u64, commit: u64) -> Option<Range> {
    let wanted = reserve.max(commit).checked_add(GRANULARITY - 1)? & !(GRANULARITY - 1);
    let reserve = if wanted != 0 {
        wanted
    } else if flags & GROWABLE != 0 {
        GRANULARITY
    } else {
        DEFAULT_RESERVE
    };
    let commit =
        if reserve <= AT_ONCE { reserve } else { commit.clamp(PAGE, reserve).next_multiple_of(PAGE) };
    let base = Pages { base: 0, commit_routine: None }.reserve(reserve, commit)?;
    Some(Range { base, stale: base, committed: base + commit, end: base + reserve })
}

/// Addresses that the caller has: committed ones are used as they are, reserved ones are committed.
fn given(base: u64, reserve: u64, commit: u64) -> Option<Range> {
    let mut information = MemoryBasicInformation::default();
    let place = UserPtr::new((&raw mut information).expose_provenance() as u64);
    let size = size_of::<MemoryBasicInformation>() as u64;
    // SAFETY: the place lives through the call and has that size.
    let status = unsafe {
        NtQueryVirtualMemory(
            Handle::CURRENT_PROCESS,
            base,
            MEMORY_BASIC_INFORMATION_CLASS,
            place,
            size,
            UserPtr::new(0),
        )
    };
    if !status.is_success() || information.state == MEM_FREE || !base.is_multiple_of(PAGE) {
        return None;
    }
    let region = base.checked_add(information.region_size)?;
    let wanted = if reserve == 0 { information.region_size } else { reserve & !(PAGE - 1) };
    let end = base.checked_add(wanted)?;
    if information.state == MEM_COMMIT {
        let committed = region.min(end);
        return Some(Range { base, stale: committed, committed, end });
    }
    let commit = commit.clamp(PAGE, wanted.max(PAGE)).next_multiple_of(PAGE);
    debug_assert!(information.state == MEM_RESERVE);
    allocate(base, commit, MEM_COMMIT)?;
    Some(Range { base, stale: base, committed: base + commit, end })
}

/// Destroys a heap with all its blocks. 0 when that was done, else the handle.
///
/// # Safety
/// `handle` is a heap's, and neither it nor its blocks are used any more.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDestroyHeap(handle: u64) -> u64 {
    if handle == 0 || handle == crate::peb::process_heap() {
        return handle;
    }
    // SAFETY: as the caller says.
    let ended = unsafe {
        with(handle, 0, |head, _| {
            let mut pages = pages(head, handle);
            process::remove(head);
            head.heap.end(&mut pages);
            head.mark(false);
            let own_lock = core::ptr::eq(head.lock, &raw const head.own_lock);
            (own_lock.then_some(&raw mut head.own_lock), head.callers_memory != 0)
        })
    };
    let Some((own_lock, callers_memory)) = ended else {
        return handle;
    };
    if let Some(lock) = own_lock {
        // SAFETY: nobody uses the heap any more.
        unsafe { RtlDeleteCriticalSection(lock) };
    }
    if !callers_memory {
        free(handle, 0, MEM_RELEASE);
    }
    0
}

/// Reserves as many tags as there are names in the list that ends with an empty one; gives the first, as it is to be put
/// into the flags of allocations. 0 when there are no more.
///
/// # Safety
/// `handle` is a heap's; `names` is NULL or a list of texts.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateTagHeap(
    handle: u64,
    flags: u32,
    _prefix: *const u16,
    names: *const u16,
) -> u32 {
    let mut count = 0;
    let mut at = names;
    // SAFETY: the list ends with an empty text, and each text with a NUL.
    unsafe {
        while !at.is_null() && *at != 0 {
            count += 1;
            while *at != 0 {
                at = at.add(1);
            }
            at = at.add(1);
        }
    }
    // SAFETY: as the caller says.
    let tag = unsafe {
        with(handle, flags, |head, _| {
            let first = head.next_tag;
            let next = first.checked_add(count).filter(|&next| next <= TAG_MAX + 1)?;
            head.next_tag = next;
            Some(first << TAG_SHIFT)
        })
    };
    tag.flatten().unwrap_or(0)
}
