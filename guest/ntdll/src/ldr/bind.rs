//! Binding an image's imports.
#![expect(unsafe_code, reason = "writes to the import address table")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use pe::{Directory, Image};

use super::data::Module;
use super::export::Exporter;
use super::lock::Loader;
use super::search::Path;
use super::text::Text;
use super::writable::Writable;
use super::{entries, report};

/// Size of a slot of the import address table in bytes.
const SLOT: u32 = 8;

fn malformed<E>(_: E) -> NtStatus {
    NtStatus::INVALID_IMAGE_FORMAT
}

impl Loader {
    /// Loads what a module imports from, and fills its import address table.
    ///
    /// # Errors
    /// DLL_NOT_FOUND, ENTRYPOINT_NOT_FOUND, ORDINAL_NOT_FOUND, INVALID_IMAGE_FORMAT, and what mapping an image gives.
    pub fn bind(&mut self, module: *mut Module, image: &Image<'_>, path: &Path<'_>) -> Result<(), NtStatus> {
        let base = entries::base_of(module);
        let imports = image.imports().map_err(malformed)?;
        // The tables of all modules lie in one range, and few linkers do not say where.
        let tables = image.directory(Directory::ImportAddress).map_err(malformed)?;
        let _all = tables.map(|tables| Writable::new(image, base, tables.rva, tables.size)).transpose()?;
        for import in imports {
            let import = import.map_err(malformed)?;
            let at = import.address_table;
            let _own = if tables.is_some_and(|tables| tables.contains(at)) {
                None
            } else {
                let size = SLOT * import.imports().count() as u32;
                Some(Writable::new(image, base, at, size.max(SLOT))?)
            };
            let mut name = Text::new();
            name.push_ascii(import.name)?;
            let target = self
                .need(module, &name, path)
                .inspect_err(|&status| report::module(module, name.units(), status))?;
            let exporter = Exporter::new(target)?;
            for import in import.imports() {
                let import = import.map_err(malformed)?;
                let address = self
                    .resolve(&exporter, &import.symbol, path)
                    .inspect_err(|&status| report::symbol(module, target, &import.symbol, status))?;
                let slot = with_exposed_provenance_mut::<u64>((base + u64::from(import.slot)) as usize);
                // SAFETY: the slot lies in the image, in a range that can be written to now.
                unsafe { slot.write_unaligned(address) };
            }
        }
        Ok(())
    }
}
