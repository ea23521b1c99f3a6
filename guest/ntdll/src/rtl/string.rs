//! Counted strings.

mod ansi;
mod compare;
mod copy;
mod init;
mod number;
mod utf8;
