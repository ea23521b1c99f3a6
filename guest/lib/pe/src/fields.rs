//! What the header fields say. Their bytes are there; [`Image::parse`] has seen to it.

use crate::PAGE;
use crate::header::Image;

/// `IMAGE_FILE_MACHINE_AMD64`.
pub const MACHINE_AMD64: u16 = 0x8664;
/// `IMAGE_FILE_RELOCS_STRIPPED`: the image can only be loaded at its preferred base.
pub const CHARACTERISTIC_RELOCS_STRIPPED: u16 = 0x0001;
/// `IMAGE_FILE_EXECUTABLE_IMAGE`: the file was linked without errors.
pub const CHARACTERISTIC_EXECUTABLE: u16 = 0x0002;
/// `IMAGE_FILE_DLL`.
pub const CHARACTERISTIC_DLL: u16 = 0x2000;
/// `IMAGE_SUBSYSTEM_NATIVE`: no subsystem; drivers and native programs.
pub const SUBSYSTEM_NATIVE: u16 = 1;
/// `IMAGE_SUBSYSTEM_WINDOWS_GUI`.
pub const SUBSYSTEM_GUI: u16 = 2;
/// `IMAGE_SUBSYSTEM_WINDOWS_CUI`.
pub const SUBSYSTEM_CONSOLE: u16 = 3;

/// Offsets from the signature.
pub(crate) mod field {
    use crate::header::OPTIONAL;

    pub const MACHINE: usize = 4;
    pub const SECTION_COUNT: usize = 6;
    pub const TIME_STAMP: usize = 8;
    pub const OPTIONAL_SIZE: usize = 20;
    pub const CHARACTERISTICS: usize = 22;
    pub const MAGIC: usize = OPTIONAL;
    pub const ENTRY: usize = OPTIONAL + 16;
    pub const IMAGE_BASE: usize = OPTIONAL + 24;
    pub const SECTION_ALIGNMENT: usize = OPTIONAL + 32;
    pub const FILE_ALIGNMENT: usize = OPTIONAL + 36;
    pub const SUBSYSTEM_VERSION: usize = OPTIONAL + 48;
    pub const IMAGE_SIZE: usize = OPTIONAL + 56;
    pub const HEADERS_SIZE: usize = OPTIONAL + 60;
    pub const CHECKSUM: usize = OPTIONAL + 64;
    pub const SUBSYSTEM: usize = OPTIONAL + 68;
    pub const DLL_CHARACTERISTICS: usize = OPTIONAL + 70;
    pub const STACK_RESERVE: usize = OPTIONAL + 72;
    pub const STACK_COMMIT: usize = OPTIONAL + 80;
    pub const HEAP_RESERVE: usize = OPTIONAL + 88;
    pub const HEAP_COMMIT: usize = OPTIONAL + 96;
    pub const DIRECTORY_COUNT: usize = OPTIONAL + 108;
}

impl<'a> Image<'a> {
    pub(crate) fn u16(&self, field: usize) -> u16 {
        u16::from_le_bytes([self.nt[field], self.nt[field + 1]])
    }

    pub(crate) fn u32(&self, field: usize) -> u32 {
        u32::from(self.u16(field)) | u32::from(self.u16(field + 2)) << 16
    }

    pub(crate) fn u64(&self, field: usize) -> u64 {
        u64::from(self.u32(field)) | u64::from(self.u32(field + 4)) << 32
    }

    /// The bytes that were parsed.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Processor type: always [`MACHINE_AMD64`].
    pub fn machine(&self) -> u16 {
        self.u16(field::MACHINE)
    }

    /// When the file was made, in seconds since 1970, or whatever the linker put there.
    pub fn time_stamp(&self) -> u32 {
        self.u32(field::TIME_STAMP)
    }

    /// `CHARACTERISTIC_*` flags.
    pub fn characteristics(&self) -> u16 {
        self.u16(field::CHARACTERISTICS)
    }

    /// Whether it is a library.
    pub fn is_dll(&self) -> bool {
        self.characteristics() & CHARACTERISTIC_DLL != 0
    }

    /// `SUBSYSTEM_*` number.
    pub fn subsystem(&self) -> u16 {
        self.u16(field::SUBSYSTEM)
    }

    /// The oldest subsystem it runs with: major and minor version.
    pub fn subsystem_version(&self) -> (u16, u16) {
        (self.u16(field::SUBSYSTEM_VERSION), self.u16(field::SUBSYSTEM_VERSION + 2))
    }

    /// `IMAGE_DLLCHARACTERISTICS_*` flags.
    pub fn dll_characteristics(&self) -> u16 {
        self.u16(field::DLL_CHARACTERISTICS)
    }

    /// The address it is linked for: a multiple of 64 KiB, and the whole image lies below 2^64.
    pub fn image_base(&self) -> u64 {
        self.u64(field::IMAGE_BASE)
    }

    /// Size in memory in bytes: a multiple of the section alignment, at most 2 GiB, not 0.
    pub fn size_of_image(&self) -> u32 {
        self.u32(field::IMAGE_SIZE)
    }

    /// Size of the headers in bytes; they are mapped, read-only, at RVA 0.
    pub fn size_of_headers(&self) -> u32 {
        self.u32(field::HEADERS_SIZE)
    }

    /// RVA of the entry point, inside the image; `None` for a library without one.
    pub fn entry(&self) -> Option<u32> {
        Some(self.u32(field::ENTRY)).filter(|&rva| rva != 0)
    }

    /// Alignment of sections in memory in bytes: a power of two.
    pub fn section_alignment(&self) -> u32 {
        self.u32(field::SECTION_ALIGNMENT)
    }

    /// Whether sections are aligned to less than a page. Such an image lies in memory as it lies in the file, and sections
    /// have no protections of their own.
    pub fn is_one_piece(&self) -> bool {
        self.section_alignment() < PAGE
    }

    /// Alignment of section data in the file in bytes: a power of two from 512 to 64 KiB, at most
    /// the section alignment; the section alignment itself if that [is less than a page](Self::is_one_piece).
    pub fn file_alignment(&self) -> u32 {
        self.u32(field::FILE_ALIGNMENT)
    }

    /// Address space to reserve for the first thread's stack, in bytes; at least the commit size.
    pub fn stack_reserve(&self) -> u64 {
        self.u64(field::STACK_RESERVE)
    }

    /// Memory to commit for the first thread's stack, in bytes.
    pub fn stack_commit(&self) -> u64 {
        self.u64(field::STACK_COMMIT)
    }

    /// Address space to reserve for the process heap, in bytes.
    pub fn heap_reserve(&self) -> u64 {
        self.u64(field::HEAP_RESERVE)
    }

    /// Memory to commit for the process heap, in bytes.
    pub fn heap_commit(&self) -> u64 {
        self.u64(field::HEAP_COMMIT)
    }

    /// The checksum in the header; 0 where the linker made none.
    pub fn stored_checksum(&self) -> u32 {
        self.u32(field::CHECKSUM)
    }

    /// File offset of the checksum: a multiple of 4.
    pub(crate) fn checksum_offset(&self) -> usize {
        self.nt_offset as usize + field::CHECKSUM
    }
}
