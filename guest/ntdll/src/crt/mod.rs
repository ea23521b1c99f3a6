//! The part of the C library that ntdll exports, as Microsoft documents it: the functions on memory and text, numbers,
//! `printf` and `scanf`, sorting. `long` has 32 bits, `wchar_t` 16; the locale is "C", but `towupper` and `towlower` know
//! all letters.
//!
//! Safety, for all exports: as C says. Text ends with a NUL, and buffers are large enough.

mod checked;
mod class;
mod memory;
mod number;
pub mod print;
mod scan;
mod sort;
mod text;
