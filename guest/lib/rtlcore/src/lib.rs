//! What ntdll's Rtl and C functions do, over slices: no pointer, no heap, no system call. ntdll wraps each in its C
//! signature; what is here can be tried on any host.
//!
//! Nothing panics, whatever the input. Text is not NUL-terminated here; where the C function stops at a NUL, the
//! wrapper has cut the text before.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod codepage;
pub mod compare;
mod cut;
pub mod environment;
pub mod number;
pub mod path;
pub mod printf;
mod unit;

pub use cut::Cut;
pub use unit::Unit;
