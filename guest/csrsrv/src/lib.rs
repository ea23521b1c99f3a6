//! csrsrv.dll: the server of the Windows subsystem (spec/smss.md 5.1, 5.4). It reads the command line, loads the server DLLs,
//! has the ports, knows the client processes, and serves their calls.
//!
//! For any other target than the guest's this is an empty library.
#![cfg_attr(target_os = "windows", no_std)]
#![cfg(target_os = "windows")]

extern crate alloc;

mod call;
mod client;
mod connect;
mod directories;
mod exports;
mod loader;
mod options;
mod own;
mod report;
mod request;
mod session;
mod shared;
mod shutdown;
mod start;
mod state;
