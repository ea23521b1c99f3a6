//! What a folder says of a file.

use alloc::vec::Vec;

use crate::short::Short;

/// Attributes; those that NT has, too, have its values.
pub mod attribute {
    /// Cannot be written.
    pub const READ_ONLY: u8 = 0x01;
    /// Not shown.
    pub const HIDDEN: u8 = 0x02;
    /// Belongs to the system.
    pub const SYSTEM: u8 = 0x04;
    /// The volume's label, or a part of a long name.
    pub const LABEL: u8 = 0x08;
    /// A folder.
    pub const FOLDER: u8 = 0x10;
    /// To be backed up.
    pub const ARCHIVE: u8 = 0x20;
    /// What can be set.
    pub const SETTABLE: u8 = READ_ONLY | HIDDEN | SYSTEM | ARCHIVE;
}

/// A file or folder in a folder. Times are in 100 ns since 1601, 0 for none.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: Vec<u16>,
    /// Its short name, if the name is a long one.
    pub short_name: Vec<u16>,
    /// [`attribute`].
    pub attributes: u8,
    /// Its length in bytes; 0 for folders.
    pub size: u32,
    /// Its first cluster; 0 for none.
    pub first: u32,
    /// When it was made.
    pub created: i64,
    /// Day on which it was last read or written.
    pub accessed: i64,
    /// When it was last written.
    pub written: i64,
    /// A number for as long as it stays in its place.
    pub number: u64,
    /// The folder, by its first cluster; slots of the long name and the entry.
    pub(crate) folder: u32,
    /// The folders on the way there, if it was found by its path.
    pub(crate) ancestors: Vec<u32>,
    pub(crate) slots: (u32, u32),
    pub(crate) short: Short,
}

impl Entry {
    /// The folder of the root folder.
    pub(crate) const NOWHERE: u32 = u32::MAX;

    /// Whether it is a folder.
    pub const fn is_folder(&self) -> bool {
        self.attributes & attribute::FOLDER != 0
    }

    pub(crate) fn of(name: Vec<u16>, folder: u32, slots: (u32, u32), short: Short, root: u32) -> Self {
        let own = short.text();
        let short_name = if own == name { Vec::new() } else { short.plain_text() };
        let is_folder = short.attributes & attribute::FOLDER != 0;
        // Only the entry of a parent may name the root folder, and says 0 then.
        let first = if is_folder && short.first == 0 { root } else { short.first };
        Self {
            name,
            short_name,
            attributes: short.attributes,
            size: if is_folder { 0 } else { short.size },
            first,
            created: short.created.to_time(),
            accessed: short.accessed().to_time(),
            written: short.written.to_time(),
            number: number(folder, slots.1),
            folder,
            ancestors: Vec::new(),
            slots,
            short,
        }
    }
}

/// The number of what has its entry in that place.
pub(crate) const fn number(folder: u32, slot: u32) -> u64 {
    ((folder as u64) << 17 | slot as u64) + 2
}
