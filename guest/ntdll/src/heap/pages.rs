//! The memory of heaps.
#![expect(unsafe_code, reason = "addresses in memory that only the heap uses")]

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::memory::{MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE};
use nt::types::{Handle, UserPtr};
use rtlheap::Memory;

use crate::stubs::{NtAllocateVirtualMemory, NtFreeVirtualMemory};

/// RTL_HEAP_COMMIT_ROUTINE: commits memory of the heap at `base`; may move address and size.
pub type CommitRoutine = unsafe extern "win64" fn(base: u64, address: *mut u64, size: *mut u64) -> NtStatus;

/// A heap's memory.
#[derive(Debug)]
pub struct Pages {
    /// The heap's handle.
    pub base: u64,
    /// What commits memory; `None` for the system.
    pub commit_routine: Option<CommitRoutine>,
}

fn place(value: &mut u64) -> UserPtr<u64> {
    UserPtr::new(core::ptr::from_mut(value).expose_provenance() as u64)
}

/// Reserves or commits; gives the address.
pub fn allocate(mut address: u64, mut size: u64, kind: u32) -> Option<u64> {
    // SAFETY: both places live through the call, and what is allocated is nobody's yet.
    let status = unsafe {
        NtAllocateVirtualMemory(
            Handle::CURRENT_PROCESS,
            place(&mut address),
            0,
            place(&mut size),
            kind,
            PAGE_READWRITE,
        )
    };
    status.is_success().then_some(address)
}

/// Decommits or releases.
pub fn free(mut address: u64, mut size: u64, kind: u32) {
    // SAFETY: both places live through the call; the heap has no block there any more.
    unsafe { NtFreeVirtualMemory(Handle::CURRENT_PROCESS, place(&mut address), place(&mut size), kind) };
}

impl Memory for Pages {
    fn load(&self, address: u64) -> u64 {
        // SAFETY: `rtlheap` asks for what it has committed, eight bytes at a multiple of eight.
        unsafe { with_exposed_provenance::<u64>(address as usize).read() }
    }

    fn store(&mut self, address: u64, value: u64) {
        // SAFETY: as for loads.
        unsafe { with_exposed_provenance_mut::<u64>(address as usize).write(value) };
    }

    fn copy(&mut self, from: u64, to: u64, len: u64) {
        let from = with_exposed_provenance::<u8>(from as usize);
        // SAFETY: both ranges are in blocks, which do not overlap.
        unsafe {
            with_exposed_provenance_mut::<u8>(to as usize).copy_from_nonoverlapping(from, len as usize)
        };
    }

    fn zero(&mut self, address: u64, len: u64) {
        // SAFETY: the range is in a block.
        unsafe { with_exposed_provenance_mut::<u8>(address as usize).write_bytes(0, len as usize) };
    }

    fn reserve(&mut self, size: u64, commit: u64) -> Option<u64> {
        if commit == size {
            return allocate(0, size, MEM_RESERVE | MEM_COMMIT);
        }
        let base = allocate(0, size, MEM_RESERVE)?;
        if commit == 0 || allocate(base, commit, MEM_COMMIT).is_some() {
            return Some(base);
        }
        self.release(base);
        None
    }

    fn commit(&mut self, mut address: u64, mut size: u64) -> bool {
        let Some(routine) = self.commit_routine else {
            return allocate(address, size, MEM_COMMIT).is_some();
        };
        let end = address + size;
        // SAFETY: both places live through the call; whoever made the heap vouches for the routine.
        let status = unsafe { routine(self.base, &raw mut address, &raw mut size) };
        status.is_success() && address + size >= end
    }

    fn decommit(&mut self, address: u64, size: u64) {
        free(address, size, MEM_DECOMMIT);
    }

    fn release(&mut self, address: u64) {
        free(address, 0, MEM_RELEASE);
    }
}
