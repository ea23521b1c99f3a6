//! Virtual memory: the constants and structures of `NtAllocateVirtualMemory` and its kin, and of
//! sections. Source: Microsoft's documentation of VirtualAlloc, CreateFileMapping and
//! MEMORY_BASIC_INFORMATION; phnt `ntmmapi.h`.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The page cannot be accessed at all.
pub const PAGE_NOACCESS: u32 = 0x01;
/// Read.
pub const PAGE_READONLY: u32 = 0x02;
/// Read and write.
pub const PAGE_READWRITE: u32 = 0x04;
/// Read and write; a page of a section is copied when it is written.
pub const PAGE_WRITECOPY: u32 = 0x08;
/// Execute.
pub const PAGE_EXECUTE: u32 = 0x10;
/// Execute and read.
pub const PAGE_EXECUTE_READ: u32 = 0x20;
/// Execute, read and write.
pub const PAGE_EXECUTE_READWRITE: u32 = 0x40;
/// Execute, read and write; a page of a section is copied when it is written.
pub const PAGE_EXECUTE_WRITECOPY: u32 = 0x80;
/// Modifier: the first access raises STATUS_GUARD_PAGE_VIOLATION and clears this flag.
pub const PAGE_GUARD: u32 = 0x100;
/// Modifier: not cached.
pub const PAGE_NOCACHE: u32 = 0x200;
/// Modifier: writes are combined.
pub const PAGE_WRITECOMBINE: u32 = 0x400;

/// Back pages with memory, or with the promise of it.
pub const MEM_COMMIT: u32 = 0x1000;
/// Reserve a range of addresses.
pub const MEM_RESERVE: u32 = 0x2000;
/// Take memory from pages; their addresses stay reserved.
pub const MEM_DECOMMIT: u32 = 0x4000;
/// Free a range of addresses.
pub const MEM_RELEASE: u32 = 0x8000;
/// State: the range is free.
pub const MEM_FREE: u32 = 0x1_0000;
/// Type: private to the process.
pub const MEM_PRIVATE: u32 = 0x2_0000;
/// Type: a view of a section that is not an image.
pub const MEM_MAPPED: u32 = 0x4_0000;
/// The content of the pages is of no interest any more.
pub const MEM_RESET: u32 = 0x8_0000;
/// From the highest address down.
pub const MEM_TOP_DOWN: u32 = 0x10_0000;
/// Writes to the range are recorded.
pub const MEM_WRITE_WATCH: u32 = 0x20_0000;
/// Address windowing.
pub const MEM_PHYSICAL: u32 = 0x40_0000;
/// Large pages.
pub const MEM_LARGE_PAGES: u32 = 0x2000_0000;
/// Type: a view of an image.
pub const MEM_IMAGE: u32 = 0x100_0000;

/// The section has the same address in all processes.
pub const SEC_BASED: u32 = 0x20_0000;
/// Views of the section keep their protection.
pub const SEC_NO_CHANGE: u32 = 0x40_0000;
/// The file is a data file (a file handle is given).
pub const SEC_FILE: u32 = 0x80_0000;
/// The file is an image.
pub const SEC_IMAGE: u32 = 0x100_0000;
/// All pages are reserved; they are committed through a view.
pub const SEC_RESERVE: u32 = 0x400_0000;
/// All pages are committed.
pub const SEC_COMMIT: u32 = 0x800_0000;
/// Not cached.
pub const SEC_NOCACHE: u32 = 0x1000_0000;

/// Lock in the working set of the process.
pub const MAP_PROCESS: u32 = 1;
/// Lock in memory.
pub const MAP_SYSTEM: u32 = 2;

/// MEMORY_INFORMATION_CLASS: what `MemoryBasicInformation` is.
pub const MEMORY_BASIC_INFORMATION_CLASS: u32 = 0;
/// MEMORY_INFORMATION_CLASS: what `MemoryMappedFilenameInformation` is: a UNICODE_STRING with the path of the file
/// whose section is mapped.
pub const MEMORY_MAPPED_FILENAME_CLASS: u32 = 2;
/// SECTION_INHERIT: children get the view.
pub const VIEW_SHARE: u32 = 1;
/// SECTION_INHERIT: children do not get the view.
pub const VIEW_UNMAP: u32 = 2;

/// MEMORY_BASIC_INFORMATION: pages that adjoin and are alike.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemoryBasicInformation {
    /// The page asked for.
    pub base_address: u64,
    /// First address of the allocation or view; 0 when free.
    pub allocation_base: u64,
    /// `PAGE_*` with which it was made; 0 when free.
    pub allocation_protect: u32,
    /// Padding.
    pub reserved: u32,
    /// Bytes from `base_address` that are alike.
    pub region_size: u64,
    /// MEM_COMMIT, MEM_RESERVE or MEM_FREE.
    pub state: u32,
    /// `PAGE_*` of committed pages; 0 when reserved, PAGE_NOACCESS when free.
    pub protect: u32,
    /// MEM_PRIVATE, MEM_MAPPED or MEM_IMAGE; 0 when free.
    pub kind: u32,
    /// Padding.
    pub reserved_2: u32,
}

/// SECTION_INFORMATION_CLASS: what `SectionBasicInformation` is.
pub const SECTION_BASIC_INFORMATION_CLASS: u32 = 0;
/// `NtQuerySection`: [`SectionImageInformation`](crate::process::SectionImageInformation).
pub const SECTION_IMAGE_INFORMATION_CLASS: u32 = 1;

/// SECTION_BASIC_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SectionBasicInformation {
    /// Address of a based section; else 0.
    pub base_address: u64,
    /// `SEC_*`.
    pub attributes: u32,
    /// Padding.
    pub reserved: u32,
    /// Size in bytes.
    pub maximum_size: u64,
}

const _: () = {
    assert!(size_of::<SectionBasicInformation>() == 0x18);
    assert!(offset_of!(MemoryBasicInformation, allocation_base) == 0x08);
    assert!(offset_of!(MemoryBasicInformation, allocation_protect) == 0x10);
    assert!(offset_of!(MemoryBasicInformation, region_size) == 0x18);
    assert!(offset_of!(MemoryBasicInformation, state) == 0x20);
    assert!(offset_of!(MemoryBasicInformation, protect) == 0x24);
    assert!(offset_of!(MemoryBasicInformation, kind) == 0x28);
    assert!(size_of::<MemoryBasicInformation>() == 0x30);
};
