//! Physical memory as the kernel sees it: the direct map at `0x4000_0000_0000`.
//!
//! The first GiB is mapped by the tables in `entry.s`. Device registers and RAM above it are added
//! when somebody first needs them.

use core::ptr;

use pfn::Frame;

/// Virtual address of physical 0 in the direct map.
const DIRECT_MAP: u64 = 0x4000_0000_0000;
const GIB: u64 = 1 << 30;
const LARGE_PAGE: u64 = 1 << 21;
/// Physical memory the direct map can hold: one page of entries of 1 GiB each.
pub const LIMIT: u64 = 512 * GIB;
/// Size of a page in bytes.
pub const PAGE: usize = 4096;

/// Present, writable, for ring 3 (see [`crate::ring0`]), accessed, dirty, large, no-execute.
const LARGE_KERNEL_DATA: u64 = 1 << 63 | 0xE7;
const KERNEL_TABLE: u64 = 0x67;

unsafe extern "C" {
    static mut direct_pdpt: [u64; 512];
}

/// The address of physical `address` in the direct map.
#[inline]
pub(crate) fn pointer<T>(address: u64) -> *mut T {
    ptr::with_exposed_provenance_mut((DIRECT_MAP + address) as usize)
}

/// The physical address of something in the direct map or the kernel image.
#[inline]
pub(crate) fn address_of<T>(pointer: *const T) -> u64 {
    let address = pointer.expose_provenance() as u64;
    if address >= crate::boot::KERNEL_BASE {
        address - crate::boot::KERNEL_BASE
    } else {
        address - DIRECT_MAP
    }
}

/// Maps physical `start..end` into the direct map, as far as it is not there yet, in pages of 2 MiB. (Not
/// of 1 GiB: a KVM that shadows page tables does not have them.) `table` yields a zeroed page for a page
/// directory. Returns false when there was none, or the range reaches beyond [`LIMIT`].
pub(crate) fn map(start: u64, end: u64, mut table: impl FnMut() -> Option<u64>) -> bool {
    if end > LIMIT {
        return false;
    }
    let mut address = start.max(GIB) & !(LARGE_PAGE - 1);
    while address < end {
        let index = (address / GIB) as usize;
        // SAFETY: the kernel runs alone on this processor, and nobody else refers to the table.
        let entry = unsafe { &mut *(&raw mut direct_pdpt).cast::<u64>().add(index) };
        if *entry == 0 {
            let Some(directory) = table() else { return false };
            *entry = directory | KERNEL_TABLE;
        }
        let directory = *entry & !0xFFF;
        // SAFETY: the directory is a page that this function was given for it, below the first GiB or
        // mapped before; the index is below 512. Writing a present entry again changes nothing.
        unsafe {
            pointer::<u64>(directory + address % GIB / LARGE_PAGE * 8).write(address | LARGE_KERNEL_DATA)
        };
        address += LARGE_PAGE;
    }
    true
}

/// Copies `source` into a frame.
///
/// # Panics
/// When it does not fit.
pub(crate) fn write(frame: &Frame, offset: usize, source: &[u8]) {
    write_at(frame.address(), offset, source);
}

/// Copies `source` to the page at physical `page`. The page must be one that user mode can write or
/// that belongs to the caller; both hold for every address that [`crate::address_space`] hands out.
pub(crate) fn write_at(page: u64, offset: usize, source: &[u8]) {
    assert!(offset <= PAGE && source.len() <= PAGE - offset, "write beyond the page");
    // SAFETY: the range lies inside one mapped page of user or frame memory, where no Rust object
    // lives; source is a kernel slice and so does not overlap it.
    unsafe { ptr::copy_nonoverlapping(source.as_ptr(), pointer::<u8>(page + offset as u64), source.len()) };
}

/// Copies from the page at physical `page`, which is mapped memory.
pub(crate) fn read_at(page: u64, offset: usize, target: &mut [u8]) {
    assert!(offset <= PAGE && target.len() <= PAGE - offset, "read beyond the page");
    // SAFETY: as in `write_at`; the bytes are copied as they are at this moment.
    unsafe {
        ptr::copy_nonoverlapping(pointer::<u8>(page + offset as u64), target.as_mut_ptr(), target.len())
    };
}

/// Copies the page at physical `source` to the one at `target`, which belongs to the caller.
pub(crate) fn copy_page(target: u64, source: u64) {
    // SAFETY: both are whole mapped pages, and different ones: the target is the caller's alone.
    unsafe { ptr::copy_nonoverlapping(pointer::<u8>(source), pointer::<u8>(target), PAGE) };
}

/// Clears a page.
pub(crate) fn clear(page: u64) {
    // SAFETY: the page is a frame just taken from the PFN database, so nobody refers to it.
    unsafe { ptr::write_bytes(pointer::<u8>(page), 0, PAGE) };
}

/// Device registers in memory, 32 bits each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers(u64);

impl Registers {
    /// The registers at physical `address`.
    pub(crate) fn map(address: u64) -> Self {
        let mapped = map(address, address + 1, crate::frames::allocate_table);
        assert!(mapped, "device registers cannot be mapped");
        Self(address)
    }

    /// Reads a register.
    pub(crate) fn read(self, offset: u64) -> u32 {
        // SAFETY: the range is mapped (`map`), and it is a device's, not memory's.
        unsafe { pointer::<u32>(self.0 + offset).read_volatile() }
    }

    /// Writes a register.
    pub(crate) fn write(self, offset: u64, value: u32) {
        // SAFETY: as in `read`.
        unsafe { pointer::<u32>(self.0 + offset).write_volatile(value) };
    }
}
