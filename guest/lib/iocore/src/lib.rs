//! The pure parts of the I/O manager: who may open a file together with whom, which names a pattern means, and
//! how a listing of a folder is laid out.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod share;

pub use share::{ShareAccess, Shares};
