//! What the program itself asks of the system.
#![expect(unsafe_code, reason = "reads the TEB; calls system services")]

use core::arch::asm;

use nt::layout::teb;
use nt::memory::{MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE};
use nt::syscall;
use nt::types::{Handle, UserPtr};

use crate::identity;

/// A word of the calling thread's TEB.
fn teb_word(offset: u64) -> u64 {
    let value;
    // SAFETY: GS is the base of the TEB, which every thread has.
    unsafe { asm!("mov {}, gs:[{}]", out(reg) value, in(reg) offset, options(nostack, readonly)) };
    value
}

/// Id of the calling thread.
pub fn thread_id() -> u64 {
    teb_word(teb::CLIENT_ID + 8)
}

/// Id of this process.
pub fn process_id() -> u64 {
    teb_word(teb::CLIENT_ID)
}

fn at(place: &mut u64) -> UserPtr<u64> {
    UserPtr::new(core::ptr::from_mut(place).expose_provenance() as u64)
}

/// Reserves `size` bytes and commits the first `commit` of them; 0 when there is no memory.
fn allocate(mut size: u64, mut commit: u64) -> u64 {
    let mut base = 0;
    // SAFETY: the places outlive the calls, and nobody else knows the range.
    unsafe {
        let own = Handle::CURRENT_PROCESS;
        syscall::NtAllocateVirtualMemory(own, at(&mut base), 0, at(&mut size), MEM_RESERVE, PAGE_READWRITE);
        syscall::NtAllocateVirtualMemory(own, at(&mut base), 0, at(&mut commit), MEM_COMMIT, PAGE_READWRITE);
    }
    base
}

/// Makes the memory that [`identity`] tells of.
pub fn put_up_regions() {
    let guarded = allocate(0x1_0000, 0x1000);
    let (mut freed, mut all) = (allocate(0x1_0000, 0x1_0000), 0);
    identity::set_regions(guarded + 0x1000, freed);
    // SAFETY: as above; nobody has used the range.
    unsafe {
        syscall::NtFreeVirtualMemory(Handle::CURRENT_PROCESS, at(&mut freed), at(&mut all), MEM_RELEASE)
    };
}
