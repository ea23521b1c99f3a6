//! The whole product from outside: `smvm` as a process, the guest's own image, and the probe in it.
//! Runs on this machine's `/dev/kvm` and in the hardware-KVM box (`tests/hwkvm`) alike.

mod bad_input;
mod boot;
mod csrss;
mod dispatcher;
mod drives;
mod ends;
mod fat;
mod faults;
mod files;
mod grind;
mod hives;
mod inpage;
mod kernel;
mod lpt;
mod mapped;
mod memory;
mod native;
mod objects;
mod paging;
mod ports;
mod registry;
mod security;
mod serial;
mod session_csrss;
mod session_ends;
mod session_first;
mod session_manager;
mod session_registry;
mod session_steps;
mod session_volume;
mod shell;
mod system_disk;
mod verdict;
mod win32k;
mod winlogon;
