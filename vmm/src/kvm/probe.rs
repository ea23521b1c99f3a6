//! A guest of a few instructions that finds out what this host's KVM can do, and how fast.
#![expect(unsafe_code, reason = "an assembler program that is carried as data")]

use std::arch::global_asm;

/// Where the program is loaded for ring 0, and entered.
pub const BASE: u32 = 0x8000;
/// Where it is loaded for ring 3.
pub const USER: u32 = 0x20_8000;
/// RAM it needs.
pub const MEMORY: u64 = 4 << 20;
/// What ring 0 leaves: ticks of the loop, ticks of the port writes (8 bytes each), then the system calls that
/// entered ring 0 by themselves and those that came as a page fault (4 bytes each).
pub const RESULTS: u64 = 0x6000;
/// What ring 3 leaves: ticks of the loop, ticks of the system calls.
pub const USER_RESULTS: u64 = 0x20_6000;
/// Rounds of the loop, of two instructions each.
pub const LOOPS: u32 = 2000;
/// Port writes that are timed. One more comes before them, as the first thing the guest does.
pub const WRITES: u32 = 32;
/// System calls that are timed. One more comes before them.
pub const CALLS: u32 = 32;
/// Written to for nothing but the exit.
pub const PORT_WRITE: u16 = 0x510;
/// Written to when all is done.
pub const PORT_DONE: u16 = 0x511;
/// Takes the vector of an exception that should not have happened.
pub const PORT_FAULT: u16 = 0x512;

global_asm!(
    include_str!("probe.s"),
    base = const BASE,
    user = const USER,
    results = const RESULTS,
    user_results = const USER_RESULTS,
    loops = const LOOPS,
    writes = const WRITES,
    calls = const CALLS,
    port_write = const PORT_WRITE,
    port_done = const PORT_DONE,
    port_fault = const PORT_FAULT,
);

/// The program, to be put at [`BASE`] and again at [`USER`].
pub fn program() -> &'static [u8] {
    unsafe extern "C" {
        static smvm_probe_start: u8;
        static smvm_probe_end: u8;
    }
    let (start, end) = (&raw const smvm_probe_start, &raw const smvm_probe_end);
    // SAFETY: the two symbols are the first byte of the program and the first one after it, in one
    // section of read-only data that nothing writes to.
    unsafe { std::slice::from_raw_parts(start, end.addr() - start.addr()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_fits_its_place() {
        let len = program().len() as u32;
        // Gates and descriptors hold 16 bits of an address.
        assert!(len > 0x200 && BASE + len < 0x1_0000, "{len}");
    }
}
