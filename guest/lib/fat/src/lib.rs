//! FAT12, FAT16 and FAT32 volumes with long names, read and written.
//!
//! [`Volume`] works on anything that reads and writes sectors ([`Disk`]); an operation may wait in there, and the
//! volume is its caller's alone meanwhile. Sources: "Microsoft Extensible Firmware Initiative FAT32 File System
//! Specification" 1.03; the long-name format of the same paper; the clean-shutdown bits as `fsck.fat(8)` describes them.
//!
//! What lies on the disk at any moment: entries of folders refer to clusters that the table has already, a
//! chain is linked to clusters that are linked among themselves already, and clusters become free after nothing refers to them
//! any more. So a machine that stops at any write leaves clusters that belong to nobody, and copies of the table that differ,
//! but no file that shares a cluster with another one, and none that lost what was flushed. Sizes and first clusters of open
//! files are written when the file is closed or flushed.
//!
//! Nothing on the disk is believed: a number that leads out of the volume, a chain that meets itself or a size that its
//! chain does not hold is [`Error::Corrupt`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod block;
mod boot;
mod chain;
mod change;
mod disk;
mod entry;
mod error;
mod file;
mod find;
mod folder;
mod format;
mod give_back;
mod insert;
mod mark;
mod name;
mod node;
mod rename;
mod short;
mod stamp;
mod store;
mod table;
mod volume;
mod write_back;

pub use boot::{Geometry, Kind};
pub use change::Basic;
pub use disk::{Disk, SECTOR};
pub use entry::{Entry, attribute};
pub use error::Error;
pub use format::{Format, format};
pub use node::{Info, NodeId};
pub use volume::{Space, Volume};
