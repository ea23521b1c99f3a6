//! What ntdll's Rtl and C functions do, over slices: no pointer, no heap, no system call. ntdll wraps each in its C
//! signature; what is here can be tried on any host.
//!
//! Nothing panics, whatever the input. Text is not NUL-terminated here; where the C function stops at a NUL, the
//! wrapper has cut the text before.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod bitmap;
pub mod codepage;
pub mod compare;
mod cursor;
mod cut;
pub mod doserror;
pub mod environment;
pub mod guid;
pub mod number;
pub mod parameters;
pub mod path;
pub mod printf;
pub mod random;
pub mod registry;
pub mod scan;
pub mod sort;
pub mod time;
mod unit;
pub mod utf8;

pub use cut::Cut;
pub use unit::Unit;
