//! The space of a session: 512 GiB of kernel addresses that are the same to all processes of a session, and another
//! memory to each session. Its tables live as long as somebody's tables lead there.

use crate::{frames, phys, ring0};

const PRESENT: u64 = 1 << 0;
const WRITE: u64 = 1 << 1;
/// For ring 3: see [`crate::ring0`].
const USER: u64 = 1 << 2;
const ACCESSED: u64 = 1 << 5;
const ACCESSED_DIRTY: u64 = ACCESSED | 1 << 6;
const TABLE: u64 = PRESENT | WRITE | USER | ACCESSED_DIRTY;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;
const ENTRIES: u64 = 512;

/// A session's space, with what is mapped there.
#[derive(Debug)]
pub struct SessionSpace {
    pdpt: u64,
}

impl SessionSpace {
    /// One with nothing in it; nothing when there is no memory.
    pub fn new() -> Option<Self> {
        frames::allocate_table().map(|pdpt| Self { pdpt })
    }

    /// What the entry of the kernel's root says of the space.
    pub(crate) fn root_entry(&self) -> u64 {
        self.pdpt | TABLE
    }

    /// The place of a page's entry; tables on the way are made if that is asked.
    fn find(&self, address: u64, make: bool) -> Option<*mut u64> {
        let mut table = self.pdpt;
        for level in [2, 1] {
            let place = phys::pointer::<u64>(table + index(address, level) * 8);
            // SAFETY: tables reached from the first are the space's own; a new one is zero. Nobody else refers to them.
            unsafe {
                if *place & PRESENT == 0 {
                    if !make {
                        return None;
                    }
                    *place = frames::allocate_table()? | TABLE;
                }
                table = *place & ADDRESS;
            }
        }
        Some(phys::pointer(table + index(address, 0) * 8))
    }

    /// The entry of a page, 0 if it has none.
    pub(crate) fn get(&self, address: u64) -> u64 {
        // SAFETY: `find` gives a live entry.
        self.find(address, false).map_or(0, |place| unsafe { *place })
    }

    /// Maps a page where none is. Nothing when there is no memory for a table.
    ///
    /// # Safety
    /// What the entry maps must live until it is cleared, and nobody may rely on the address being unmapped.
    pub(crate) unsafe fn set(&self, address: u64, entry: u64) -> Option<()> {
        let place = self.find(address, true)?;
        // SAFETY: `find` gives a live entry; the page was not mapped, so no translation is cached.
        unsafe { *place = entry | USER };
        Some(())
    }

    /// Unmaps a page.
    pub(crate) fn clear(&self, address: u64) {
        self.note(address, 0);
    }

    /// Unmaps a page, and leaves a value in its entry that maps nothing.
    pub(crate) fn note(&self, address: u64, value: u64) {
        let Some(place) = self.find(address, false) else { return };
        // SAFETY: `find` gives a live entry; a value that is not present maps nothing.
        unsafe { *place = value & !PRESENT };
        ring0::invalidate(address);
    }

    /// Whether a page was accessed since this was last asked, or it was mapped.
    pub(crate) fn was_accessed(&self, address: u64) -> bool {
        let Some(place) = self.find(address, false) else { return false };
        // SAFETY: `find` gives a live entry; the processor sets the bit again with the next access, as its translation is
        // forgotten.
        let was = unsafe {
            let was = *place & ACCESSED != 0;
            *place &= !ACCESSED;
            was
        };
        if was {
            ring0::invalidate(address);
        }
        was
    }

    /// Where the entry of a page is, as the kernel sees it; 0 if there is none.
    pub fn entry_address(&self, address: u64) -> u64 {
        self.find(address, false).map_or(0, |place| place.addr() as u64)
    }
}

impl Drop for SessionSpace {
    fn drop(&mut self) {
        release(self.pdpt, 2);
    }
}

/// Gives back a table and those below it, which map nothing any more.
fn release(table: u64, level: u32) {
    for n in 0..if level == 0 { 0 } else { ENTRIES } {
        // SAFETY: nobody's tables lead here any more.
        let entry = unsafe { core::mem::take(&mut *phys::pointer::<u64>(table + n * 8)) };
        if entry & PRESENT != 0 {
            release(entry & ADDRESS, level - 1);
        }
    }
    frames::release_table(table);
}

fn index(address: u64, level: u32) -> u64 {
    (address >> (12 + 9 * level)) & (ENTRIES - 1)
}
