//! Sections, views, and the heap in a view.
#![expect(unsafe_code, reason = "calls system services, hands out memory")]

use core::ptr::{null, null_mut, with_exposed_provenance, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::memory::{PAGE_EXECUTE_READWRITE, SEC_RESERVE};
use nt::types::Handle;
use rt::handle::Owned;

use crate::import;

/// SEC_BASED: every process sees it at the same addresses.
const SEC_BASED: u32 = 0x20_0000;
/// SECTION_ALL_ACCESS.
const SECTION_ALL: u32 = 0xF_001F;
/// ViewUnmap: children do not get the view.
const VIEW_UNMAP: u32 = 2;
/// HEAP_ZERO_MEMORY.
const ZERO_MEMORY: u32 = 8;

/// Makes a section of that many bytes that all processes see at the same addresses; memory comes as it is committed.
///
/// # Errors
/// What `NtCreateSection` says.
pub fn shared_section(size: u64) -> Result<Owned, NtStatus> {
    let (mut handle, size) = (Handle::NULL, size as i64);
    // SAFETY: handle and size outlive the call.
    unsafe {
        import::NtCreateSection(
            &raw mut handle,
            SECTION_ALL,
            null(),
            &raw const size,
            PAGE_EXECUTE_READWRITE,
            SEC_BASED | SEC_RESERVE,
            Handle::NULL,
        )
    }
    .ok()?;
    Ok(Owned::new(handle))
}

/// Maps all of a section into a process: where.
///
/// # Errors
/// What `NtMapViewOfSection` says.
pub fn map(section: &Owned, process: Handle, protection: u32) -> Result<(u64, u64), NtStatus> {
    let (mut base, mut size) = (0, 0);
    // SAFETY: both places outlive the call; the view goes where nothing is.
    unsafe {
        import::NtMapViewOfSection(
            section.get(),
            process,
            &raw mut base,
            0,
            0,
            null_mut(),
            &raw mut size,
            VIEW_UNMAP,
            0,
            protection,
        )
    }
    .ok()?;
    Ok((base, size))
}

/// Makes a heap in a view: its handle.
///
/// # Errors
/// NO_MEMORY.
///
/// # Safety
/// Nobody uses the view, which is of that size and stays.
pub unsafe fn heap_in(base: u64, size: u64) -> Result<u64, NtStatus> {
    // SAFETY: as the caller says.
    match unsafe { import::RtlCreateHeap(0, base, size, 0x1000, 0, 0) } {
        0 => Err(NtStatus::NO_MEMORY),
        heap => Ok(heap),
    }
}

/// Memory of a heap, zeroed, that is never given back.
///
/// # Errors
/// NO_MEMORY.
///
/// # Safety
/// It is a heap.
pub unsafe fn allocate(heap: u64, size: u64) -> Result<&'static mut [u8], NtStatus> {
    // SAFETY: as the caller says.
    let address = unsafe { import::RtlAllocateHeap(heap, ZERO_MEMORY, size) };
    if address == 0 {
        return Err(NtStatus::NO_MEMORY);
    }
    // SAFETY: the block has that size, is zeroed, and nobody else's.
    Ok(unsafe {
        core::slice::from_raw_parts_mut(with_exposed_provenance_mut(address as usize), size as usize)
    })
}

/// Copies bytes from memory that somebody else may write meanwhile.
///
/// # Safety
/// They are mapped.
pub unsafe fn copy_from(address: u64, to: &mut [u8]) {
    let from = with_exposed_provenance::<u8>(address as usize);
    // SAFETY: as the caller says; the slice is the caller's own.
    unsafe { from.copy_to_nonoverlapping(to.as_mut_ptr(), to.len()) };
}

/// Copies bytes to memory that somebody else may read meanwhile.
///
/// # Safety
/// They are mapped, to be written.
pub unsafe fn copy_to(address: u64, from: &[u8]) {
    let to = with_exposed_provenance_mut::<u8>(address as usize);
    // SAFETY: as the caller says; the slice is the caller's own.
    unsafe { to.copy_from_nonoverlapping(from.as_ptr(), from.len()) };
}
