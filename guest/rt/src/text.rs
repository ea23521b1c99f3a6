//! UTF-16 text as ntdll and the services want it.

use alloc::vec::Vec;

use nt::types::UnicodeString;

/// Text with a NUL behind it.
#[derive(Debug)]
pub(crate) struct Terminated(Vec<u16>);

impl Terminated {
    /// A copy of the text.
    pub(crate) fn new(text: &[u16]) -> Self {
        Self(text.iter().copied().chain([0]).collect())
    }

    /// Where it begins.
    pub(crate) fn start(&self) -> *const u16 {
        self.0.as_ptr()
    }
}

/// A UNICODE_STRING of a text; it must not outlive it. Longer than 32 766 units it is cut.
pub(crate) fn string_of(text: &[u16]) -> UnicodeString {
    let length = (text.len().min(0x7FFE) * size_of::<u16>()) as u16;
    UnicodeString {
        length,
        maximum_length: length,
        reserved: 0,
        buffer: text.as_ptr().expose_provenance() as u64,
    }
}
