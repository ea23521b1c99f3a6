//! Access masks: bits that mean the same for every type, and the mapping of the generic ones.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Delete the object (its name, for kernel objects).
pub const DELETE: u32 = 0x0001_0000;
/// Read owner, group and DACL.
pub const READ_CONTROL: u32 = 0x0002_0000;
/// Replace the DACL.
pub const WRITE_DAC: u32 = 0x0004_0000;
/// Replace owner and group.
pub const WRITE_OWNER: u32 = 0x0008_0000;
/// Wait for the object.
pub const SYNCHRONIZE: u32 = 0x0010_0000;
/// What "all" means for standard rights without [`SYNCHRONIZE`].
pub const STANDARD_RIGHTS_REQUIRED: u32 = 0x000F_0000;
/// Standard rights of reading.
pub const STANDARD_RIGHTS_READ: u32 = READ_CONTROL;
/// Standard rights of writing.
pub const STANDARD_RIGHTS_WRITE: u32 = READ_CONTROL;
/// Standard rights of executing.
pub const STANDARD_RIGHTS_EXECUTE: u32 = READ_CONTROL;
/// Every standard right.
pub const STANDARD_RIGHTS_ALL: u32 = 0x001F_0000;
/// The rights whose meaning the type defines.
pub const SPECIFIC_RIGHTS_ALL: u32 = 0x0000_FFFF;
/// Read and replace the SACL.
pub const ACCESS_SYSTEM_SECURITY: u32 = 0x0100_0000;
/// Asks for as much as the descriptor grants.
pub const MAXIMUM_ALLOWED: u32 = 0x0200_0000;
/// Everything.
pub const GENERIC_ALL: u32 = 0x1000_0000;
/// Execute.
pub const GENERIC_EXECUTE: u32 = 0x2000_0000;
/// Write.
pub const GENERIC_WRITE: u32 = 0x4000_0000;
/// Read.
pub const GENERIC_READ: u32 = 0x8000_0000;
/// The four generic bits.
pub const GENERIC_RIGHTS: u32 = GENERIC_ALL | GENERIC_EXECUTE | GENERIC_WRITE | GENERIC_READ;

/// GENERIC_MAPPING: what the generic rights mean for a type.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct GenericMapping {
    /// [`GENERIC_READ`].
    pub read: u32,
    /// [`GENERIC_WRITE`].
    pub write: u32,
    /// [`GENERIC_EXECUTE`].
    pub execute: u32,
    /// [`GENERIC_ALL`].
    pub all: u32,
}

impl GenericMapping {
    /// A mask without generic rights: each is replaced by what it stands for (`RtlMapGenericMask`).
    #[inline]
    pub const fn map(&self, mask: u32) -> u32 {
        if mask & GENERIC_RIGHTS == 0 {
            return mask;
        }
        let mut mapped = mask & !GENERIC_RIGHTS;
        if mask & GENERIC_READ != 0 {
            mapped |= self.read;
        }
        if mask & GENERIC_WRITE != 0 {
            mapped |= self.write;
        }
        if mask & GENERIC_EXECUTE != 0 {
            mapped |= self.execute;
        }
        if mask & GENERIC_ALL != 0 {
            mapped |= self.all;
        }
        mapped
    }
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<GenericMapping>() == 16 && offset_of!(GenericMapping, all) == 12);
    assert!(STANDARD_RIGHTS_ALL == DELETE | READ_CONTROL | WRITE_DAC | WRITE_OWNER | SYNCHRONIZE);
    let mapping = GenericMapping { read: 1, write: 2, execute: 4, all: 15 };
    assert!(mapping.map(GENERIC_READ | GENERIC_EXECUTE | DELETE) == DELETE | 5);
    assert!(mapping.map(GENERIC_WRITE) == 2 && mapping.map(GENERIC_ALL) == 15 && mapping.map(8) == 8);
};
