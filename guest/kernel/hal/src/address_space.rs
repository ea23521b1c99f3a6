//! Page tables of a process. The upper half is the kernel's, shared by all; the lower half holds the
//! process's pages, which the tables own unless they are marked shared.

use alloc::sync::Arc;

use pfn::Frame;

use crate::usercopy::USER_LIMIT;
use crate::{cpu, frames, phys};

const PRESENT: u64 = 1 << 0;
const WRITE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const ACCESSED_DIRTY: u64 = 1 << 5 | 1 << 6;
/// Software bit: the frame belongs to this mapping and is freed with it.
const OWNED: u64 = 1 << 9;
const NO_EXECUTE: u64 = 1 << 63;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;
const TABLE: u64 = PRESENT | WRITE | USER | ACCESSED_DIRTY;
/// First entry of the kernel's half of a root table.
const KERNEL_HALF: usize = 256;

unsafe extern "C" {
    static boot_pml4: [u64; 512];
    static shared_user_data: [u8; 4096];
}

/// What user mode may do with a page it can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// It may write.
    pub write: bool,
    /// It may execute.
    pub execute: bool,
}

impl Access {
    /// Read only.
    pub const READ: Self = Self { write: false, execute: false };
    /// Read and write.
    pub const READ_WRITE: Self = Self { write: true, execute: false };
    /// Read and execute.
    pub const READ_EXECUTE: Self = Self { write: false, execute: true };

    fn bits(self) -> u64 {
        let write = if self.write { WRITE } else { 0 };
        let execute = if self.execute { 0 } else { NO_EXECUTE };
        PRESENT | USER | ACCESSED_DIRTY | write | execute
    }
}

/// No memory for a page table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// The tables themselves: freed with the last of the space and the tasks that run on them.
#[derive(Debug)]
pub(crate) struct Tables {
    root: u64,
}

impl Tables {
    /// Loads them if they are not loaded.
    pub(crate) fn load(&self) {
        // SAFETY: the tables live, and their kernel half is the kernel's.
        unsafe { load(self.root) };
    }
}

/// One process's page tables.
#[derive(Debug)]
pub struct AddressSpace {
    tables: Arc<Tables>,
    /// The page table used last, and the 2 MiB region it maps: neighbouring pages skip the walk.
    last: (u64, u64),
}

fn entry(table: u64, index: usize) -> *mut u64 {
    phys::pointer(table + index as u64 * 8)
}

fn index(address: u64, level: u32) -> usize {
    (address >> (12 + 9 * level)) as usize & 511
}

