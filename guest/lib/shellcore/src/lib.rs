//! The shell without a system: its language (a small part of that of Windows' command interpreter), and the editing of
//! a line on a terminal.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod edit;
mod language;
mod pattern;

pub use edit::{Editor, Event};
pub use language::{Command, Output, SyntaxError, expand, parse};
pub use pattern::matches;
