//! What csrss decides, without a system around it: the grammar of its command line (spec/smss.md 2.7), the arguments
//! that clients capture, the histories of DOS devices (5.3), and what is said of a hard error (5.4).
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod capture;
mod command;
pub mod dosdevice;
pub mod harderror;

pub use command::{ServerDll, Token, tokens};
