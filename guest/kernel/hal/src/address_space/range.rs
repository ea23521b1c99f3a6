//! Work on the entries of a range of addresses.

use super::AddressSpace;
use super::entry::{ADDRESS, HELD, PRESENT};
use super::tables::Last;
use crate::frames;
use crate::ring0::{flush, invalidate};

const REGION: u64 = 1 << 21;
/// With more pages than this it costs less to forget all translations than each one.
const FEW: u32 = 8;

impl AddressSpace {
    /// The first address in a range, whole pages, whose entry is not 0.
    pub fn next(&mut self, start: u64, end: u64) -> Option<u64> {
        let mut address = start;
        while address < end {
            let stop = end.min((address | (REGION - 1)) + 1);
            match self.place(address) {
                Ok(place) => {
                    for page in 0..((stop - address) / pvh::PAGE) as usize {
                        // SAFETY: the entries up to the end of the region are in the same live table.
                        if unsafe { *place.add(page) } != 0 {
                            return Some(address + page as u64 * pvh::PAGE);
                        }
                    }
                    address = stop;
                }
                Err(next) => address = next,
            }
        }
        None
    }

    /// Removes everything in a range, whole pages, and gives back what it held. What the kernel had noted
    /// is handed to `noted`.
    pub fn clear(&mut self, start: u64, end: u64, mut noted: impl FnMut(u64)) {
        let loaded = self.tables.is_loaded();
        let mut translations = 0;
        let mut address = start;
        while address < end {
            let stop = end.min((address | (REGION - 1)) + 1);
            let place = match self.place(address) {
                Ok(place) => place,
                Err(next) => {
                    address = next;
                    continue;
                }
            };
            let mut used = self.used_in_last();
            let mut page = address;
            while page < stop && used > 0 {
                // SAFETY: the entries up to the end of the region are in the same live table, which was found last;
                // what the entry held goes below.
                let old = unsafe {
                    let place = place.add(((page - address) / pvh::PAGE) as usize);
                    match *place {
                        0 => {
                            page += pvh::PAGE;
                            continue;
                        }
                        _ => self.replace(place, 0),
                    }
                };
                used -= 1;
                if old & PRESENT != 0 && loaded {
                    translations += 1;
                    if translations <= FEW {
                        invalidate(page);
                    }
                }
                if old & HELD != 0 {
                    frames::release_address(old & ADDRESS);
                } else if old & PRESENT == 0 {
                    noted(old);
                }
                page += pvh::PAGE;
            }
            address = stop;
        }
        if translations > FEW {
            flush();
        }
    }

    /// Makes sure that the processor does not use these tables: the process ends.
    pub fn leave(&self) {
        self.tables.leave();
    }
}

impl Drop for AddressSpace {
    fn drop(&mut self) {
        self.move_to(Last::NONE);
    }
}
