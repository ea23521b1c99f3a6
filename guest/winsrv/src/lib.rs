//! winsrv.dll: server DLLs 2 (console) and 3 (user) of csrss (spec/smss.md 5.4): hard errors are shown and sessions ended here, and
//! programs of the console subsystem read and write COM1.
//!
//! For any other target than the guest's this is an empty library.
#![cfg_attr(target_os = "windows", no_std)]
#![cfg(target_os = "windows")]

extern crate alloc;

mod console;
mod exit;
mod harderror;
mod start;
