//! Disks and the volumes on them: what drivers of disks offer ([`Disk`]) and file systems build upon ([`Volume`]).
//! `docs/drives.md` describes it.

mod control;
mod find;
mod letters;
mod mount;
mod raw;
mod table;
mod transfer;
mod virtio;
mod volume;

pub use find::{Unready, announce, announce_letters, has_system, init};
pub use transfer::Operation;
pub use volume::Volume;
