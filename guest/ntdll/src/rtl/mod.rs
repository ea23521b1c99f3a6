//! The Rtl functions: C signatures around [`rtlcore`], which has the logic. Signatures: Microsoft's documentation,
//! phnt `ntrtl.h`.
//!
//! Safety, for all exports: pointers are valid as the function's documentation says, strings are counted or end with
//! a NUL; what may be NULL is said where it is.

mod allocator;
mod bitmap;
mod boot_status;
mod debug;
mod environment;
mod error;
mod memory;
mod path;
pub mod process;
pub mod raw;
mod registry;
mod security;
mod shared;
mod sm;
mod string;
mod time;
mod version;
