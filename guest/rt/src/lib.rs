//! What every user program of the guest needs around its own code: the entry point, the functions
//! that compiled code calls by name, and an end for panics. It is the only unsafe code that user
//! programs consist of. System services come from ntdll.dll, as for every program.
//!
//! A program is one file that works for the guest, and is an empty program for the host, so that
//! the whole workspace can be built, checked and tested there:
//!
//! ```ignore
//! #![cfg_attr(target_os = "windows", no_std, no_main)]
//!
//! rt::program!(start);
//!
//! fn start(peb: usize) -> nt::NtStatus {
//!     nt::NtStatus::SUCCESS
//! }
//! ```
//!
//! Its `build.rs` passes the link arguments, see `guest/rt/link.rs`.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod boot_status;
pub mod file;
pub mod handle;
#[cfg(target_os = "windows")]
mod heap;
pub mod image;
pub mod lpc;
#[cfg(any(target_os = "windows", test))]
mod memory;
mod ntdll;
pub mod objects;
pub mod own;
pub mod path;
pub mod process;
pub mod registry;
mod services;
pub mod session;
#[cfg(any(target_os = "windows", test))]
mod stack;
#[cfg(target_os = "windows")]
mod support;
pub mod sync;
pub mod syscall;
pub mod system;
pub mod tasks;
mod text;
mod threads;
pub mod transfer;
pub mod user32;
pub mod variables;

#[doc(hidden)]
pub use nt::NtStatus;
pub use services::{
    ShutdownAction, adjust_privilege, close, delay, display, exit, performance_counter, shutdown, trace,
    wait, wait_for_ever,
};
pub use text::Pointed;
pub use threads::{exit_thread, spawn, start_thread};

/// Makes a function the program: `fn(peb: usize) -> NtStatus`. It is called with the address of
/// the process environment block; what it returns is the process's exit status.
///
/// For the host the program is empty, and what `rt` offers does nothing: code of the guest is
/// checked there, not run.
#[macro_export]
macro_rules! program {
    ($start:path) => {
        /// The entry point that the linker is told.
        #[cfg(target_os = "windows")]
        #[unsafe(no_mangle)]
        extern "C" fn NtProcessStartup(peb: usize) -> ! {
            $crate::exit($start(peb))
        }

        #[cfg(not(target_os = "windows"))]
        fn main() {
            let _: fn(usize) -> $crate::NtStatus = $start;
        }
    };
}
