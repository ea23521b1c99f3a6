//! What csrsrv and the server DLLs that it loads share: the interface between them ([`api`], [`server`]), security
//! descriptors, and the services that they use beyond those of every program.
//!
//! For any other target than the guest's this is an empty library.
#![cfg_attr(target_os = "windows", no_std)]
#![cfg(target_os = "windows")]

extern crate alloc;

pub mod api;
pub mod file;
mod import;
pub mod memory;
pub mod object;
pub mod process;
pub mod security;
pub mod server;
