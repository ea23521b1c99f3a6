//! Thread-local storage ("The .tls Section").

use core::ops::Range;

use crate::directory::Directory;
use crate::error::{Fault, PeError};
use crate::header::Image;
use crate::rva::{read_u32, read_u64};

/// Size of the TLS directory in bytes.
const TABLE: u32 = 40;

/// The TLS directory. It holds addresses, not RVAs; they are turned into RVAs inside the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// What each thread's block begins with, as RVAs; the part behind the file's data is zero.
    pub template: Range<u32>,
    /// RVA of the 32-bit variable that takes the module's TLS index.
    pub index: u32,
    /// RVA of the array of callbacks.
    pub callbacks: Option<u32>,
    /// How many zero bytes follow the template in each thread's block.
    pub zero_fill: u32,
    /// `IMAGE_SCN_ALIGN_*` flags: the block's alignment.
    pub characteristics: u32,
}

/// Iterator over the RVAs of TLS callbacks; the first one outside the image ends it.
#[derive(Clone, Debug)]
pub struct TlsCallbacks<'a> {
    image: Image<'a>,
    base: u64,
    rva: Option<u32>,
}

impl<'a> Image<'a> {
    /// The TLS directory; `None` when there is none. `base` is what the addresses in the bytes are
    /// relative to: [`Image::image_base`] in a file, where it was loaded in relocated memory.
    ///
    /// # Errors
    /// [`Fault::Tls`] or [`Fault::Directory`] when an address lies outside the image.
    pub fn tls(&self, base: u64) -> Result<Option<Tls>, PeError> {
        let Some(directory) = self.directory(Directory::Tls)? else {
            return Ok(None);
        };
        let tls = self.slice(directory.rva, TABLE).and_then(|table| self.decode_tls(table, base));
        tls.map(Some).ok_or(PeError::at(Fault::Tls, directory.rva))
    }

    /// The functions to call when threads come and go.
    pub fn tls_callbacks(&self, tls: &Tls, base: u64) -> TlsCallbacks<'a> {
        TlsCallbacks { image: *self, base, rva: tls.callbacks }
    }

    fn decode_tls(&self, table: &[u8], base: u64) -> Option<Tls> {
        let address = |offset| self.rva_of(read_u64(table, offset)?, base);
        let template = match (read_u64(table, 0)?, read_u64(table, 8)?) {
            (0, 0) => 0..0,
            _ => address(0)?..address(8)?,
        };
        let index = address(16)?;
        let callbacks = match read_u64(table, 24)? {
            0 => None,
            _ => Some(address(24)?),
        };
        let index_end = index.checked_add(4)?;
        if template.start > template.end || index_end > self.size_of_image() {
            return None;
        }
        let (zero_fill, characteristics) = (read_u32(table, 32)?, read_u32(table, 36)?);
        Some(Tls { template, index, callbacks, zero_fill, characteristics })
    }

    /// The RVA of an address in the image, or of its end.
    fn rva_of(&self, address: u64, base: u64) -> Option<u32> {
        let rva = u32::try_from(address.checked_sub(base)?).ok()?;
        (rva <= self.size_of_image()).then_some(rva)
    }
}

impl Iterator for TlsCallbacks<'_> {
    type Item = Result<u32, PeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rva = self.rva.take()?;
        let callback = || {
            let address = read_u64(self.image.slice(rva, 8)?, 0)?;
            Some((address != 0).then_some(address))
        };
        let Some(address) = callback() else {
            return Some(Err(PeError::at(Fault::Tls, rva)));
        };
        match self.image.rva_of(address?, self.base) {
            Some(callback) if callback < self.image.size_of_image() => {
                self.rva = rva.checked_add(8);
                Some(Ok(callback))
            }
            _ => Some(Err(PeError::at(Fault::Tls, rva))),
        }
    }
}
