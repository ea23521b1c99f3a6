//! The tables of a process: found, made, and freed when nothing is in them.
//!
//! An entry that leads to a table also counts the entries in use there, in bits that the processor
//! ignores. So an empty table is known at once, and freeing tables looks no further than it must. A
//! table that goes is all zero and is never cleared again.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};

use super::entry::{ADDRESS, COUNT, COUNT_ONE, HELD, PRESENT, TABLE};
use super::{AddressSpace, OutOfMemory};
use crate::cell::KernelCell;
use crate::session_space::SessionSpace;
use crate::{frames, phys, ring0};

/// Entries of a root table that are user mode's.
const USER_ENTRIES: usize = 16;
/// Entries of the kernel that are in use, the same in every root but for [`USER`].
const KERNEL_ENTRIES: [usize; 2] = [128, 255];
/// The entry of the session's space, from `0x7E80_0000_0000` on.
const SESSION_ENTRY: usize = 253;
/// The bit of an entry that lets ring 3 pass.
const USER: u64 = 1 << 2;

unsafe extern "C" {
    static boot_pml4: [u64; 512];
}

/// The tables themselves: freed with the last of the space and the tasks that run on them.
#[derive(Debug)]
pub(crate) struct Tables {
    /// The root of the kernel's view; see [`crate::ring0`].
    root: u64,
    /// The root of user mode's view: it differs in the kernel's entries, which ring 3 does not pass.
    user_root: u64,
    /// Entries of the root that are user mode's and in use.
    used: AtomicU32,
    /// What the session's entry leads to.
    session: KernelCell<Option<Arc<SessionSpace>>>,
}

/// The page table used last, so that neighbouring pages skip the walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    /// Number of the 2 MiB region it maps.
    region: u64,
    /// Where the table is.
    table: u64,
    /// Where the entry is that leads to it.
    above: u64,
}

impl Last {
    /// None.
    pub(super) const NONE: Self = Self { region: u64::MAX, table: 0, above: 0 };
}

/// The entry at physical `address` of a table.
fn at(address: u64) -> *mut u64 {
    phys::pointer(address)
}

/// Physical address of the entry that an address has in a table; level 3 is the root.
fn place_in(table: u64, address: u64, level: u32) -> u64 {
    table + (address >> (12 + 9 * level) & 511) * 8
}

/// Bytes that an entry of a level spans.
const fn span(level: u32) -> u64 {
    1 << (12 + 9 * level)
}

impl Tables {
    /// Tables with nothing of user mode.
    pub(super) fn new() -> Result<Self, OutOfMemory> {
        let root = frames::allocate_zeroed().ok_or(OutOfMemory)?;
        let Some(user_root) = frames::allocate_zeroed() else {
            frames::release_table(root.address());
            return Err(OutOfMemory);
        };
        let tables = Self {
            root: root.address(),
            user_root: user_root.address(),
            used: AtomicU32::new(0),
            session: KernelCell::new(None),
        };
        for n in KERNEL_ENTRIES {
            // SAFETY: the kernel's own root is read only here.
            tables.set_kernel_entry(n, unsafe { boot_pml4[n] });
        }
        Ok(tables)
    }

    fn set_kernel_entry(&self, n: usize, entry: u64) {
        let place = n as u64 * 8;
        // SAFETY: the roots are ours.
        unsafe { (*at(self.root + place), *at(self.user_root + place)) = (entry, entry & !USER) };
    }

    /// Another session's space, or none.
    pub(super) fn set_session(&self, session: Option<Arc<SessionSpace>>) {
        self.set_kernel_entry(SESSION_ENTRY, session.as_deref().map_or(0, SessionSpace::root_entry));
        if self.is_loaded() {
            ring0::flush();
        }
        let before = core::mem::replace(&mut *self.session.lock(), session);
        drop(before);
    }

    /// Loads them if they are not loaded.
    pub(crate) fn load(&self) {
        // SAFETY: the tables live, and their kernel entries are the kernel's.
        unsafe { ring0::load(self.root, self.user_root) };
    }

    /// Whether they are loaded.
    pub(super) fn is_loaded(&self) -> bool {
        ring0::root() == self.root
    }

    /// Leaves them if they are loaded.
    pub(super) fn leave(&self) {
        if self.is_loaded() {
            let own = phys::address_of(&raw const boot_pml4);
            // SAFETY: the kernel's own tables live for ever; there is no user mode to be left for on them.
            unsafe { ring0::load(own, own) };
        }
    }

    fn count_root(&self, change: i32) {
        self.used.store(self.used.load(Ordering::Relaxed).wrapping_add_signed(change), Ordering::Relaxed);
    }

