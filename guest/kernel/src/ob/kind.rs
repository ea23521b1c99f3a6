//! What is fixed for each type of object: its name and what the generic access rights mean to it.
//! Source: Microsoft's documentation of access rights; phnt's names of object types.

use super::body::Kind;

/// Generic rights in a desired access.
pub const GENERIC_READ: u32 = 0x8000_0000;
/// See [`GENERIC_READ`].
pub const GENERIC_WRITE: u32 = 0x4000_0000;
/// See [`GENERIC_READ`].
pub const GENERIC_EXECUTE: u32 = 0x2000_0000;
/// See [`GENERIC_READ`].
pub const GENERIC_ALL: u32 = 0x1000_0000;
/// As much as there is to have.
pub const MAXIMUM_ALLOWED: u32 = 0x0200_0000;

/// READ_CONTROL, which every reading, writing or executing access includes.
const READ_CONTROL: u32 = 0x0002_0000;
/// DELETE, READ_CONTROL, WRITE_DAC, WRITE_OWNER.
const STANDARD: u32 = 0x000F_0000;
const SYNCHRONIZE: u32 = 0x0010_0000;

/// What a type is called and how its rights go together.
#[derive(Debug)]
pub struct TypeInfo {
    /// The type's name, as `NtQueryObject` and `\ObjectTypes` have it.
    pub name: &'static str,
    /// GENERIC_READ, GENERIC_WRITE, GENERIC_EXECUTE, GENERIC_ALL in specific and standard rights.
    pub mapping: [u32; 4],
}

const fn info(name: &'static str, read: u32, write: u32, execute: u32, all: u32) -> TypeInfo {
    TypeInfo {
        name,
        mapping: [READ_CONTROL | read, READ_CONTROL | write, READ_CONTROL | execute, STANDARD | all],
    }
}

/// Files and devices have the same rights (`nt::file::access`).
const fn file(name: &'static str) -> TypeInfo {
    info(name, SYNCHRONIZE | 0x89, SYNCHRONIZE | 0x116, SYNCHRONIZE | 0xA0, SYNCHRONIZE | 0x1FF)
}

impl Kind {
    /// What is fixed for the type.
    pub const fn info(self) -> &'static TypeInfo {
        match self {
            Self::Directory => const { &info("Directory", 0x3, 0xC, 0x3, 0xF) },
            Self::SymbolicLink => const { &info("SymbolicLink", 0x1, 0, 0x1, 0x1) },
            Self::Process => const { &info("Process", 0x410, 0x82A, SYNCHRONIZE, SYNCHRONIZE | 0xFFF) },
            Self::Thread => const { &info("Thread", 0x48, 0x37, SYNCHRONIZE, SYNCHRONIZE | 0x3FF) },
            Self::Device => const { &file("Device") },
            Self::Driver => const { &info("Driver", 0, 0, 0, 0) },
            Self::File => const { &file("File") },
            Self::Key => const { &info("Key", 0x19, 0x6, 0x19, 0x3F) },
        }
    }

    /// A desired access with its generic rights replaced by what they mean.
    #[inline]
    pub fn map_generic(self, access: u32) -> u32 {
        if access & (GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL) == 0 {
            return access;
        }
        let [read, write, execute, all] = self.info().mapping;
        let mut mapped = access & 0x0FFF_FFFF;
        for (bit, rights) in
            [(GENERIC_READ, read), (GENERIC_WRITE, write), (GENERIC_EXECUTE, execute), (GENERIC_ALL, all)]
        {
            if access & bit != 0 {
                mapped |= rights;
            }
        }
        mapped
    }
}
