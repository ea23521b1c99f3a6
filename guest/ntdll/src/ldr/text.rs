//! Names and paths while they are put together.
#![expect(unsafe_code, reason = "reads UNICODE_STRINGs and NUL-terminated texts")]

use nt::NtStatus;
use nt::types::UnicodeString;

/// Longest path, in characters. Windows' own limit for DLLs is 260.
const MAX: usize = 300;

/// A text of up to [`MAX`] UTF-16 units.
#[derive(Clone, Copy)]
pub struct Text {
    units: [u16; MAX],
    len: usize,
}

impl Text {
    /// No text yet.
    pub const fn new() -> Self {
        Self { units: [0; MAX], len: 0 }
    }

    /// Appends units.
    ///
    /// # Errors
    /// NAME_TOO_LONG.
    pub fn push(&mut self, units: impl IntoIterator<Item = u16>) -> Result<(), NtStatus> {
        for unit in units {
            *self.units.get_mut(self.len).ok_or(NtStatus::NAME_TOO_LONG)? = unit;
            self.len += 1;
        }
        Ok(())
    }

    /// Appends bytes of ASCII.
    ///
    /// # Errors
    /// NAME_TOO_LONG.
    pub fn push_ascii(&mut self, text: &[u8]) -> Result<(), NtStatus> {
        self.push(text.iter().map(|&byte| byte.into()))
    }

    /// Forgets all behind the first `len` units.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// The units.
    pub fn units(&self) -> &[u16] {
        self.units.get(..self.len).unwrap_or(&[])
    }

    /// A string that describes the text; it is valid as long as the text stays where it is.
    pub fn string(&self) -> UnicodeString {
        let length = (2 * self.len) as u16;
        let buffer = self.units.as_ptr().expose_provenance() as u64;
        UnicodeString { length, maximum_length: length, reserved: 0, buffer }
    }

    /// The part behind the last separator.
    pub fn base_name(&self) -> &[u16] {
        base_name(self.units())
    }
}

/// Whether a unit parts folders.
pub fn is_separator(unit: u16) -> bool {
    unit == u16::from(b'\\') || unit == u16::from(b'/')
}

/// The part of a path behind its last separator.
pub fn base_name(path: &[u16]) -> &[u16] {
    path.rsplit(|&unit| is_separator(unit)).next().unwrap_or(path)
}

/// Whether two names are the same, whatever their case.
pub fn same(a: &[u16], b: &[u16]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| a == b || nt::upcase(a) == nt::upcase(b))
}

/// The units of a string.
///
/// # Safety
/// What it describes is valid as long as the result is used.
pub unsafe fn units_of<'a>(string: &UnicodeString) -> &'a [u16] {
    let len = usize::from(string.length / 2);
    if string.buffer == 0 || len == 0 {
        return &[];
    }
    // SAFETY: as the caller says.
    unsafe { core::slice::from_raw_parts(core::ptr::with_exposed_provenance(string.buffer as usize), len) }
}

/// The units before the NUL.
///
/// # Safety
/// The text ends with a NUL and is valid as long as the result is used.
pub unsafe fn until_nul<'a>(text: *const u16) -> &'a [u16] {
    let mut len = 0;
    // SAFETY: as the caller says.
    unsafe {
        while *text.add(len) != 0 {
            len += 1;
        }
        core::slice::from_raw_parts(text, len)
    }
}
