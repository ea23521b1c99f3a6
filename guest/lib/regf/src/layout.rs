//! Where things are in a hive file. Offsets and sizes in bytes, numbers little-endian.
//!
//! Source: Maxim Suhanov, "Windows registry file format specification"; its section titles are quoted.

/// "Base block": its size, which is also where the hive bins data begins.
pub const BASE_SIZE: usize = 4096;
/// Hive bins begin and end at multiples of this.
pub const PAGE: usize = 4096;
/// The unit in which disks write, and in which changes are tracked.
pub const SECTOR: usize = 512;
/// An offset that points nowhere.
pub const NONE: u32 = u32::MAX;

/// "Base block": offsets of its fields.
pub mod base {
    pub const SIGNATURE: [u8; 4] = *b"regf";
    pub const PRIMARY_SEQUENCE: usize = 4;
    pub const SECONDARY_SEQUENCE: usize = 8;
    pub const LAST_WRITTEN: usize = 12;
    pub const MAJOR: usize = 20;
    pub const MINOR: usize = 24;
    pub const FILE_TYPE: usize = 28;
    pub const FILE_FORMAT: usize = 32;
    pub const ROOT: usize = 36;
    pub const BINS_SIZE: usize = 40;
    pub const CLUSTERING: usize = 44;
    pub const FILE_NAME: usize = 48;
    pub const FILE_NAME_LEN: usize = 64;
    pub const CHECKSUM: usize = 508;
}

/// "Hive bin".
pub mod hbin {
    pub const SIGNATURE: [u8; 4] = *b"hbin";
    pub const SIZE: usize = 32;
    pub const OFFSET: usize = 4;
    pub const LENGTH: usize = 8;
    pub const TIMESTAMP: usize = 20;
}

/// "Key node".
pub mod nk {
    pub const SIZE: usize = 76;
    pub const FLAGS: usize = 2;
    pub const LAST_WRITTEN: usize = 4;
    pub const PARENT: usize = 16;
    pub const SUBKEY_COUNT: usize = 20;
    pub const SUBKEYS: usize = 28;
    pub const VOLATILE_SUBKEYS: usize = 32;
    pub const VALUE_COUNT: usize = 36;
    pub const VALUES: usize = 40;
    pub const SECURITY: usize = 44;
    pub const CLASS: usize = 48;
    /// The lower 16 bits; newer systems keep flags in the upper ones.
    pub const MAX_SUBKEY_NAME: usize = 52;
    pub const MAX_CLASS: usize = 56;
    pub const MAX_VALUE_NAME: usize = 60;
    pub const MAX_VALUE_DATA: usize = 64;
    pub const NAME_LEN: usize = 72;
    pub const CLASS_LEN: usize = 74;
}

/// "Key value".
pub mod vk {
    pub const SIZE: usize = 20;
    pub const NAME_LEN: usize = 2;
    pub const DATA_SIZE: usize = 4;
    pub const DATA: usize = 8;
    pub const TYPE: usize = 12;
    pub const FLAGS: usize = 16;
    /// The name is Latin-1, one byte a character.
    pub const COMP_NAME: u16 = 1;
    /// In the data size: the data is in the data offset field itself.
    pub const INLINE: u32 = 1 << 31;
}

/// "Key security".
pub mod sk {
    pub const SIZE: usize = 20;
    pub const FLINK: usize = 4;
    pub const BLINK: usize = 8;
    pub const REFERENCES: usize = 12;
    pub const DESCRIPTOR_SIZE: usize = 16;
}

/// "Big data".
pub mod db {
    pub const SIZE: usize = 8;
    pub const COUNT: usize = 2;
    pub const LIST: usize = 4;
    /// Bytes of data in every segment but the last, and the largest data that needs no segments.
    pub const SEGMENT: usize = 16344;
    /// The newest minor version without big data.
    pub const LAST_MINOR_WITHOUT: u32 = 3;
}

/// Reads a field of a record whose size is known: no run-time check is left.
#[inline(always)]
pub fn u16_in<const N: usize>(record: &[u8; N], at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

/// Like [`u16_in`].
#[inline(always)]
pub fn u32_in<const N: usize>(record: &[u8; N], at: usize) -> u32 {
    u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
}

/// Like [`u16_in`].
#[inline(always)]
pub fn u64_in<const N: usize>(record: &[u8; N], at: usize) -> u64 {
    u64::from(u32_in(record, at)) | u64::from(u32_in(record, at + 4)) << 32
}

/// The number at an index in a list of numbers; nothing beyond its end.
#[inline(always)]
pub fn u32_at(list: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*list.get(at..)?.first_chunk()?))
}
