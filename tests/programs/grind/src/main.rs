//! The grinder: a fuzzer of the system services that runs in the guest.
//!
//! It takes the session manager's place, `smvm.init=\SystemRoot\System32\grind.exe,SEED,CALLS`, and makes
//! random calls with bad pointers, lengths and handles from two threads at a time. The services, the names and
//! the types of their arguments come from [`nt::service`], so a new service is ground without further work.
//! The kernel must stand; the last line is `PASS grind seed …` or `FAIL grind seed …`.
#![cfg_attr(target_os = "windows", no_std, no_main)]

#[cfg(target_os = "windows")]
mod account;
#[cfg(target_os = "windows")]
mod arena;
#[cfg(target_os = "windows")]
mod asm;
#[cfg(target_os = "windows")]
mod balance;
#[cfg(target_os = "windows")]
mod call;
#[cfg(target_os = "windows")]
mod child;
#[cfg(target_os = "windows")]
mod choice;
#[cfg(target_os = "windows")]
mod grinder;
#[cfg(target_os = "windows")]
mod here;
#[cfg(target_os = "windows")]
mod identity;
#[cfg(target_os = "windows")]
mod names;
#[cfg(target_os = "windows")]
mod parent;
#[cfg(target_os = "windows")]
mod pointers;
#[cfg(target_os = "windows")]
mod pool;
#[cfg(target_os = "windows")]
mod random;
#[cfg(target_os = "windows")]
mod record;
#[cfg(target_os = "windows")]
mod report;
#[cfg(target_os = "windows")]
mod run;
#[cfg(target_os = "windows")]
mod scalars;
#[cfg(target_os = "windows")]
mod structures;
#[cfg(target_os = "windows")]
mod values;
#[cfg(target_os = "windows")]
mod watch;
#[cfg(target_os = "windows")]
mod words;

use nt::NtStatus;

rt::program!(start);

#[cfg(target_os = "windows")]
fn start(peb: usize) -> NtStatus {
    run::run(peb)
}

#[cfg(not(target_os = "windows"))]
fn start(_peb: usize) -> NtStatus {
    NtStatus::NOT_IMPLEMENTED
}
