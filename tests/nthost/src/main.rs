//! Runs a native program, and ntdll.dll under it, as a Linux process: `nthost [options] DIR PROGRAM [command line]`.
//!
//! `DIR` stands for `\SystemRoot\System32`; it has ntdll.dll, the program and the DLLs. Linux runs the images' code as it is
//! and hands over each `syscall` (syscall user dispatch) and each exception (signals), which are answered as the
//! kernel does it: the services that ntdll itself needs, as simple as they can be. So tests of ntdll need no KVM,
//! debuggers work, and system calls can be counted.
//!
//! The exit code is 0; the last line on stderr has the exit status and the number of system calls.
//!
//! | option | |
//! |---|---|
//! | `--trace` | prints each system call to stderr |
//! | `--known NAME` | the DLL is a section of `\KnownDlls` |
//! | `--taken ADDRESS` | something else is at that address already |
#![expect(unsafe_code, reason = "maps images, enters them, and answers their traps")]

mod args;
mod exception;
mod image;
mod memory;
mod objects;
mod process;
mod services;
mod signal;
mod thread;
mod user;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match args::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("nthost: {error}");
            return ExitCode::from(2);
        }
    };
    match process::run(options) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("nthost: {error}");
            ExitCode::from(2)
        }
    }
}
