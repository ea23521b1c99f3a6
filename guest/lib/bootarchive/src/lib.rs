//! The boot archive: the system files a guest starts with, laid out so that the guest maps them
//! instead of copying them. The format is described in `docs/boot-archive.md`.
//!
//! Reading is cheap in instructions, because the kernel's are counted: the header check
//! is O(1), a look-up is one hash and usually one comparison, and no content is summed.
//! Every number in an archive is an allegation all the same: no bytes make the reader panic, loop
//! or look outside the archive. [`Archive::verify`] checks everything, for hosts, which have time.
//!
//! ```
//! use bootarchive::{Archive, write::Builder};
//!
//! let bytes = Builder::new().add(r"\SystemRoot\System32\smss.exe", b"MZ").build()?;
//! let archive = Archive::parse(&bytes).expect("fresh from the builder");
//! let file = archive.find(r"\systemroot\SYSTEM32\smss.exe").expect("case is folded");
//! assert_eq!((file.data(), file.offset() % bootarchive::PAGE), (&b"MZ"[..], 0));
//! # Ok::<(), bootarchive::write::BuildError>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "write")]
extern crate alloc;

mod error;
mod fold;
mod folder;
mod layout;
#[cfg(feature = "write")]
mod path;
mod read;
#[cfg(feature = "write")]
pub mod write;

pub use error::{ArchiveError, Fault};
pub use fold::hash;
pub use folder::Child;
pub use layout::{MAGIC, PAGE, VERSION};
#[cfg(feature = "write")]
pub use path::{PathError, archive_path};
pub use read::{Archive, File, Files, Found};
