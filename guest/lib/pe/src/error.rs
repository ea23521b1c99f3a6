//! What can be wrong with an image, and where.

use core::fmt;

/// An image that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeError {
    /// What is wrong.
    pub fault: Fault,
    /// Where. Bytes from the start of the file for everything up to [`Fault::Section`], an RVA
    /// for the rest.
    pub offset: u32,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// The file ends before its headers do.
    Truncated,
    /// It does not begin with `MZ`, or the PE header it points to is not one.
    Signature,
    /// It is for another processor.
    Machine,
    /// It is PE32, a ROM image, an object file, or not linked without errors.
    Format,
    /// Section or file alignment is not one that can be mapped.
    Alignment,
    /// Image base, image size, size of headers or entry point make no sense.
    Extent,
    /// A section is out of order, outside the image, or its data is outside the file.
    Section,
    /// A data directory lies outside the image, or is too small for what it is.
    Directory,
    /// A relocation block or entry is malformed, of a type x86-64 does not use, or outside the image.
    Relocation,
    /// An import table entry is malformed or points outside the image.
    Import,
    /// An export table entry is malformed or points outside the image.
    Export,
    /// The thread-local storage directory points outside the image.
    Tls,
}

impl PeError {
    /// An error somewhere; offsets beyond 4 GiB are cut to that.
    pub(crate) fn new(fault: Fault, offset: usize) -> Self {
        Self { fault, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// An error in what lies at an RVA.
    pub(crate) fn at(fault: Fault, rva: u32) -> Self {
        Self { fault, offset: rva }
    }
}

impl fmt::Display for PeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.fault {
            Fault::Truncated => "the image file is cut short",
            Fault::Signature => "not an image file",
            Fault::Machine => "an image for another processor",
            Fault::Format => "not a finished 64-bit image",
            Fault::Alignment => "alignments that cannot be mapped",
            Fault::Extent => "image size, base or entry point make no sense",
            Fault::Section => "a section is out of order or out of bounds",
            Fault::Directory => "a data directory is out of bounds",
            Fault::Relocation => "a malformed relocation",
            Fault::Import => "a malformed import",
            Fault::Export => "a malformed export",
            Fault::Tls => "a malformed thread-local storage directory",
        };
        write!(f, "{text} (at {:#x})", self.offset)
    }
}

impl core::error::Error for PeError {}
