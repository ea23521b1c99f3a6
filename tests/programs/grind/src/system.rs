//! What the program itself asks of the system.
#![expect(unsafe_code, reason = "reads the TEB; calls system services")]

use core::arch::asm;

use nt::layout::teb;

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
