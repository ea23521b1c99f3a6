//! What the memory manager costs.

use nt::memory::*;
use nt::types::Handle;

use super::PAGE;
use super::call::{self, poke};
use crate::costs::measure;

/// A fault, and pairs of services.
pub fn costs() {
    let (rw, both) = (PAGE_READWRITE, MEM_RESERVE | MEM_COMMIT);
    if let Ok((base, _)) = call::allocate(0, 16 * PAGE, both, rw) {
        let mut next = base;
        measure("demand-zero fault", || {
            poke(next, 1);
            next += PAGE;
        });
    }
    measure("allocate and free", || {
        if let Ok((base, _)) = call::allocate(0, PAGE, both, rw) {
            let _ = call::free(base, 0, MEM_RELEASE);
        }
    });
    measure("allocate, touch and free", || {
        if let Ok((base, _)) = call::allocate(0, PAGE, both, rw) {
            poke(base, 1);
            let _ = call::free(base, 0, MEM_RELEASE);
        }
    });
    let Ok(section) = call::section(0x1_0000, rw, SEC_COMMIT, Handle::NULL) else { return };
    measure("map and unmap", || {
        if let Ok((_, base, _)) = call::map(section, 0, 0, 0, rw) {
            call::unmap(base);
        }
    });
    measure("map, touch and unmap", || {
        if let Ok((_, base, _)) = call::map(section, 0, 0, 0, rw) {
            poke(base, 1);
            call::unmap(base);
        }
    });
}
