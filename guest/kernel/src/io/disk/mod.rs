//! Disks and the volumes on them: what drivers of disks offer ([`Disk`]) and file systems build upon ([`Volume`]).
//! `docs/drives.md` describes it.

mod transfer;
mod volume;

pub use transfer::{Disk, Gather, Operation, Properties, Transfer};
pub use volume::Volume;
