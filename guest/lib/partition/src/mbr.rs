//! Master boot records, and the chain of records of an extended partition.

use alloc::vec::Vec;

use crate::{Kind, Layout, MOST, Partition, Sectors, Style, add, number};

const SIGNATURE: usize = 440;
const ENTRIES: usize = 446;
const ENTRY: usize = 16;
const MAGIC: usize = 510;
const ACTIVE: u8 = 0x80;
/// The whole disk, for who does not know GPT.
const PROTECTIVE: u8 = 0xEE;

/// An entry of a record, as it stands there.
#[derive(Clone, Copy)]
struct Entry {
    status: u8,
    kind: u8,
    first: u64,
    sectors: u64,
}

impl Entry {
    fn is_used(&self) -> bool {
        self.kind != 0 && self.sectors != 0
    }

    /// Whether it is an extended partition: by cylinders, by sectors, Linux's.
    fn is_extended(&self) -> bool {
        matches!(self.kind, 0x05 | 0x0F | 0x85)
    }

    /// A partition, counted from `base`; its number comes later.
    fn partition(&self, base: u64) -> Partition {
        let kind = Kind::Mbr { kind: self.kind, active: self.status == ACTIVE };
        Partition { number: 0, first: base.saturating_add(self.first), sectors: self.sectors, kind }
    }
}

/// A boot record.
pub struct Record {
    signature: u32,
    entries: [Entry; 4],
}

impl Record {
    /// A sector that ends as a boot record does.
    pub fn parse(sector: &[u8]) -> Option<Self> {
        if number(sector, MAGIC, 2) != 0xAA55 {
            return None;
        }
        let entries = core::array::from_fn(|n| {
            let at = ENTRIES + n * ENTRY;
            Entry {
                status: number(sector, at, 1) as u8,
                kind: number(sector, at + 4, 1) as u8,
                first: number(sector, at + 8, 4),
                sectors: number(sector, at + 12, 4),
            }
        });
        Some(Self { signature: number(sector, SIGNATURE, 4) as u32, entries })
    }

    /// Whether it is there to protect a GPT.
    pub fn is_protective(&self) -> bool {
        self.entries.iter().any(|entry| entry.kind == PROTECTIVE && entry.first == 1)
    }

    /// Whether the entries can be those of a table on a disk of so many sectors.
    pub fn makes_sense(&self, disk: u64) -> bool {
        let good = |entry: &Entry| {
            entry.status & !ACTIVE == 0
                && (!entry.is_used() || entry.first >= 1 && entry.first.saturating_add(entry.sectors) <= disk)
        };
        self.entries.iter().all(good) && self.entries.iter().any(Entry::is_used)
    }
}

/// Whether a sector that ends as a boot record does is the first one of a volume: it says of which file system.
pub fn is_volume(sector: &[u8]) -> bool {
    let has = |at: usize, text: &[u8]| sector.get(at..at + text.len()) == Some(text);
    let jumps = matches!(sector.first(), Some(0xEB | 0xE9));
    let sector_size = number(sector, 11, 2);
    let is_fat = sector_size.is_power_of_two()
        && (512..=4096).contains(&sector_size)
        && number(sector, 13, 1).is_power_of_two()
        && number(sector, 14, 2) > 0
        && (1..=2).contains(&number(sector, 16, 1));
    jumps && (is_fat || has(3, b"NTFS    ") || has(3, b"EXFAT   "))
}

/// Reads the partitions of a disk with that record in its first sector.
///
/// # Errors
/// The disk's.
pub fn read<S: Sectors>(disk: &mut S, record: &Record) -> Result<Layout, S::Error> {
    let sectors = disk.sectors();
    let mut partitions = Vec::new();
    let used = || record.entries.iter().filter(|entry| entry.is_used());
    for entry in used().filter(|entry| !entry.is_extended()) {
        add(&mut partitions, entry.partition(0), sectors);
    }
    // There should be one at most; the first one counts.
    if let Some(extended) = used().find(|entry| entry.is_extended()) {
        read_extended(disk, extended, &mut partitions)?;
    }
    for (partition, number) in partitions.iter_mut().zip(1..) {
        partition.number = number;
    }
    Ok(Layout { style: Style::Mbr { signature: record.signature }, partitions })
}

/// Each record of the chain has a logical partition, counted from the record, and the next record, counted from the
/// beginning of the extended partition. The chain goes upwards, or it ends here: so it has an end.
fn read_extended<S: Sectors>(
    disk: &mut S,
    extended: &Entry,
    partitions: &mut Vec<Partition>,
) -> Result<(), S::Error> {
    let start = extended.first;
    let end = start.saturating_add(extended.sectors).min(disk.sectors());
    let mut place = start;
    for _ in 0..MOST {
        if place >= end {
            break;
        }
        let Some(record) = Record::parse(&disk.read(place, 1)?) else { break };
        let used = || record.entries.iter().take(2).filter(|entry| entry.is_used());
        if let Some(logical) = used().find(|entry| !entry.is_extended()) {
            let partition = logical.partition(place);
            if partition.first > place {
                add(partitions, partition, end);
            }
        }
        match used().find(|entry| entry.is_extended()).map(|entry| start.saturating_add(entry.first)) {
            Some(next) if next > place => place = next,
            _ => break,
        }
    }
    Ok(())
}
