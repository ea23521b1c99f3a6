//! Exports ("The .edata Section (Image Only)").

use core::cmp::Ordering;

use crate::directory::{DataDirectory, Directory};
use crate::error::{Fault, PeError};
use crate::header::Image;
use crate::import::Symbol;
use crate::rva::read_u32;

/// Size of the export directory table in bytes.
const TABLE: u32 = 40;

/// An image's export table.
#[derive(Clone, Copy, Debug)]
pub struct Exports<'a> {
    image: Image<'a>,
    directory: DataDirectory,
    /// The module's own file name, as its linker knew it.
    pub module: &'a [u8],
    /// Number of the first function.
    pub ordinal_base: u32,
    functions: &'a [[u8; 4]],
    names: &'a [[u8; 4]],
    /// For each name the index of its function, without the base.
    ordinals: &'a [[u8; 2]],
}

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export<'a> {
    /// Code or data of this image, at an RVA inside it.
    Address(u32),
    /// Another module has it.
    Forward(Forward<'a>),
}

/// An export that another module has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward<'a> {
    /// The module's file name without its extension.
    pub module: &'a [u8],
    /// What to look for there. It may be a forward again: the caller limits the depth.
    pub symbol: Symbol<'a>,
}

impl<'a> Image<'a> {
    /// The export table; `None` when there is none.
    ///
    /// # Errors
    /// [`Fault::Directory`] or [`Fault::Export`] when a part of the table lies outside the image.
    pub fn exports(&self) -> Result<Option<Exports<'a>>, PeError> {
        let Some(directory) = self.directory(Directory::Export)? else {
            return Ok(None);
        };
        let exports = Exports::decode(*self, directory);
        exports.map(Some).ok_or(PeError::at(Fault::Export, directory.rva))
    }
}

impl<'a> Exports<'a> {
    fn decode(image: Image<'a>, directory: DataDirectory) -> Option<Self> {
        let table = image.slice(directory.rva, TABLE)?;
        let word = |offset| read_u32(table, offset);
        let (functions, names) = (word(20)?, word(24)?);
        Some(Self {
            image,
            directory,
            module: image.string(word(12)?)?,
            ordinal_base: word(16)?,
            functions: array(&image, word(28)?, functions)?,
            names: array(&image, word(32)?, names)?,
            ordinals: array(&image, word(36)?, names)?,
        })
    }

    /// How many numbers there are, unused ones included.
    pub fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// Finds what an import, or a forward, asks for. `None` when it is not exported.
    ///
    /// # Errors
    /// [`Fault::Export`] when the table is malformed where it was looked at.
    pub fn find(&self, symbol: Symbol<'_>) -> Result<Option<Export<'a>>, PeError> {
        match symbol {
            Symbol::Ordinal(ordinal) => self.by_ordinal(u32::from(ordinal)),
            Symbol::Name { hint, name } => {
                let hinted = usize::from(hint);
                if hinted < self.names.len() && self.compare(hinted, name)? == Ordering::Equal {
                    return self.named(hinted);
                }
                self.by_name(name)
            }
        }
    }

    /// Finds an export by name, with a binary search. `None` when it is not exported.
    ///
    /// # Errors
    /// [`Fault::Export`] when the table is malformed where it was looked at.
    pub fn by_name(&self, name: &[u8]) -> Result<Option<Export<'a>>, PeError> {
        let (mut low, mut high) = (0, self.names.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.compare(middle, name)? {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return self.named(middle),
            }
        }
        Ok(None)
    }

