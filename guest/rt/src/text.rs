//! UTF-16 text as ntdll and the services want it.

use alloc::boxed::Box;
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

/// A text and its UNICODE_STRING, for whoever reads both from another process.
#[derive(Debug)]
pub struct Pointed {
    string: Box<UnicodeString>,
    _text: Vec<u16>,
}

impl Pointed {
    /// A copy of the text.
    pub fn new(text: &[u16]) -> Self {
        let text = text.to_vec();
        Self { string: Box::new(string_of(&text)), _text: text }
    }

    /// Where the UNICODE_STRING lies, as long as this lives.
    pub fn address(&self) -> u64 {
        core::ptr::from_ref(&*self.string).expose_provenance() as u64
    }
}
