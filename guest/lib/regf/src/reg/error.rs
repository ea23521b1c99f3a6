//! What can be wrong with `.reg` text.

use alloc::string::String;
use core::fmt;

use crate::error::HiveError;

/// Text that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegError {
    /// What is wrong.
    pub fault: RegFault,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in UTF-16 units (in `REGEDIT4` text: bytes).
    pub column: u32,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegFault {
    /// The first line names neither version.
    Header,
    /// UTF-16 of an odd number of bytes, or bytes that are no UTF-8.
    Encoding,
    /// A line that is no key, no value and no comment.
    Line,
    /// A key without its closing bracket, or with nothing in the brackets.
    Key,
    /// A value before the first key, or after a key that is deleted.
    NoKey,
    /// A quotation mark that is never closed.
    Unterminated,
    /// A `\` in a string before something other than `\` and `"`.
    Escape,
    /// A name without `=` behind it.
    Equals,
    /// Data that is neither a string, nor `dword:`, `hex:`, `hex(n):`, `str(n):` or `-`.
    Data,
    /// A number that is none, or too large.
    Number,
    /// Something behind the data that is no comment.
    Trailing,
}

impl fmt::Display for RegError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.fault {
            RegFault::Header => {
                "the first line must be \"Windows Registry Editor Version 5.00\" or \"REGEDIT4\""
            }
            RegFault::Encoding => "neither UTF-8 nor UTF-16",
            RegFault::Line => "neither a key, nor a value, nor a comment",
            RegFault::Key => "a key needs its path in brackets",
            RegFault::NoKey => "a value that belongs to no key",
            RegFault::Unterminated => "a quotation mark that is never closed",
            RegFault::Escape => "in a string, a \\ must be followed by \\ or \"",
            RegFault::Equals => "a name must be followed by =",
            RegFault::Data => "data must be a string, dword:, hex:, hex(n):, str(n): or -",
            RegFault::Number => "not a hexadecimal number, or too large a one",
            RegFault::Trailing => "something is left behind the data",
        };
        write!(f, "line {}, column {}: {text}", self.line, self.column)
    }
}

impl core::error::Error for RegError {}

/// Why a hive cannot be written as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// The hive is damaged.
    Damaged(HiveError),
    /// The encoding cannot hold a name or a string of this key.
    Unencodable {
        /// The key's path.
        key: String,
    },
}

impl From<HiveError> for ExportError {
    fn from(error: HiveError) -> Self {
        Self::Damaged(error)
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(error) => error.fmt(f),
            Self::Unencodable { key } => write!(f, "the text cannot hold what is in {key}"),
        }
    }
}

impl core::error::Error for ExportError {}
