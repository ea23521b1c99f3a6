//! Imports ("The .idata Section").

use crate::directory::Directory;
use crate::error::{Fault, PeError};
use crate::header::Image;
use crate::rva::{read_u16, read_u32, read_u64};

/// Size of a descriptor in bytes.
const DESCRIPTOR: u32 = 20;
/// Size of an import look-up table entry in bytes.
const THUNK: u32 = 8;
/// In a look-up table entry: the low 16 bits are an ordinal.
const BY_ORDINAL: u64 = 1 << 63;

/// How something is looked for in a module's export table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol<'a> {
    /// By name. The hint is where in the sorted table of names to look first.
    Name {
        /// Index to try first.
        hint: u16,
        /// The name, without the NUL.
        name: &'a [u8],
    },
    /// By number, the export table's base included.
    Ordinal(u16),
}

/// Iterator over the modules an image imports from; the first malformed entry ends it.
#[derive(Clone, Debug)]
pub struct ImportModules<'a> {
    image: Image<'a>,
    rva: Option<u32>,
}

/// A module and what is imported from it.
#[derive(Clone, Copy, Debug)]
pub struct ImportModule<'a> {
    /// File name of the module, without the NUL.
    pub name: &'a [u8],
    /// RVA of the import address table: one 64-bit slot for each import.
    pub address_table: u32,
    image: Image<'a>,
    lookup_table: u32,
}

/// Iterator over what is imported from a module; the first malformed entry ends it.
#[derive(Clone, Debug)]
pub struct Imports<'a> {
    image: Image<'a>,
    thunk: Option<u32>,
    slot: u32,
}

/// One import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import<'a> {
    /// RVA of the 64-bit slot that takes the address; it lies inside the image.
    pub slot: u32,
    /// What is wanted.
    pub symbol: Symbol<'a>,
}

impl<'a> Image<'a> {
    /// The modules it imports from; none when it has no import table.
    ///
    /// # Errors
    /// [`Fault::Directory`] when the table lies outside the image.
    pub fn imports(&self) -> Result<ImportModules<'a>, PeError> {
        // The directory's size is not looked at: as for Windows, the table ends with a zero entry.
        let rva = self.directory(Directory::Import)?.map(|directory| directory.rva);
        Ok(ImportModules { image: *self, rva })
    }
}

impl<'a> ImportModules<'a> {
    /// The entry at an RVA: `Some(None)` at the end of the table, `None` for a malformed one.
    fn module(&self, rva: u32) -> Option<Option<ImportModule<'a>>> {
        let descriptor = self.image.slice(rva, DESCRIPTOR)?;
        let lookup = read_u32(descriptor, 0)?;
        let name = read_u32(descriptor, 12)?;
        let address_table = read_u32(descriptor, 16)?;
        if name == 0 || address_table == 0 {
            return Some(None);
        }
        Some(Some(ImportModule {
            name: self.image.string(name)?,
            address_table,
            image: self.image,
            // Without a look-up table the address table serves for both, unbound.
            lookup_table: if lookup == 0 { address_table } else { lookup },
        }))
    }
}

impl<'a> Iterator for ImportModules<'a> {
    type Item = Result<ImportModule<'a>, PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rva = self.rva.take()?;
        match self.module(rva) {
            Some(Some(module)) => {
                self.rva = rva.checked_add(DESCRIPTOR);
                Some(Ok(module))
            }
            Some(None) => None,
            None => Some(Err(PeError::at(Fault::Import, rva))),
        }
    }
}

impl<'a> ImportModule<'a> {
    /// What is imported from it.
    pub fn imports(&self) -> Imports<'a> {
        Imports { image: self.image, thunk: Some(self.lookup_table), slot: self.address_table }
    }
}

impl<'a> Imports<'a> {
    /// The entry at an RVA: `Some(None)` at the end of the table, `None` for a malformed one.
    fn import(&self, rva: u32) -> Option<Option<Import<'a>>> {
        let thunk = read_u64(self.image.slice(rva, THUNK)?, 0)?;
        if thunk == 0 {
            return Some(None);
        }
        if self.slot.checked_add(THUNK)? > self.image.size_of_image() {
            return None;
        }
        let symbol = if thunk & BY_ORDINAL != 0 {
            Symbol::Ordinal(thunk as u16)
        } else {
            let entry = u32::try_from(thunk).ok()?;
            let hint = read_u16(self.image.slice(entry, 2)?, 0)?;
            Symbol::Name { hint, name: self.image.string(entry.checked_add(2)?)? }
        };
        Some(Some(Import { slot: self.slot, symbol }))
    }
}

impl<'a> Iterator for Imports<'a> {
    type Item = Result<Import<'a>, PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rva = self.thunk.take()?;
        match self.import(rva) {
            Some(Some(import)) => {
                self.thunk = rva.checked_add(THUNK);
                self.slot = self.slot.saturating_add(THUNK);
                Some(Ok(import))
            }
            Some(None) => None,
            None => Some(Err(PeError::at(Fault::Import, rva))),
        }
    }
}
