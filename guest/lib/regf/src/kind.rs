//! "Data types".

use core::fmt;

/// What a value's data is said to be. Any number is legal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegType(pub u32);

impl RegType {
    /// `REG_NONE`.
    pub const NONE: Self = Self(0);
    /// `REG_SZ`: UTF-16LE, usually with a zero at its end.
    pub const SZ: Self = Self(1);
    /// `REG_EXPAND_SZ`: a string with `%NAME%` in it.
    pub const EXPAND_SZ: Self = Self(2);
    /// `REG_BINARY`.
    pub const BINARY: Self = Self(3);
    /// `REG_DWORD`: 32 bits, little-endian.
    pub const DWORD: Self = Self(4);
    /// `REG_DWORD_BIG_ENDIAN`.
    pub const DWORD_BIG_ENDIAN: Self = Self(5);
    /// `REG_LINK`: UTF-16LE without a zero at its end.
    pub const LINK: Self = Self(6);
    /// `REG_MULTI_SZ`: strings, each with a zero at its end, and one more zero.
    pub const MULTI_SZ: Self = Self(7);
    /// `REG_RESOURCE_LIST`.
    pub const RESOURCE_LIST: Self = Self(8);
    /// `REG_FULL_RESOURCE_DESCRIPTOR`.
    pub const FULL_RESOURCE_DESCRIPTOR: Self = Self(9);
    /// `REG_RESOURCE_REQUIREMENTS_LIST`.
    pub const RESOURCE_REQUIREMENTS_LIST: Self = Self(10);
    /// `REG_QWORD`: 64 bits, little-endian.
    pub const QWORD: Self = Self(11);

    /// Its name in C headers, if it has one.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 12] = [
            "REG_NONE",
            "REG_SZ",
            "REG_EXPAND_SZ",
            "REG_BINARY",
            "REG_DWORD",
            "REG_DWORD_BIG_ENDIAN",
            "REG_LINK",
            "REG_MULTI_SZ",
            "REG_RESOURCE_LIST",
            "REG_FULL_RESOURCE_DESCRIPTOR",
            "REG_RESOURCE_REQUIREMENTS_LIST",
            "REG_QWORD",
        ];
        NAMES.get(self.0 as usize).copied()
    }
}

impl fmt::Display for RegType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}
