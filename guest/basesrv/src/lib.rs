//! basesrv.dll: server DLL 1 of csrss (spec/smss.md 5.3). Static data that all clients see, the named-object directories,
//! processes and threads that clients have made, DOS devices.
//!
//! For any other target than the guest's this is an empty library.
#![cfg_attr(target_os = "windows", no_std)]
#![cfg(target_os = "windows")]

extern crate alloc;

mod calls;
mod devices;
mod objects;
mod shared;
mod start;
