//! The hives at power-off: the kernel leaves a table of them in its memory, for the monitor to save
//! (`docs/platform.md`).
//!
//! The configuration manager keeps a hive as pages: those that nobody has changed are the boot archive's, the
//! others are frames of its own. The table says where they are; nothing is copied, and no exit is taken. It may be
//! made long before the end and kept up to date. All that counts is what it says when the guest powers off or resets the
//! machine. [`crate::kd::DebuggerData::hives`] points to it.
//!
//! All integers are little-endian, all addresses guest-physical. The table with its entries, and each list of pages,
//! lie in one piece of physical memory.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::kd::KD_VERSION;

/// First field of [`HiveTable`].
pub const HIVE_TABLE_MAGIC: u64 = u64::from_le_bytes(*b"HIVEsmvm");
/// Most hives in a table.
pub const HIVES_MAX: u32 = 64;
/// Longest name of a hive, in bytes.
pub const HIVE_NAME_MAX: usize = 32;
/// Size of a page of a hive, in bytes.
pub const HIVE_PAGE: u64 = 4096;
/// Most pages of a hive: the base block and 2 GiB of bins.
pub const HIVE_PAGES_MAX: u32 = (1 << 19) + 1;

/// Head of the table; `count` entries ([`HiveEntry`]) follow it without a gap.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HiveTable {
    /// [`HIVE_TABLE_MAGIC`].
    pub magic: u64,
    /// [`KD_VERSION`].
    pub version: u32,
    /// Number of entries, at most [`HIVES_MAX`].
    pub count: u32,
}

/// A hive.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HiveEntry {
    /// The name of its file (`SYSTEM`), see [`is_hive_name`]; NUL-padded. No two names are the same but for case.
    pub name: [u8; HIVE_NAME_MAX],
    /// Its size in pages of [`HIVE_PAGE`] bytes, base block included, at most [`HIVE_PAGES_MAX`].
    pub pages: u32,
    /// Zero.
    pub reserved: u32,
    /// Where the list of its pages is: `pages` addresses of 64 bits, in the order of the file, each a multiple of
    /// [`HIVE_PAGE`].
    pub page_list: u64,
}

impl HiveTable {
    /// The head of a table with so many entries.
    pub const fn new(count: u32) -> Self {
        Self { magic: HIVE_TABLE_MAGIC, version: KD_VERSION, count }
    }
}

impl HiveEntry {
    /// The entry of a hive. `None`: that is no name of a hive.
    pub fn new(name: &str, pages: u32, page_list: u64) -> Option<Self> {
        if !is_hive_name(name) {
            return None;
        }
        let mut field = [0; HIVE_NAME_MAX];
        field.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Self { name: field, pages, reserved: 0, page_list })
    }
}

/// Whether a hive may have the name: ASCII letters, digits, `_`, `-` and, not as the first one, dots. It becomes the name
/// of a file on the host.
pub fn is_hive_name(name: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=HIVE_NAME_MAX).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(is_good)
}

const _: () = {
    assert!(size_of::<HiveTable>() == 16);
    assert!(size_of::<HiveEntry>() == HIVE_NAME_MAX + 16);
    assert!(core::mem::offset_of!(HiveEntry, page_list).is_multiple_of(8));
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_of_files() {
        for name in ["SYSTEM", "NTUSER.DAT", "a", "user-1_x", &"N".repeat(HIVE_NAME_MAX)] {
            let entry = HiveEntry::new(name, 3, 0x1000).expect(name);
            assert_eq!(crate::kd::padded_str(&entry.name), name);
        }
        for name in ["", ".", "..", ".x", "a/b", r"a\b", "a\0", "ä", "a b", &"N".repeat(HIVE_NAME_MAX + 1)] {
            assert_eq!(HiveEntry::new(name, 3, 0x1000), None, "{name}");
        }
    }
}
