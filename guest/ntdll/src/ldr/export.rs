//! Finding what a module exports, also when another one has it.

use nt::NtStatus;
use pe::{Export, Exports, Symbol};

use super::data::Module;
use super::image;
use super::lock::Loader;
use super::search::Path;
use super::text::Text;

/// Most forwards on the way to an address: more go round in a circle.
const MAX_FORWARDS: u32 = 16;

/// A module and its table of exports, for many look-ups.
pub struct Exporter<'a> {
    pub module: *mut Module,
    base: u64,
    exports: Option<Exports<'a>>,
}

/// What is said when a symbol is not exported.
pub fn not_found(symbol: &Symbol<'_>) -> NtStatus {
    match symbol {
        Symbol::Name { .. } => NtStatus::ENTRYPOINT_NOT_FOUND,
        Symbol::Ordinal(_) => NtStatus::ORDINAL_NOT_FOUND,
    }
}

impl Exporter<'_> {
    /// A module's exports.
    ///
    /// # Errors
    /// INVALID_IMAGE_FORMAT.
    pub fn new(module: *mut Module) -> Result<Self, NtStatus> {
        let image = image::of(module)?;
        let exports = image.exports().map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
        Ok(Self { module, base: super::entries::base_of(module), exports })
    }
}

impl Loader {
    /// The address of what an exporter has under a name or number. A module that it is forwarded to is loaded, and kept by
    /// the forwarding one.
    ///
    /// # Errors
    /// ENTRYPOINT_NOT_FOUND, ORDINAL_NOT_FOUND, INVALID_IMAGE_FORMAT, and what loading a module gives.
    pub fn resolve(
        &mut self,
        exporter: &Exporter<'_>,
        symbol: &Symbol<'_>,
        path: &Path<'_>,
    ) -> Result<u64, NtStatus> {
        match find(exporter, symbol)? {
            Export::Address(rva) => Ok(exporter.base + u64::from(rva)),
            Export::Forward(forward) => self.follow(exporter.module, forward, path),
        }
    }

    fn follow(
        &mut self,
        mut module: *mut Module,
        mut forward: pe::Forward<'_>,
        path: &Path<'_>,
    ) -> Result<u64, NtStatus> {
        for _ in 0..MAX_FORWARDS {
            let mut name = Text::new();
            name.push_ascii(forward.module)?;
            name.push_ascii(b".dll")?;
            let target = self.need(module, &name, path)?;
            let exporter = Exporter::new(target)?;
            match find(&exporter, &forward.symbol)? {
                Export::Address(rva) => return Ok(exporter.base + u64::from(rva)),
                Export::Forward(next) => (module, forward) = (target, next),
            }
        }
        Err(NtStatus::INVALID_IMAGE_FORMAT)
    }
}

fn find<'a>(exporter: &Exporter<'a>, symbol: &Symbol<'_>) -> Result<Export<'a>, NtStatus> {
    let exports = exporter.exports.as_ref().ok_or_else(|| not_found(symbol))?;
    let found = exports.find(*symbol).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
    found.ok_or_else(|| not_found(symbol))
}
