//! Based sections: each has an address of its own, the same in every process.

use alloc::vec::Vec;

use hal::cell::KernelCell;
use mmcore::{Create, GRANULARITY};
use nt::NtStatus;
use nt::memory::SEC_BASED;

/// They go below this, from high to low.
const END: u64 = 0x7FF_0000_0000;
/// Not below this.
const START: u64 = 0x7F8_0000_0000;

/// Addresses that are taken, from high to low: first address and end.
static TAKEN: KernelCell<Vec<(u64, u64)>> = KernelCell::new(Vec::new());

/// Takes an address for a section of `size` bytes, if it is to be a based one.
///
/// # Errors
/// NO_MEMORY when none is left.
pub fn place(request: &Create, size: u64) -> Result<Option<u64>, NtStatus> {
    if request.attributes & SEC_BASED == 0 {
        return Ok(None);
    }
    let mut taken = TAKEN.lock();
    taken.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    let mut end = END;
    let mut index = 0;
    loop {
        let start = end.checked_sub(size).ok_or(NtStatus::NO_MEMORY)? & !(GRANULARITY - 1);
        match taken.get(index) {
            Some(&(below, above)) if start < above => end = below,
            _ if start < START => return Err(NtStatus::NO_MEMORY),
            _ => {
                taken.insert(index, (start, end));
                return Ok(Some(start));
            }
        }
        index += 1;
    }
}

/// A based section is gone.
pub fn give_back(address: u64) {
    TAKEN.lock().retain(|&(start, _)| start != address);
}
