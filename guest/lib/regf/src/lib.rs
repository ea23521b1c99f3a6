//! Windows registry hives (`regf`).
//!
//! **Reading** ([`Hive`]) borrows the file's bytes, allocates nothing and copies nothing. It is cheap in
//! instructions, because the kernel's are counted: parsing is one checksum over 508 bytes, and a key is found
//! by its hash. Whatever the bytes are, nothing panics, every loop is bounded by the hive's size, and
//! nothing outside the bytes is read. Errors say where ([`HiveError::offset`]).
//!
//! **Editing** ([`HiveMut`], with the feature `alloc`) changes a hive in place, in memory that may be mapped
//! copy-on-write, and writes hives that other programs read. [`HiveMut::flush`] brings changes to disk so that a
//! power cut leaves old or new, and [`recover`] finds out which. [`reg`] is the text form. [`verify()`] looks at everything.
//!
//! ```
//! # #[cfg(feature = "alloc")] {
//! use regf::{FileTime, Hive, HiveMut, RegType};
//!
//! let mut hive = HiveMut::create("SYSTEM", FileTime::from_unix(1_790_000_000, 0))?;
//! let select = hive.create_path(hive.root(), r"Select")?;
//! hive.set_value(select, "Current", RegType::DWORD, &1_u32.to_le_bytes())?;
//!
//! let file = hive.into_image();
//! let key = Hive::clean(&file)?.open(r"SELECT")?.expect("case is ignored");
//! let value = key.value("current")?.expect("was set");
//! assert_eq!(value.data()?.dword(), Some(1));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Numbers are little-endian, names UTF-16 or Latin-1, all comparisons ignore case as NT does ([`nt::upcase`]).
//! Versions 1.3 to 1.6, which is every hive since Windows NT 4.0. Symbolic links between keys, volatile keys and access checks
//! are the caller's business. Source: Maxim Suhanov, "Windows
//! registry file format specification"; section titles of it are quoted.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod base;
#[cfg(feature = "alloc")]
mod bins;
mod data;
#[cfg(feature = "alloc")]
mod edit;
mod error;
#[cfg(feature = "alloc")]
mod flush;
mod fours;
mod hive;
mod key;
mod kind;
#[cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "the reader needs a part of it"))]
mod layout;
mod list;
mod needle;
#[cfg(feature = "alloc")]
pub mod reg;
mod security;
mod text;
mod time;
mod values;
#[cfg(feature = "alloc")]
mod verify;

pub use base::BaseBlock;
pub use data::{Segments, ValueData};
#[cfg(feature = "alloc")]
pub use edit::{Created, EditError, HiveMut, Image, MAX_VALUE_NAME, default_descriptor};
pub use error::{Fault, HiveError};
#[cfg(feature = "alloc")]
pub use flush::{HiveFile, RecoverError, Recovered, Recovery, Step, recover};
pub use hive::{DirtyHive, Hive, Parsed};
pub use key::{Key, KeyFlags, KeyId, MAX_KEY_NAME};
pub use kind::RegType;
pub use layout::SECTOR;
pub use list::Subkeys;
pub use security::Security;
pub use text::{Name, Path, Text};
pub use time::FileTime;
pub use values::{Plain, Value, ValueId, Values};
#[cfg(feature = "alloc")]
pub use verify::{Census, verify};

/// How deep keys may be nested: what NT allows.
pub const MAX_DEPTH: usize = 512;
