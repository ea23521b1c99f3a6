//! Hive files on the host: reading, changing, and replacing them whole.
//!
//! The format is `regf`'s business. Here is what surrounds it: files and their logs ([`HiveFile`]), the place of a hive
//! in the registry ([`Place`]), and how values are shown ([`query`]), changed ([`change`]) and written on a command line ([`data`]).

pub mod change;
pub mod data;
mod file;
mod place;
pub mod query;

pub use file::{HiveFile, TEXT_LIMIT, input, now, replace};
pub use place::{CURRENT, Place, find, mapping_at};
