//! Units of text: bytes of the ANSI code page, or UTF-16.

use nt::{downcase, upcase};

use crate::codepage;

/// A unit of text. Many functions come in two versions that differ in nothing else.
pub trait Unit: Copy + Ord + From<u8> + Into<u32> {
    /// The same character in UTF-16.
    fn to_wide(self) -> u16;

    /// The character of a UTF-16 unit; `?` if there is none.
    fn from_wide(unit: u16) -> Self;

    /// Its number, if it is ASCII.
    fn ascii(self) -> Option<u8> {
        u8::try_from(self.into()).ok().filter(u8::is_ascii)
    }

    /// With an ASCII capital made small.
    fn ascii_lower(self) -> Self {
        self.ascii().map_or(self, |byte| Self::from(byte.to_ascii_lowercase()))
    }

    /// With a small ASCII letter made a capital.
    fn ascii_upper(self) -> Self {
        self.ascii().map_or(self, |byte| Self::from(byte.to_ascii_uppercase()))
    }

    /// The capital, as names are compared.
    fn upper(self) -> Self {
        Self::from_wide(upcase(self.to_wide()))
    }

    /// The small letter.
    fn lower(self) -> Self {
        Self::from_wide(downcase(self.to_wide()))
    }
}

impl Unit for u8 {
    fn to_wide(self) -> u16 {
        codepage::to_wide(self)
    }

    fn from_wide(unit: u16) -> Self {
        codepage::from_wide(unit)
    }
}

impl Unit for u16 {
    fn to_wide(self) -> u16 {
        self
    }

    fn from_wide(unit: u16) -> Self {
        unit
    }
}
