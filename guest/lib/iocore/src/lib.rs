//! The pure parts of the I/O manager: who may open a file together with whom, which names a pattern means, how
//! a listing of a folder is laid out, and what the arguments of a transfer say.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod listing;
mod pattern;
mod place;
mod share;

pub use listing::{Added, DirectoryEntry, Listing, Times};
pub use pattern::{has_wildcards, matches};
pub use place::{Place, place};
pub use share::{ShareAccess, Shares};
