//! ntoskrnl: the NT kernel and executive. Policy only; whatever touches the machine is in `hal`.
//!
//! | folder | NT component |
//! |---|---|
//! | `ke` | kernel: threads, scheduling, waits, clock, traps, bugchecks, service dispatch |
//! | `lpc` | local procedure calls: ports |
//! | `mm` | memory manager: address spaces, faults, images |
//! | `ps` | processes and threads as objects |
//! | `ob` | objects and handles |
//! | `ex` | the executive's own services: system information, hard errors |
//! | `cm` | configuration manager: the registry |
//! | `po` | power |
//! | `se` | security: tokens, access checks |
//! | `io` | I/O manager: drivers, devices, files |
//! | `kd` | debugging: boot screen, boot events |
#![cfg_attr(target_os = "none", no_std, no_main)]
// On any other target this is an empty program, so that the whole workspace builds and is checked there.

#[cfg(target_os = "none")]
extern crate alloc;

#[cfg(target_os = "none")]
mod cm;
#[cfg(target_os = "none")]
mod entry;
#[cfg(target_os = "none")]
mod ex;
#[cfg(target_os = "none")]
mod exports;
#[cfg(target_os = "none")]
mod init;
#[cfg(target_os = "none")]
mod io;
#[cfg(target_os = "none")]
mod kd;
#[cfg(target_os = "none")]
mod ke;
#[cfg(target_os = "none")]
mod lpc;
#[cfg(target_os = "none")]
mod mm;
#[cfg(target_os = "none")]
mod ob;
#[cfg(target_os = "none")]
mod po;
#[cfg(target_os = "none")]
mod ps;
#[cfg(target_os = "none")]
mod se;

#[cfg(not(target_os = "none"))]
fn main() {}
