//! What the session manager's registry values say: the grammars of their text, on UTF-16 units as the
//! registry gives them, and the decisions that need no system. Source: spec/smss.md section 2.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod command;
mod list;
mod multi;
pub mod paging;
mod processor;
mod rename;

pub use command::Command;
pub use list::{Entry, List, same};
pub use multi::strings;
pub use processor::{architecture, decimal, revision, safe_boot};
pub use rename::Rename;
