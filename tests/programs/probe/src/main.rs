//! The probe: stands in for the session manager and does what its command line says, one word after
//! another. Each check prints `PASS name` or `FAIL name: why`; then the system is powered off, unless a
//! word ends it in another way.
//!
//! Started with `smvm.init=\SystemRoot\System32\probe.exe,word,word…` on the kernel's command line.
#![cfg_attr(target_os = "windows", no_std, no_main)]

#[cfg(target_os = "windows")]
mod asm;
#[cfg(target_os = "windows")]
mod checks;
#[cfg(target_os = "windows")]
mod command;
#[cfg(target_os = "windows")]
mod costs;
#[cfg(target_os = "windows")]
mod drives;
#[cfg(target_os = "windows")]
mod files;
#[cfg(target_os = "windows")]
mod folders;
#[cfg(target_os = "windows")]
mod fp;
#[cfg(target_os = "windows")]
mod gui;
#[cfg(target_os = "windows")]
mod io;
#[cfg(target_os = "windows")]
mod ke;
#[cfg(target_os = "windows")]
mod lpc;
#[cfg(target_os = "windows")]
mod memory;
#[cfg(target_os = "windows")]
mod objects;
#[cfg(target_os = "windows")]
mod pending;
#[cfg(target_os = "windows")]
mod ports;
#[cfg(target_os = "windows")]
mod reg;
#[cfg(target_os = "windows")]
mod registry;
#[cfg(target_os = "windows")]
mod security;
#[cfg(target_os = "windows")]
mod threads;

use nt::NtStatus;

rt::program!(start);

#[cfg(target_os = "windows")]
fn start(peb: usize) -> NtStatus {
    command::run(peb)
}

#[cfg(not(target_os = "windows"))]
fn start(_peb: usize) -> NtStatus {
    NtStatus::NOT_IMPLEMENTED
}
