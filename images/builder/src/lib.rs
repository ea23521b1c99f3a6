//! Builds the guest: its crates are for other targets than the monitor that embeds them, which one
//! cargo run cannot do, so a build script runs a second cargo and packs what comes out.
//!
//! The second cargo has a target folder of its own, `guest` in the outer one's: the outer one is
//! locked while build scripts run. All profiles of the host share it, and so do `cargo build`,
//! `cargo clippy`, `cargo test` and coverage runs, because nothing of the outer run's environment
//! gets through (see [`Guest`]).

mod elf;
mod environment;
mod error;
mod guest;
mod hives;
mod script;
mod toolchain;

pub use elf::{strip, symbol_map};
pub use environment::clean_environment;
pub use error::Error;
pub use guest::{DRIVER_TARGET, Guest, KERNEL_TARGET, PROGRAM_TARGET, target_dir_of};
pub use hives::{CONFIG, hives};
pub use script::{build_script, libraries_script, programs_script};
pub use toolchain::{missing_targets, sysroot};

/// What a guest is made of.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// Package, and binary, of the kernel.
    pub kernel: &'a str,
    /// Folder, from the workspace, with the registry of an NT release as `.reg` text: one file for each hive (see [`hives`]).
    pub release: &'a str,
    /// What goes into the boot archive.
    pub programs: &'a [Program<'a>],
}

/// A program or DLL in the boot archive.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Package, and binary or library, of the program.
    pub package: &'a str,
    /// Its path in the guest. One that ends in `.dll` is built as a library, one in `.sys` as a driver.
    pub path: &'a str,
}
