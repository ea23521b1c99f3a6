//! The section that csrss shares with all its clients: a heap with the static data of the server DLLs.
#![expect(unsafe_code, reason = "a heap in a view")]

use core::sync::atomic::{AtomicU64, Ordering};

use csrlib::memory;
use nt::NtStatus;
use nt::csr::SERVER_DLLS;
use nt::memory::{PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE};
use nt::types::Handle;
use rt::handle::Owned;
use rt::sync::Mutex;

static SECTION: Mutex<Option<Owned>> = Mutex::new(None);
static BASE: AtomicU64 = AtomicU64::new(0);
static HEAP: AtomicU64 = AtomicU64::new(0);
/// Address of the addresses of each server DLL's static data.
static TABLE: AtomicU64 = AtomicU64::new(0);

/// Makes the section, of so many KiB; the sizes of desktop heaps are for those who make desktops.
///
/// # Errors
/// INVALID_PARAMETER for a second one; NO_MEMORY, and what making it gives.
pub fn create([size, ..]: [u32; 3]) -> Result<(), NtStatus> {
    let mut place = SECTION.lock();
    if place.is_some() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let section = memory::shared_section(u64::from(size) * 1024)?;
    let (base, size) = memory::map(&section, Handle::CURRENT_PROCESS, PAGE_EXECUTE_READWRITE)?;
    // SAFETY: the view is new, and stays as long as the process.
    let heap = unsafe { memory::heap_in(base, size) }?;
    // SAFETY: the heap was just made.
    let table = unsafe { memory::allocate(heap, 8 * SERVER_DLLS as u64) }?;
    TABLE.store(table.as_ptr().expose_provenance() as u64, Ordering::Relaxed);
    BASE.store(base, Ordering::Relaxed);
    HEAP.store(heap, Ordering::Relaxed);
    *place = Some(section);
    Ok(())
}

/// The heap; 0 before there is a section.
pub fn heap() -> u64 {
    HEAP.load(Ordering::Relaxed)
}

/// Notes where a server DLL's static data is.
pub fn set_static_data(id: u32, address: u64) {
    let table = TABLE.load(Ordering::Relaxed);
    if table != 0 && (id as usize) < SERVER_DLLS {
        // SAFETY: the table is in the shared heap and has so many entries.
        unsafe { memory::copy_to(table + 8 * u64::from(id), &address.to_le_bytes()) };
    }
}

/// What a client is told: base, heap, table.
pub fn addresses() -> [u64; 3] {
    [&BASE, &HEAP, &TABLE].map(|address| address.load(Ordering::Relaxed))
}

/// Maps the section into a client, to be read.
///
/// # Errors
/// What mapping gives.
pub fn map_into(process: Handle) -> Result<(), NtStatus> {
    match &*SECTION.lock() {
        Some(section) => memory::map(section, process, PAGE_EXECUTE_READ).map(drop),
        None => Ok(()),
    }
}