impl AddressSpace {
    /// A space with nothing in its lower half but `KUSER_SHARED_DATA`.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn new() -> Result<Self, OutOfMemory> {
        let root = frames::allocate_zeroed().ok_or(OutOfMemory)?.address();
        for n in [256, 495, 498, 511] {
            const { assert!(KERNEL_HALF == 256) };
            // SAFETY: the kernel's own root is read only here; the new root is ours.
            unsafe { *entry(root, n) = boot_pml4[n] };
        }
        let mut space = Self { tables: Arc::new(Tables { root }), last: (0, u64::MAX) };
        let shared = phys::address_of(&raw const shared_user_data);
        space.set(nt::kuser::USER_ADDRESS, shared | Access::READ.bits())?;
        Ok(space)
    }

    pub(crate) fn tables(&self) -> Arc<Tables> {
        self.tables.clone()
    }

    /// Maps a frame, which the mapping owns from now on. A page mapped there before is freed.
    ///
    /// # Errors
    /// When there is no memory for a page table; the frame is then freed.
    pub fn map(&mut self, address: u64, frame: Frame, access: Access) -> Result<(), OutOfMemory> {
        let page = frame.address();
        self.unmap(address);
        let result = self.set(address, page | OWNED | access.bits());
        if result.is_err() {
            frames::release(frame);
        }
        result
    }

    /// Maps a page of memory that lives for ever, such as the boot archive's, for reading (and
    /// executing). Never for writing.
    ///
    /// # Errors
    /// When there is no memory for a page table.
    ///
    /// # Panics
    /// When the bytes do not begin on a page boundary.
    pub fn map_shared(
        &mut self,
        address: u64,
        page: &'static [u8],
        execute: bool,
    ) -> Result<(), OutOfMemory> {
        let physical = phys::address_of(page.as_ptr());
        assert!(physical.is_multiple_of(pvh::PAGE), "shared page is not page-aligned");
        self.unmap(address);
        self.set(address, physical | Access { write: false, execute }.bits())
    }

    /// Changes what user mode may do with a mapped page. Nothing happens when it is not mapped; a
    /// shared page never becomes writable.
    pub fn protect(&mut self, address: u64, access: Access) {
        if let Some(place) = self.find(address) {
            // SAFETY: `find` gives a live entry of our tables.
            unsafe {
                let old = *place;
                if old & PRESENT != 0 {
                    let access = Access { write: access.write && old & OWNED != 0, ..access };
                    *place = old & (ADDRESS | OWNED) | access.bits();
                    invalidate(address);
                }
            }
        }
    }

    /// Whether a page is mapped there, and what user mode may do with it.
    pub fn query(&self, address: u64) -> Option<Access> {
        // SAFETY: `find` gives a live entry of our tables.
        let entry = self.find(address).map(|place| unsafe { *place })?;
        (entry & PRESENT != 0)
            .then_some(Access { write: entry & WRITE != 0, execute: entry & NO_EXECUTE == 0 })
    }

    /// Removes a mapping and frees its frame if it owns one. Returns whether there was one.
    pub fn unmap(&mut self, address: u64) -> bool {
        let Some(place) = self.find(address) else { return false };
        // SAFETY: `find` gives a live entry of our tables.
        let old = unsafe { core::mem::replace(&mut *place, 0) };
        if old & PRESENT != 0 {
            invalidate(address);
        }
        if old & OWNED != 0 {
            frames::release_address(old & ADDRESS);
        }
        old != 0
    }

    /// Writes into a mapped page that the space owns, whatever user mode may do with it.
    /// Returns false when there is no such page.
    ///
    /// # Panics
    /// When the bytes reach beyond the page.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        // SAFETY: `find` gives a live entry of our tables.
        let Some(old) = self.find(address).map(|place| unsafe { *place }) else { return false };
        if old & OWNED == 0 {
            return false;
        }
        phys::write_at(old & ADDRESS, (address % pvh::PAGE) as usize, bytes);
        true
    }

    fn find(&self, address: u64) -> Option<*mut u64> {
        if address >= USER_LIMIT {
            return None;
        }
        if self.last.1 == address >> 21 {
            return Some(entry(self.last.0, index(address, 0)));
        }
        let mut table = self.tables.root;
        for level in [3, 2, 1] {
            // SAFETY: tables reached from the root are live and ours.
            let next = unsafe { *entry(table, index(address, level)) };
            if next & PRESENT == 0 {
                return None;
            }
            table = next & ADDRESS;
        }
        Some(entry(table, index(address, 0)))
    }

    fn set(&mut self, address: u64, value: u64) -> Result<(), OutOfMemory> {
        assert!(address < USER_LIMIT, "not a user address");
        if self.last.1 != address >> 21 {
            let mut table = self.tables.root;
            for level in [3, 2, 1] {
                let place = entry(table, index(address, level));
                // SAFETY: tables reached from the root are live and ours; a new one is zero.
                unsafe {
                    if *place & PRESENT == 0 {
                        *place = frames::allocate_zeroed().ok_or(OutOfMemory)?.address() | TABLE;
                    }
                    table = *place & ADDRESS;
                }
            }
            self.last = (table, address >> 21);
        }
        // SAFETY: `last` is the live page table of this address.
        unsafe { *entry(self.last.0, index(address, 0)) = value };
        Ok(())
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        if cpu::page_table_root() & ADDRESS == self.root {
            load_kernel_tables();
        }
        free_tables(self.root, 3, KERNEL_HALF);
        frames::release_address(self.root);
    }
}

/// Frees what the first `count` entries of a table own. `level` is 3 for the root, 0 for a page table.
fn free_tables(table: u64, level: u32, count: usize) {
    for n in 0..count {
        // SAFETY: the tables are of a space being dropped, and not loaded.
        let value = unsafe { *entry(table, n) };
        if value == 0 {
            continue;
        }
        if level > 0 {
            free_tables(value & ADDRESS, level - 1, 512);
            frames::release_address(value & ADDRESS);
        } else if value & OWNED != 0 {
            frames::release_address(value & ADDRESS);
        }
    }
}

/// Loads a root if it is not loaded.
///
/// # Safety
/// It must be the root of a living address space or the kernel's own.
unsafe fn load(root: u64) {
    if cpu::page_table_root() & ADDRESS != root {
        // SAFETY: the kernel half is the same in every root.
        unsafe { core::arch::asm!("mov cr3, {}", in(reg) root, options(nostack, preserves_flags)) };
    }
}

/// Leaves every process's tables for the kernel's own.
fn load_kernel_tables() {
    // SAFETY: the kernel's own tables live for ever.
    unsafe { load(phys::address_of(&raw const boot_pml4)) };
}

/// Drops the translation of a page.
pub(crate) fn invalidate(address: u64) {
    // SAFETY: dropping a translation is always sound.
    unsafe { core::arch::asm!("invlpg [{}]", in(reg) address, options(nostack, preserves_flags)) };
}

/// Writes into `KUSER_SHARED_DATA`.
///
/// # Panics
/// When the bytes reach beyond the page.
pub fn write_shared_user_data(offset: usize, bytes: &[u8]) {
    phys::write_at(phys::address_of(&raw const shared_user_data), offset, bytes);
}
