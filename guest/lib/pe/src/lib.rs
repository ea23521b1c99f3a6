//! PE32+ image files for x86-64: what a loader must know, checked so that it can be trusted.
//!
//! [`Image::parse`] checks the headers; everything behind them is decoded, and checked, when it is
//! asked for: [`Image::sections`], [`Image::relocations`], [`Image::imports`], [`Image::exports`],
//! [`Image::tls`]. Nothing is allocated. Whatever the bytes are, nothing panics, every loop is
//! bounded by the file's size, and every range that is handed out lies inside the file or the
//! image. Where Windows' loader is laxer than the specification, so is this crate, as the comments say.
//!
//! "RVA" is an address relative to where the image begins in memory. Source: Microsoft's "PE Format"
//! (learn.microsoft.com/windows/win32/debug/pe-format); section titles of it are quoted.
#![no_std]
#![forbid(unsafe_code)]

mod checksum;
mod directory;
mod error;
mod export;
mod fields;
mod header;
mod import;
mod reloc;
mod rva;
mod section;
mod tls;

pub use directory::{DataDirectory, Directory};
pub use error::{Fault, PeError};
pub use export::{Export, Exports, Forward, NamedExports};
pub use fields::{CHARACTERISTIC_DLL, CHARACTERISTIC_EXECUTABLE, CHARACTERISTIC_RELOCS_STRIPPED};
pub use fields::{MACHINE_AMD64, SUBSYSTEM_CONSOLE, SUBSYSTEM_GUI, SUBSYSTEM_NATIVE};
pub use header::{Image, Layout};
pub use import::{Import, ImportModule, ImportModules, Imports, Symbol};
pub use reloc::{Fixups, RelocationBlock, Relocations};
pub use section::{Protection, Section, Sections};
pub use tls::{Tls, TlsCallbacks};

/// The page size that images are mapped and relocated in, in bytes.
pub const PAGE: u32 = 4096;
