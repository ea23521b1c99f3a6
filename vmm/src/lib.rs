//! A small KVM monitor: it makes a VM, loads an ELF kernel by the PVH protocol with a boot archive,
//! runs it on one vCPU, and says how it ended.
//!
//! [`run::run`] does all of that for one [`run::Config`]. The layers below it: [`kvm`] (the only code that talks to
//! `/dev/kvm`), [`boot`] (loading), [`devices`] (pure models), [`backends`] (where bytes go), [`trace`]
//! (boot events out of guest memory), [`report`] (what to say when a guest hangs or crashes).

pub mod backends;
pub mod bench;
pub mod boot;
pub mod cli;
pub mod clock;
mod control;
pub mod devices;
pub mod doctor;
pub mod drives;
pub mod error;
pub mod exits;
pub mod fault;
pub mod hives;
mod host_path;
pub mod image;
pub mod kvm;
mod machine;
pub mod outcome;
pub mod reg;
pub mod report;
pub mod run;
mod supervise;
mod sys;
pub mod trace;
mod vm_life;

pub use machine::MachineStats;
