//! Offsets in the PEB, the TEB and the process parameters, x64. Source: spec/smss.md 7.2–7.4.

/// PROCESS ENVIRONMENT BLOCK.
pub mod peb {
    /// Where the kernel puts it: NT's classic address, in the 2 MiB that `KUSER_SHARED_DATA` is in.
    pub const ADDRESS: u64 = 0x7FFD_F000;
    /// `Mutant`: -1.
    pub const MUTANT: u64 = 0x08;
    /// `ImageBaseAddress`.
    pub const IMAGE_BASE_ADDRESS: u64 = 0x10;
    /// `ProcessParameters`.
    pub const PROCESS_PARAMETERS: u64 = 0x20;
    /// `NumberOfProcessors`, u32.
    pub const NUMBER_OF_PROCESSORS: u64 = 0xB8;
    /// `CriticalSectionTimeout`, i64, in 100 ns.
    pub const CRITICAL_SECTION_TIMEOUT: u64 = 0xC0;
    /// `HeapSegmentReserve`, u64; commit and two thresholds follow.
    pub const HEAP_SEGMENT_RESERVE: u64 = 0xC8;
    /// `OSMajorVersion`, u32; minor, build (u16) and platform follow.
    pub const OS_MAJOR_VERSION: u64 = 0x118;
    /// `ImageSubsystem`, u32; its major and minor version follow.
    pub const IMAGE_SUBSYSTEM: u64 = 0x128;
    /// `SessionId`, u32.
    pub const SESSION_ID: u64 = 0x2C0;
}

/// THREAD ENVIRONMENT BLOCK.
pub mod teb {
    /// Its size in bytes, in whole pages.
    pub const SIZE: u64 = 0x2000;
    /// `StackBase`.
    pub const STACK_BASE: u64 = 0x08;
    /// `StackLimit`.
    pub const STACK_LIMIT: u64 = 0x10;
    /// `Self`.
    pub const SELF: u64 = 0x30;
    /// `ClientId`.
    pub const CLIENT_ID: u64 = 0x40;
    /// `ProcessEnvironmentBlock`.
    pub const PEB: u64 = 0x60;
    /// `LastErrorValue`, u32.
    pub const LAST_ERROR_VALUE: u64 = 0x68;
    /// `Win32ThreadInfo`: not zero when the thread has called win32k.
    pub const WIN32_THREAD_INFO: u64 = 0x78;
    /// `DeallocationStack`.
    pub const DEALLOCATION_STACK: u64 = 0x1478;
}

/// RTL_USER_PROCESS_PARAMETERS.
pub mod parameters {
    /// `MaximumLength`, u32; `Length` follows.
    pub const MAXIMUM_LENGTH: usize = 0x00;
    /// `Flags`, u32.
    pub const FLAGS: usize = 0x08;
    /// `DebugFlags`, u32: not zero breaks at the start.
    pub const DEBUG_FLAGS: usize = 0x0C;
    /// `CurrentDirectory.DosPath`.
    pub const CURRENT_DIRECTORY: usize = 0x38;
    /// `DllPath`.
    pub const DLL_PATH: usize = 0x50;
    /// `ImagePathName`.
    pub const IMAGE_PATH_NAME: usize = 0x60;
    /// `CommandLine`.
    pub const COMMAND_LINE: usize = 0x70;
    /// `Environment`.
    pub const ENVIRONMENT: usize = 0x80;
    /// Size of the fixed part.
    pub const SIZE: usize = 0xF0;
    /// The strings hold pointers, not offsets.
    pub const FLAG_NORMALISED: u32 = 1;
    /// The low megabyte is reserved.
    pub const FLAG_RESERVE_1MB: u32 = 0x20;
    /// Data is not executable.
    pub const FLAG_NX: u32 = 0x2_0000;
}
