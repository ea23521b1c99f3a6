//! What the memory manager costs, in ticks of the time stamp counter: instructions, where they are counted.

use nt::memory::*;
use nt::types::Handle;

use super::PAGE;
use super::call::{self, poke, stamp};
use crate::checks;

const ROUNDS: u64 = 16;

fn report(name: &str, ticks: u64) {
    rt::display("cost ");
    rt::display(name);
    rt::display(" ");
    checks::display_number(ticks / ROUNDS);
    rt::display("\n");
}

/// Ticks for each of [`ROUNDS`] rounds, all but the first of which find everything prepared.
fn measure(name: &str, mut round: impl FnMut(u64)) {
    round(0);
    let start = stamp();
    (1..=ROUNDS).for_each(&mut round);
    report(name, stamp() - start);
}

/// A fault, pairs of services, and a system call for comparison.
pub fn costs() {
    let (rw, both) = (PAGE_READWRITE, MEM_RESERVE | MEM_COMMIT);
    measure("system-call", |_| _ = rt::close(Handle(0x4444)));
    if let Ok((base, _)) = call::allocate(0, (ROUNDS + 1) * PAGE, both, rw) {
        measure("demand-zero", |page| poke(base + page * PAGE, 1));
    }
    measure("allocate-free", |_| {
        if let Ok((base, _)) = call::allocate(0, PAGE, both, rw) {
            let _ = call::free(base, 0, MEM_RELEASE);
        }
    });
    measure("allocate-touch-free", |_| {
        if let Ok((base, _)) = call::allocate(0, PAGE, both, rw) {
            poke(base, 1);
            let _ = call::free(base, 0, MEM_RELEASE);
        }
    });
    let Ok(section) = call::section(0x1_0000, rw, SEC_COMMIT, Handle::NULL) else { return };
    measure("map-unmap", |_| {
        if let Ok((_, base, _)) = call::map(section, 0, 0, 0, rw) {
            call::unmap(base);
        }
    });
    measure("map-touch-unmap", |_| {
        if let Ok((_, base, _)) = call::map(section, 0, 0, 0, rw) {
            poke(base, 1);
            call::unmap(base);
        }
    });
}
