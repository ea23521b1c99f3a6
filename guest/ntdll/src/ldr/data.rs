//! What the loader shows of its modules: PEB_LDR_DATA and LDR_DATA_TABLE_ENTRY. Offsets: phnt `ntldr.h`, the
//! part that is the same in all releases from NT 5 on.

use core::mem::offset_of;

/// LIST_ENTRY.
#[repr(C)]
#[derive(Debug)]
pub struct ListEntry {
    pub next: *mut Self,
    pub previous: *mut Self,
}

/// PEB_LDR_DATA.
#[repr(C)]
#[derive(Debug)]
pub struct PebLdrData {
    pub length: u32,
    pub initialized: u8,
    pub ss_handle: u64,
    pub in_load_order: ListEntry,
    pub in_memory_order: ListEntry,
    pub in_initialization_order: ListEntry,
    pub entry_in_progress: u64,
}

const _: () = {
    assert!(size_of::<PebLdrData>() == 0x48 && offset_of!(PebLdrData, in_load_order) == 0x10);
};