    /// Frees an empty page table, and the tables above it that are empty then.
    fn prune(&self, address: u64) {
        let mut path = [place_in(self.root, address, 3), 0, 0];
        for level in [2, 1] {
            // SAFETY: the page table is there, so the tables above it are; all are ours.
            let table = unsafe { *at(path[2 - level as usize]) } & ADDRESS;
            path[3 - level as usize] = place_in(table, address, level);
        }
        for level in [2, 1, 0] {
            // SAFETY: as above; a table is freed once its count says that all of it is zero.
            unsafe {
                let entry = at(path[level]);
                if *entry & COUNT != 0 {
                    break;
                }
                release_table(*entry & ADDRESS);
                *entry = 0;
                match level.checked_sub(1) {
                    Some(above) => *at(path[above]) -= COUNT_ONE,
                    None => {
                        *at(place_in(self.user_root, address, 3)) = 0;
                        self.count_root(-1);
                    }
                }
            }
        }
        if self.is_loaded() {
            ring0::flush();
        }
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.leave();
        // What is left when the space did not clear it.
        for n in 0..USER_ENTRIES as u64 {
            // SAFETY: the root is ours and not loaded.
            unsafe { *at(self.user_root + n * 8) = 0 };
        }
        free_below(self.root, 3, self.used.load(Ordering::Relaxed));
        for n in KERNEL_ENTRIES.into_iter().chain([SESSION_ENTRY]) {
            self.set_kernel_entry(n, 0);
        }
        release_table(self.root);
        release_table(self.user_root);
    }
}

/// Gives back a table whose entries are all zero.
fn release_table(table: u64) {
    frames::release_table(table);
}

/// Clears the `used` entries in use of a table and frees what they held.
fn free_below(table: u64, level: u32, mut used: u32) {
    for n in 0..if level == 3 { USER_ENTRIES } else { 512 } {
        if used == 0 {
            return;
        }
        // SAFETY: the tables are of a space being dropped, and not loaded.
        let value = unsafe { core::mem::take(&mut *at(table + n as u64 * 8)) };
        if value == 0 {
            continue;
        }
        used -= 1;
        if level > 0 {
            free_below(value & ADDRESS, level - 1, ((value & COUNT) / COUNT_ONE) as u32);
            release_table(value & ADDRESS);
        } else if value & HELD != 0 {
            frames::release_address(value & ADDRESS);
        }
    }
}

impl AddressSpace {
    /// Where the entry of an address is. The error is the first address from there on that can have one.
    #[inline]
    pub(super) fn place(&mut self, address: u64) -> Result<*mut u64, u64> {
        match self.last.region == address >> 21 {
            true => Ok(at(place_in(self.last.table, address, 0))),
            false => self.walk(address),
        }
    }

    /// The same; tables that are not there are made.
    #[inline]
    pub(super) fn place_or_make(&mut self, address: u64) -> Result<*mut u64, OutOfMemory> {
        match self.last.region == address >> 21 {
            true => Ok(at(place_in(self.last.table, address, 0))),
            false => self.walk_and_make(address),
        }
    }

    #[inline(never)]
    fn walk(&mut self, address: u64) -> Result<*mut u64, u64> {
        let (mut table, mut above) = (self.tables.root, 0);
        for level in [3, 2, 1] {
            above = place_in(table, address, level);
            // SAFETY: tables reached from the root are live and ours.
            let next = unsafe { *at(above) };
            if next & PRESENT == 0 {
                return Err((address | (span(level) - 1)).wrapping_add(1));
            }
            table = next & ADDRESS;
        }
        self.move_to(Last { region: address >> 21, table, above });
        Ok(at(place_in(table, address, 0)))
    }

    #[inline(never)]
    fn walk_and_make(&mut self, address: u64) -> Result<*mut u64, OutOfMemory> {
        let (mut table, mut above) = (self.tables.root, 0);
        for level in [3, 2, 1] {
            let place = place_in(table, address, level);
            // SAFETY: tables reached from the root are live and ours; a new one is zero.
            unsafe {
                if *at(place) & PRESENT == 0 {
                    *at(place) = frames::allocate_for_user().ok_or(OutOfMemory)?.address() | TABLE;
                    match level {
                        3 => {
                            *at(place_in(self.tables.user_root, address, 3)) = *at(place);
                            self.tables.count_root(1);
                        }
                        _ => *at(above) += COUNT_ONE,
                    }
                }
                above = place;
                table = *at(place) & ADDRESS;
            }
        }
        self.move_to(Last { region: address >> 21, table, above });
        Ok(at(place_in(table, address, 0)))
    }

    /// Makes a page table the last one. The one before goes if it is empty.
    pub(super) fn move_to(&mut self, next: Last) {
        let Last { region, above, .. } = core::mem::replace(&mut self.last, next);
        // SAFETY: the entry that leads to the last table is there as long as that table.
        if above != 0 && unsafe { *at(above) } & COUNT == 0 {
            self.tables.prune(region << 21);
        }
    }

    /// How many entries of the last page table are in use.
    pub(super) fn used_in_last(&self) -> u64 {
        // SAFETY: as in `move_to`.
        (unsafe { *at(self.last.above) } & COUNT) / COUNT_ONE
    }

    /// Writes an entry of the page table that was found last, and keeps the counts right. Returns the old
    /// value.
    ///
    /// # Safety
    /// `place` is what [`Self::place`] or [`Self::place_or_make`] returned last; what the new value holds
    /// becomes the entry's, and what the old one held the caller's.
    pub(super) unsafe fn replace(&mut self, place: *mut u64, new: u64) -> u64 {
        // SAFETY: the place is in our table, which `last` leads to.
        unsafe {
            let old = core::mem::replace(&mut *place, new);
            let above = &mut *at(self.last.above);
            match (old == 0, new == 0) {
                (true, false) => *above += COUNT_ONE,
                (false, true) => *above -= COUNT_ONE,
                _ => {}
            }
            self.present = self.present + (new & PRESENT) as u32 - (old & PRESENT) as u32;
            old
        }
    }

    pub(crate) fn tables(&self) -> Arc<Tables> {
        self.tables.clone()
    }
}