    /// Finds an export by number, the base included. `None` for a number out of range or unused.
    ///
    /// # Errors
    /// [`Fault::Export`] when the entry is malformed.
    pub fn by_ordinal(&self, ordinal: u32) -> Result<Option<Export<'a>>, PeError> {
        match ordinal.checked_sub(self.ordinal_base) {
            Some(index) => self.function(index as usize),
            None => Ok(None),
        }
    }

    /// All names with their exports, in order of name.
    pub fn names(&self) -> NamedExports<'a> {
        NamedExports { exports: *self, next: 0 }
    }

    fn name(&self, index: usize) -> Result<&'a [u8], PeError> {
        let rva = self.names.get(index).map(|rva| u32::from_le_bytes(*rva));
        rva.and_then(|rva| self.image.string(rva)).ok_or_else(|| self.malformed(rva))
    }

    /// How a name of the table compares to `name`. It is read as far as that takes: a loader does this ten times an import.
    fn compare(&self, index: usize, name: &[u8]) -> Result<Ordering, PeError> {
        let rva = self.names.get(index).map(|rva| u32::from_le_bytes(*rva));
        let malformed = || self.malformed(rva);
        let bytes = rva.and_then(|rva| self.image.tail(rva)).ok_or_else(malformed)?;
        let mut wanted = name.iter();
        for &byte in bytes {
            match (byte, wanted.next()) {
                (0, None) => return Ok(Ordering::Equal),
                (0, Some(_)) => return Ok(Ordering::Less),
                (_, None) => return Ok(Ordering::Greater),
                (_, Some(other)) if byte == *other => {}
                (_, Some(other)) => return Ok(byte.cmp(other)),
            }
        }
        Err(malformed())
    }

    fn named(&self, index: usize) -> Result<Option<Export<'a>>, PeError> {
        match self.ordinals.get(index) {
            Some(ordinal) => self.function(usize::from(u16::from_le_bytes(*ordinal))),
            None => Ok(None),
        }
    }

    fn function(&self, index: usize) -> Result<Option<Export<'a>>, PeError> {
        let rva = match self.functions.get(index).map(|rva| u32::from_le_bytes(*rva)) {
            None | Some(0) => return Ok(None),
            Some(rva) => rva,
        };
        let malformed = || self.malformed(Some(rva));
        if self.directory.contains(rva) {
            let text = self.image.string(rva).ok_or_else(malformed)?;
            return Forward::parse(text).map(Export::Forward).map(Some).ok_or_else(malformed);
        }
        if rva >= self.image.size_of_image() {
            return Err(malformed());
        }
        Ok(Some(Export::Address(rva)))
    }

    fn malformed(&self, rva: Option<u32>) -> PeError {
        PeError::at(Fault::Export, rva.unwrap_or(self.directory.rva))
    }
}

/// An array of the table; where it has no elements, its address means nothing.
fn array<'a, const N: usize>(image: &Image<'a>, rva: u32, count: u32) -> Option<&'a [[u8; N]]> {
    if count == 0 { Some(&[]) } else { image.array(rva, count) }
}

impl<'a> Forward<'a> {
    /// Takes `NTDLL.RtlAllocateHeap` or `NTDLL.#12` apart. The last dot parts module and symbol.
    fn parse(text: &'a [u8]) -> Option<Self> {
        let dot = text.iter().rposition(|&byte| byte == b'.')?;
        let (module, name) = (text.get(..dot)?, text.get(dot + 1..)?);
        let symbol = match name {
            [] => return None,
            [b'#', digits @ ..] => Symbol::Ordinal(core::str::from_utf8(digits).ok()?.parse().ok()?),
            name => Symbol::Name { hint: 0, name },
        };
        (!module.is_empty()).then_some(Self { module, symbol })
    }
}

/// Iterator over the names of an export table; the first malformed entry ends it.
#[derive(Clone, Debug)]
pub struct NamedExports<'a> {
    exports: Exports<'a>,
    next: usize,
}

impl<'a> Iterator for NamedExports<'a> {
    type Item = Result<(&'a [u8], Export<'a>), PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let exports = &self.exports;
        while self.next < exports.names.len() {
            let index = self.next;
            self.next += 1;
            let export =
                exports.name(index).and_then(|name| Ok(exports.named(index)?.map(|export| (name, export))));
            match export {
                Ok(Some(export)) => return Some(Ok(export)),
                // A name for an unused number: nothing is exported under it.
                Ok(None) => {}
                Err(error) => {
                    self.next = exports.names.len();
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwards_are_taken_apart_at_the_last_dot() {
        let name = Symbol::Name { hint: 0, name: b"Sleep" };
        let forward = |module| Some(Forward { module, symbol: name });
        assert_eq!(Forward::parse(b"KERNEL32.Sleep"), forward(b"KERNEL32"));
        assert_eq!(Forward::parse(b"a.b.Sleep"), forward(b"a.b"));
        let ordinal = Forward { module: b"WS2", symbol: Symbol::Ordinal(115) };
        assert_eq!(Forward::parse(b"WS2.#115"), Some(ordinal));
        for bad in [&b""[..], b".", b"x", b"x.", b".x", b"x.#", b"x.#65536", b"x.#\xFF"] {
            assert_eq!(Forward::parse(bad), None, "{}", bad.escape_ascii());
        }
    }
}
