//! `.reg` text: what the registry editor exports and imports.
//!
//! Both versions: `REGEDIT4` (Latin-1) and `Windows Registry Editor Version 5.00` (UTF-16LE with a byte order mark,
//! or UTF-8). Lines end in LF or CRLF.
//!
//! ```text
//! Windows Registry Editor Version 5.00
//!
//! ; A comment. A key is made if there is none, and deleted with a minus.
//! [HKEY_LOCAL_MACHINE\SYSTEM\Select]
//! "Current"=dword:00000001
//! @="the default value"
//! "Path"=hex(2):25,00,53,00,79,00,\
//!   73,00,00,00
//! "Gone"=-
//! [-HKEY_LOCAL_MACHINE\SYSTEM\Old]
//! ```
//!
//! A string may go over several lines. In it, `\` stands before `\` and `"`, and before nothing else.
//! Beyond what the registry editor reads, strings may be written as such: `str(2):"%SystemRoot%\\x"` and, with
//! `\0` between and behind strings, `str(7):"one\0two\0"`, as Wine's registry files have it.
//! In `REGEDIT4` text, the bytes of `hex(1)`, `hex(2)` and `hex(7)` are Latin-1 characters, not UTF-16.
//! Class names, security descriptors and times are not in such text. Source: Microsoft, "How to add, modify,
//! or delete registry subkeys and values by using a .reg file" (support article 310516).

mod apply;
mod cursor;
mod data;
mod decode;
mod error;
mod export;
mod parse;

use alloc::vec::Vec;

pub use apply::{Applied, ApplyError, Mapping};
pub use error::{ExportError, RegError, RegFault};
pub use export::{Encoding, export};

use crate::kind::RegType;

/// The version that the first line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `REGEDIT4`.
    V4,
    /// `Windows Registry Editor Version 5.00`.
    V5,
}

/// Text that has been read: keys in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegFile {
    /// Its version.
    pub version: Version,
    /// Its keys. One may come more than once.
    pub entries: Vec<Entry>,
}

/// A key in brackets and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// All that is in the brackets, in UTF-16, without the minus.
    pub path: Vec<u16>,
    /// Whether the key is to be deleted with all below it. Then there are no values.
    pub is_deletion: bool,
    /// What to do with its values, in order.
    pub values: Vec<ValueEdit>,
    /// The line it is in, from 1.
    pub line: u32,
}

/// What to do with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueEdit {
    /// Its name in UTF-16; empty for the default value.
    pub name: Vec<u16>,
    /// What it shall be; `None` to delete it.
    pub data: Option<(RegType, Vec<u8>)>,
    /// The line it is in, from 1.
    pub line: u32,
}

impl RegFile {
    /// Reads text.
    ///
    /// # Errors
    /// [`RegError`]: the first thing that is wrong, and in which line and column.
    pub fn parse(text: &[u8]) -> Result<Self, RegError> {
        parse::parse(text)
    }
}
