//! What the session manager's registry values say: the grammars of their text, on UTF-16 units as the
//! registry gives them. Source: spec/smss.md section 2.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod command;
mod multi;

pub use command::Command;
pub use multi::strings;
