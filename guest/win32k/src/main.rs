//! win32k.sys: the kernel half of the window manager, as small as it can be. It registers the second table of system
//! services and keeps who has which window station and desktop; there are no windows.
//!
//! The session manager loads it into the session's space (spec/smss.md 1.3 step 14), so each session has one of its own,
//! statics included. docs/win32k.md says what the services do.
#![cfg_attr(target_os = "uefi", no_std, no_main)]

#[cfg(target_os = "uefi")]
mod attributes;
#[cfg(target_os = "uefi")]
mod callouts;
#[cfg(target_os = "uefi")]
mod desktop;
#[cfg(target_os = "uefi")]
mod entry;
#[cfg(target_os = "uefi")]
mod error;
#[cfg(target_os = "uefi")]
mod memory;
#[cfg(target_os = "uefi")]
mod ntoskrnl;
#[cfg(target_os = "uefi")]
mod object;
#[cfg(target_os = "uefi")]
mod process;
#[cfg(target_os = "uefi")]
mod services;
#[cfg(target_os = "uefi")]
mod station;
#[cfg(target_os = "uefi")]
mod user;

/// It is a program for the guest's kernel only.
#[cfg(not(target_os = "uefi"))]
fn main() {}
