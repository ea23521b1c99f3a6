//! What kernel, user programs and monitor must agree on: one truth per fact.
//!
//! NT's own ABI ([`status`], [`bugcheck`], later structures and services) and the contract between
//! guest and monitor ([`kd`], [`hives`], [`events`], [`platform`]). No code with effects lives here.
#![cfg_attr(not(test), no_std)]

pub mod bugcheck;
pub mod csr;
pub mod dbgk;
pub mod dispatch;
pub mod events;
pub mod file;
pub mod harderror;
pub mod hives;
pub mod kd;
pub mod kuser;
pub mod layout;
pub mod lpc;
pub mod memory;
pub mod parallel;
pub mod platform;
pub mod process;
pub mod psinfo;
pub mod registry;
pub mod security;
pub mod serial;
pub mod service;
pub mod sm;
pub mod status;
#[cfg(target_os = "windows")]
pub mod syscall;
pub mod sysinfo;
pub mod types;
mod upcase;
pub mod wide;
pub mod win32k;
pub mod winlogon;

pub use status::NtStatus;
pub use upcase::{downcase, upcase};
