//! The memory manager: address spaces, faults, sections. The decisions are `mmcore`'s; here they meet page
//! tables, frames and files.

pub mod charge;
pub mod copy;
pub mod discard;
pub mod fault;
mod lock;
pub mod mapped;
mod pagefile;
mod paging;
mod quota;
pub mod section;
pub mod session;
pub mod session_paging;
pub mod space;
pub mod stacks;
mod teb;
mod trim;
pub mod user;
mod virt;
mod writer;

use core::sync::atomic::{AtomicU32, Ordering};

use hal::address_space::write_shared_user_data;
use hal::frames;
use nt::NtStatus;
use nt::kuser::offset;
use nt::psinfo::VmCounters;

use crate::ps::Process;
pub use quota::{limits, set_limits};
use space::ProcessSpace;

/// The services of this component.
pub mod services {
    pub use super::copy::{
        read_virtual_memory as NtReadVirtualMemory, write_virtual_memory as NtWriteVirtualMemory,
    };
    pub use super::lock::{
        lock_virtual_memory as NtLockVirtualMemory, unlock_virtual_memory as NtUnlockVirtualMemory,
    };
    pub use super::pagefile::create as NtCreatePagingFile;
    pub use super::section::{
        create_section as NtCreateSection, extend_section as NtExtendSection,
        flush_virtual_memory as NtFlushVirtualMemory, map_view as NtMapViewOfSection,
        open_section as NtOpenSection, query_section as NtQuerySection, unmap_view as NtUnmapViewOfSection,
    };
    pub use super::virt::{
        allocate as NtAllocateVirtualMemory, flush_instruction_cache as NtFlushInstructionCache,
        free as NtFreeVirtualMemory, protect as NtProtectVirtualMemory, query as NtQueryVirtualMemory,
    };
}

pub use paging::Extents;

/// Size of a page in bytes.
pub const PAGE: u64 = 4096;
/// Where Windows is, as the processes see it.
pub const SYSTEM_ROOT: &str = r"C:\Windows";

/// Whether there is room for what a caller wants: the kernel keeps the last pages to itself.
///
/// # Errors
/// NO_MEMORY. No guard may be held: pages may go to the paging files.
fn room() -> Result<(), NtStatus> {
    room_for(1)
}

/// The same for so many pages, which are then taken without waiting in between.
///
/// # Errors
/// As for one page.
pub fn room_for(pages: u32) -> Result<(), NtStatus> {
    while frames::spare() < pages {
        if !writer::relieve() {
            return if frames::is_short() { Err(NtStatus::NO_MEMORY) } else { Ok(()) };
        }
    }
    Ok(())
}

/// Tries something that so much memory, in bytes, must be promised for. When there is no more to promise, paging files grow.
///
/// # Errors
/// Those of the work. No guard may be held: this may wait.
fn promised<R>(bytes: u64, mut work: impl FnMut() -> Result<R, NtStatus>) -> Result<R, NtStatus> {
    loop {
        match work() {
            Err(NtStatus::COMMITMENT_LIMIT) if paging::grow(bytes / PAGE) => {}
            done => {
                paging::keep_headroom();
                return done;
            }
        }
    }
}

/// Works on the address space of a process. User memory must not be touched meanwhile.
///
/// # Errors
/// PROCESS_IS_TERMINATING when it has none (any more), and what the work says.
pub fn with_space<R>(
    process: &Process,
    work: impl FnOnce(&mut ProcessSpace) -> Result<R, NtStatus>,
) -> Result<R, NtStatus> {
    work(process.space().lock().as_mut().ok_or(NtStatus::PROCESS_IS_TERMINATING)?)
}

/// Takes the TEB of a thread that has ended; 0 for none.
pub fn free_teb(process: &Process, teb: u64) {
    if teb != 0
        && let Some(space) = process.space().lock().as_mut()
    {
        space.free_teb(teb);
    }
}

/// What a process's memory amounts to; all zero when it has ended.
pub fn counters(process: &Process) -> VmCounters {
    process.space().lock().as_ref().map(ProcessSpace::counters).unwrap_or_default()
}

/// `NumberOfPhysicalPages`.
static PHYSICAL_PAGES: AtomicU32 = AtomicU32::new(0);

/// RAM of the machine in pages, whoever uses it.
pub fn physical_pages() -> u32 {
    PHYSICAL_PAGES.load(Ordering::Relaxed)
}

/// Fills the fixed part of `KUSER_SHARED_DATA`: this is Windows 5.2 on x64, on a machine with that much RAM.
pub fn init_shared_data(pages: u32) {
    PHYSICAL_PAGES.store(pages, Ordering::Relaxed);
    write_shared_user_data(offset::TICK_COUNT_MULTIPLIER, &0x0FA0_0000u32.to_le_bytes());
    write_shared_user_data(offset::IMAGE_NUMBER, &0x8664_8664u32.to_le_bytes());
    write_shared_user_data(offset::NT_PRODUCT_TYPE, &[1, 0, 0, 0, 1]);
    // What every x64 processor has: CMPXCHG8B (2), SSE (6), RDTSC (8), PAE (9), SSE2 (10), NX (12).
    write_shared_user_data(offset::PROCESSOR_FEATURES, &[0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1]);
    write_shared_user_data(offset::NT_MAJOR_VERSION, &[5, 0, 0, 0, 2, 0, 0, 0]);
    write_shared_user_data(offset::NUMBER_OF_PHYSICAL_PAGES, &pages.to_le_bytes());
    let mut root = [0u8; 2 * SYSTEM_ROOT.len()];
    for (unit, byte) in root.chunks_exact_mut(2).zip(SYSTEM_ROOT.bytes()) {
        unit[0] = byte;
    }
    write_shared_user_data(offset::NT_SYSTEM_ROOT, &root);
}
