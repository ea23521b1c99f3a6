//! GUID partition tables.

use alloc::vec::Vec;

use crate::crc::Crc;
use crate::{Guid, Kind, Layout, MOST, Partition, Sectors, Style, add, number};

const MAGIC: &[u8] = b"EFI PART";
/// Bytes of a header that everybody has.
const HEADER: u64 = 92;
/// Bytes of the smallest entry.
const ENTRY: u64 = 128;
/// Most bytes of an array of entries: four times what everybody makes.
const ARRAY_MAX: u64 = 64 << 10;
const UNUSED: Guid = [0; 16];

/// What a header says.
struct Header {
    disk: Guid,
    first_usable: u64,
    last_usable: u64,
    entries: u64,
    count: u64,
    entry_size: u64,
    entries_crc: u32,
}

impl Header {
    /// The header in a sector, if it is a good one that belongs there.
    fn parse(sector: &[u8], place: u64, disk: u64) -> Option<Self> {
        let size = number(sector, 12, 4);
        if sector.get(..8)? != MAGIC || size < HEADER || size > sector.len() as u64 {
            return None;
        }
        // The checksum is made with its own place as zero.
        let mut crc = Crc::new();
        crc.bytes(sector.get(..16)?);
        crc.zeros(4);
        crc.bytes(sector.get(20..size as usize)?);
        if u64::from(crc.finish()) != number(sector, 16, 4) || number(sector, 24, 8) != place {
            return None;
        }
        let header = Self {
            disk: guid(sector, 56),
            first_usable: number(sector, 40, 8),
            last_usable: number(sector, 48, 8),
            entries: number(sector, 72, 8),
            count: number(sector, 80, 4),
            entry_size: number(sector, 84, 4),
            entries_crc: number(sector, 88, 4) as u32,
        };
        let sectors = header.array_len().div_ceil(sector.len() as u64);
        let end = header.entries.checked_add(sectors)?;
        let good = header.first_usable <= header.last_usable
            && header.last_usable < disk
            && header.entry_size >= ENTRY
            && header.entry_size.is_power_of_two()
            && (1..=ARRAY_MAX).contains(&header.array_len())
            && header.entries >= 2.min(place)
            && end <= disk;
        good.then_some(header)
    }

    fn array_len(&self) -> u64 {
        self.count.saturating_mul(self.entry_size)
    }
}

fn guid(bytes: &[u8], at: usize) -> Guid {
    bytes.get(at..at + 16).and_then(|guid| guid.try_into().ok()).unwrap_or_default()
}

/// Reads the table by its first header, or by the second one at the end of the disk. Nothing when both are broken.
///
/// # Errors
/// The disk's.
pub fn read<S: Sectors>(disk: &mut S) -> Result<Option<Layout>, S::Error> {
    let sectors = disk.sectors();
    for place in [1, sectors - 1] {
        if place == 0 || place >= sectors {
            continue;
        }
        let sector = disk.read(place, 1)?;
        if let Some(header) = Header::parse(&sector, place, sectors)
            && let Some(layout) = read_entries(disk, &header)?
        {
            return Ok(Some(layout));
        }
    }
    Ok(None)
}

fn read_entries<S: Sectors>(disk: &mut S, header: &Header) -> Result<Option<Layout>, S::Error> {
    let len = header.array_len() as usize;
    let count = len.div_ceil(disk.sector_size()) as u32;
    let array = disk.read(header.entries, count)?;
    let Some(array) = array.get(..len) else { return Ok(None) };
    let mut crc = Crc::new();
    let mut partitions = Vec::new();
    for (entry, number_in_table) in array.chunks(header.entry_size as usize).zip(1..) {
        // Nearly all entries are nothing but zeros: their checksum is a short way.
        if is_zero(entry) {
            crc.zeros(entry.len());
            continue;
        }
        crc.bytes(entry);
        let (kind, id) = (guid(entry, 0), guid(entry, 16));
        let (first, last) = (number(entry, 32, 8), number(entry, 40, 8));
        let within = header.first_usable <= first && first <= last && last <= header.last_usable;
        if kind != UNUSED && within && partitions.len() < MOST {
            let kind = Kind::Gpt { kind, id };
            let new = Partition { number: number_in_table, first, sectors: last - first + 1, kind };
            add(&mut partitions, new, disk.sectors());
        }
    }
    let good = crc.finish() == header.entries_crc;
    Ok(good.then_some(Layout { style: Style::Gpt { disk: header.disk }, partitions }))
}

fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().all(|word| u64::from_le_bytes(*word) == 0) && rest.iter().all(|&byte| byte == 0)
}
