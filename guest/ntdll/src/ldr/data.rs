//! What the loader shows of its modules: PEB_LDR_DATA and LDR_DATA_TABLE_ENTRY. Offsets: phnt `ntldr.h`, the
//! part that is the same in all releases from NT 5 on.

use core::mem::offset_of;

use nt::types::UnicodeString;

use super::list::ListEntry;

/// PEB_LDR_DATA.
#[repr(C)]
#[derive(Debug)]
pub struct PebLdrData {
    /// Bytes of this structure.
    pub length: u32,
    /// 1 once the process's first modules are loaded.
    pub initialized: u8,
    pub ss_handle: u64,
    pub in_load_order: ListEntry,
    pub in_memory_order: ListEntry,
    /// Modules that others need before those; the program is not in it.
    pub in_initialization_order: ListEntry,
    pub entry_in_progress: u64,
}

/// LDR_DATA_TABLE_ENTRY, and behind it what only this loader knows.
#[repr(C)]
#[derive(Debug)]
pub struct Module {
    pub in_load_order: ListEntry,
    pub in_memory_order: ListEntry,
    pub in_initialization_order: ListEntry,
    pub dll_base: u64,
    /// Address of the entry point; 0 for none.
    pub entry_point: u64,
    /// In bytes.
    pub size_of_image: u32,
    /// Its path. The texts end with a NUL and lie behind this structure.
    pub full_dll_name: UnicodeString,
    /// The last part of its path.
    pub base_dll_name: UnicodeString,
    /// `flags::*`.
    pub flags: u32,
    /// How many loads and needing modules keep it; [`PINNED`] for ever.
    pub load_count: u16,
    /// 0xFFFF when it has static thread-local storage.
    pub tls_index: u16,
    pub hash_links: ListEntry,
    pub time_date_stamp: u32,
    pub entry_point_activation_context: u64,
    pub patch_information: u64,
    /// The modules that it keeps; NULL for none.
    pub needs: *mut Need,
}

/// A module that another one keeps.
#[repr(C)]
#[derive(Debug)]
pub struct Need {
    pub next: *mut Self,
    pub module: *mut Module,
}

/// A load count that does not change.
pub const PINNED: u16 = 0xFFFF;

/// `LDRP_*` flags of a module.
pub mod flags {
    /// The program needs it from the start.
    pub const STATIC_LINK: u32 = 0x2;
    /// A DLL, not a program.
    pub const IMAGE_DLL: u32 = 0x4;
    /// It is being unloaded.
    pub const UNLOAD_IN_PROGRESS: u32 = 0x2000;
    /// Its entry point's turn has come.
    pub const ENTRY_PROCESSED: u32 = 0x4000;
    /// It does not want to hear of threads.
    pub const DONT_CALL_FOR_THREADS: u32 = 0x4_0000;
    /// Its entry point was told of the process.
    pub const PROCESS_ATTACH_CALLED: u32 = 0x8_0000;
    /// It is not where it was linked for.
    pub const IMAGE_NOT_AT_BASE: u32 = 0x20_0000;
}

const _: () = {
    assert!(size_of::<PebLdrData>() == 0x48 && offset_of!(PebLdrData, in_load_order) == 0x10);
    assert!(offset_of!(Module, dll_base) == 0x30 && offset_of!(Module, size_of_image) == 0x40);
    assert!(offset_of!(Module, full_dll_name) == 0x48 && offset_of!(Module, base_dll_name) == 0x58);
    assert!(offset_of!(Module, flags) == 0x68 && offset_of!(Module, load_count) == 0x6C);
    assert!(offset_of!(Module, tls_index) == 0x6E && offset_of!(Module, hash_links) == 0x70);
    assert!(offset_of!(Module, time_date_stamp) == 0x80 && offset_of!(Module, needs) == 0x98);
};
