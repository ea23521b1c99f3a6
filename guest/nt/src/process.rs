//! Making a process: its parameters, and what `RtlCreateUserProcess` and `NtQuerySection` tell of an image, x64.
//! Source: phnt's `ntrtl.h` and `ntmmapi.h`; spec/smss.md 7.2.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::layout::parameters as offset;
use crate::types::{ClientId, UnicodeString};

/// SECTION_INFORMATION_CLASS.
pub mod section_class {
    /// SECTION_BASIC_INFORMATION.
    pub const BASIC: u32 = 0;
    /// [`super::SectionImageInformation`].
    pub const IMAGE: u32 = 1;
}

/// SECTION_IMAGE_INFORMATION: what an image's headers say.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SectionImageInformation {
    /// Entry point, where the image would be at its preferred base.
    pub transfer_address: u64,
    /// Zero.
    pub zero_bits: u32,
    /// Padding.
    pub reserved: u32,
    /// Bytes of stack to reserve.
    pub maximum_stack_size: u64,
    /// Bytes of stack to commit.
    pub committed_stack_size: u64,
    /// `IMAGE_SUBSYSTEM_*`: 1 native, 2 GUI, 3 console.
    pub subsystem_type: u32,
    /// Subsystem version: minor.
    pub subsystem_minor: u16,
    /// Subsystem version: major.
    pub subsystem_major: u16,
    /// Operating system version the headers name; once `GpValue`.
    pub os_version: u32,
    /// `IMAGE_FILE_*`.
    pub characteristics: u16,
    /// `IMAGE_DLLCHARACTERISTICS_*`.
    pub dll_characteristics: u16,
    /// `IMAGE_FILE_MACHINE_*`.
    pub machine: u16,
    /// There is code in it.
    pub contains_code: u8,
    /// Flags of newer releases.
    pub image_flags: u8,
    /// Zero.
    pub loader_flags: u32,
    /// Bytes of the file.
    pub file_size: u32,
    /// Checksum that the headers name.
    pub checksum: u32,
}

/// RTL_USER_PROCESS_INFORMATION: the process that `RtlCreateUserProcess` has made.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct UserProcessInformation {
    /// Bytes of this structure.
    pub length: u32,
    /// Padding.
    pub reserved: u32,
    /// The process's handle.
    pub process: u64,
    /// Its first thread's handle; the thread is suspended.
    pub thread: u64,
    /// Their ids.
    pub client_id: ClientId,
    /// Its image.
    pub image: SectionImageInformation,
}

/// RTL_DRIVE_LETTER_CURDIR. Not used: a drive's directory is the variable `=X:`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct DriveLetterDirectory {
    /// Zero.
    pub flags: u16,
    /// Zero.
    pub length: u16,
    /// Zero.
    pub time_stamp: u32,
    /// Empty.
    pub dos_path: UnicodeString,
}

/// RTL_USER_PROCESS_PARAMETERS: what a process starts with. Its strings follow it, and the environment them.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ProcessParameters {
    /// Bytes of the block with its strings.
    pub maximum_length: u32,
    /// The same, in use.
    pub length: u32,
    /// [`FLAG_NORMALISED`](crate::layout::parameters::FLAG_NORMALISED) and others.
    pub flags: u32,
    /// Not zero: break at the start.
    pub debug_flags: u32,
    /// Console.
    pub console_handle: u64,
    /// Of the console.
    pub console_flags: u32,
    /// Padding.
    pub reserved: u32,
    /// Standard input, output and error.
    pub standard_handles: [u64; 3],
    /// The current directory as a DOS path that ends with a backslash.
    pub current_directory: UnicodeString,
    /// Its handle.
    pub current_directory_handle: u64,
    /// Where DLLs are looked for.
    pub dll_path: UnicodeString,
    /// The image, as an NT or DOS path.
    pub image_path_name: UnicodeString,
    /// Command line.
    pub command_line: UnicodeString,
    /// Address of the environment, always an address.
    pub environment: u64,
    /// First window: x, y, width, height, width and height in characters, colours, flags, how to show it.
    pub window: [u32; 9],
    /// Padding.
    pub reserved_2: u32,
    /// Title of the first window.
    pub window_title: UnicodeString,
    /// Desktop.
    pub desktop_info: UnicodeString,
    /// For the shell.
    pub shell_info: UnicodeString,
    /// For the C runtime.
    pub runtime_data: UnicodeString,
    /// One for each drive letter.
    pub current_directories: [DriveLetterDirectory; 32],
    /// Bytes of the environment, since Vista.
    pub environment_size: u64,
    /// Counts changes of the environment, since Windows 7.
    pub environment_version: u64,
}

/// What [`FLAG_RESERVE_1MB`](crate::layout::parameters::FLAG_RESERVE_1MB) reserves: address and size. NT asks from
/// address 4 on (spec 7.1); below 64 KiB there is nothing to reserve here.
pub const LOW_MEGABYTE: (u64, u64) = (0x1_0000, 0xF_0000);

const _: () = {
    assert!(size_of::<SectionImageInformation>() == 0x40);
    assert!(offset_of!(SectionImageInformation, subsystem_type) == 0x20);
    assert!(offset_of!(SectionImageInformation, maximum_stack_size) == 0x10);
    assert!(offset_of!(SectionImageInformation, characteristics) == 0x2C);
    assert!(offset_of!(SectionImageInformation, machine) == 0x30);
    assert!(offset_of!(SectionImageInformation, contains_code) == 0x32);
    assert!(offset_of!(SectionImageInformation, checksum) == 0x3C);
    assert!(offset_of!(SectionImageInformation, checksum) == 0x3C);
    assert!(size_of::<UserProcessInformation>() == 0x68);
    assert!(offset_of!(UserProcessInformation, image) == 0x28);
    assert!(size_of::<ProcessParameters>() == 0x400);
    assert!(offset_of!(ProcessParameters, current_directory) == offset::CURRENT_DIRECTORY);
    assert!(offset_of!(ProcessParameters, dll_path) == offset::DLL_PATH);
    assert!(offset_of!(ProcessParameters, image_path_name) == offset::IMAGE_PATH_NAME);
    assert!(offset_of!(ProcessParameters, command_line) == offset::COMMAND_LINE);
    assert!(offset_of!(ProcessParameters, environment) == offset::ENVIRONMENT);
    assert!(offset_of!(ProcessParameters, window_title) == 0xB0);
    assert!(offset_of!(ProcessParameters, runtime_data) == 0xE0);
    assert!(offset_of!(ProcessParameters, current_directories) == offset::SIZE);
    assert!(offset_of!(ProcessParameters, environment_size) == 0x3F0);
};
