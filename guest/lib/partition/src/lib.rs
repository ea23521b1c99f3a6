//! Partition tables, read from a disk that may hold anything: MBR with extended partitions, GPT, or no table at all.
//!
//! Sources: UEFI specification 2.10, chapter 5 (GPT, and the MBR as firmware reads it); the layout of extended partitions
//! as Microsoft describes it ("Basic disks: extended boot records").
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod crc;
mod gpt;
mod mbr;

use alloc::vec::Vec;

/// Most partitions of a disk that are looked at.
pub const MOST: usize = 128;

/// A GUID as it is stored: the first three parts little-endian.
pub type Guid = [u8; 16];

/// What a disk's table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The kind of table.
    pub style: Style,
    /// The partitions, in the order of their numbers. They lie within the disk and do not overlap.
    pub partitions: Vec<Partition>,
}

/// A kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// None: if there is anything on the disk it is one volume.
    Bare,
    /// A master boot record, with the disk's signature.
    Mbr {
        /// From byte 440; 0 when nobody has set it.
        signature: u32,
    },
    /// A GUID partition table.
    Gpt {
        /// The disk's GUID.
        disk: Guid,
    },
}

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// From 1, in the order in which Windows counts: the primary ones, then the logical ones.
    pub number: u32,
    /// Its first sector.
    pub first: u64,
    /// How many sectors.
    pub sectors: u64,
    /// What it is for.
    pub kind: Kind,
}

/// What a partition is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An entry of an MBR.
    Mbr {
        /// The type.
        kind: u8,
        /// Firmware would start from it.
        active: bool,
    },
    /// An entry of a GPT.
    Gpt {
        /// The type.
        kind: Guid,
        /// The partition's own GUID.
        id: Guid,
    },
}

/// Where sectors come from.
pub trait Sectors {
    /// Why sectors cannot be read.
    type Error;

    /// Bytes of a sector: a power of two, 512 to 4096.
    fn sector_size(&self) -> usize;

    /// How many there are.
    fn sectors(&self) -> u64;

    /// Reads `count` sectors, all of which there are: at most 1024 at once.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read(&mut self, first: u64, count: u32) -> Result<Vec<u8>, Self::Error>;
}

/// Reads the table of a disk.
///
/// # Errors
/// Those of the disk. A table that makes no sense is none; entries that make none are left out.
pub fn read<S: Sectors>(disk: &mut S) -> Result<Layout, S::Error> {
    const BARE: Layout = Layout { style: Style::Bare, partitions: Vec::new() };
    if disk.sectors() == 0 {
        return Ok(BARE);
    }
    let sector = disk.read(0, 1)?;
    let Some(record) = mbr::Record::parse(&sector) else { return Ok(BARE) };
    if record.is_protective() {
        // A disk whose GPT is broken has no partitions that anybody should touch.
        return Ok(gpt::read(disk)?.unwrap_or(Layout { style: Style::Gpt { disk: [0; 16] }, ..BARE }));
    }
    if mbr::is_volume(&sector) || !record.makes_sense(disk.sectors()) {
        return Ok(BARE);
    }
    mbr::read(disk, &record)
}

/// Adds a partition if it lies within the disk and overlaps none that is there.
fn add(partitions: &mut Vec<Partition>, new: Partition, disk: u64) {
    let Some(end) = new.first.checked_add(new.sectors).filter(|&end| end <= disk && new.sectors > 0) else {
        return;
    };
    let overlaps = |old: &Partition| old.first < end && new.first < old.first + old.sectors;
    if partitions.len() < MOST && !partitions.iter().any(overlaps) {
        partitions.push(new);
    }
}

/// A little-endian number of up to eight bytes; what there is not is 0.
fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    let end = at.saturating_add(len);
    bytes.get(at..end).unwrap_or_default().iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
