//! Tables as other systems make them, and anything else that a disk may hold.

use partition::{Guid, Kind, Layout, Partition, Sectors, Style, read};
use proptest::prelude::*;

/// A disk in memory.
struct Disk {
    bytes: Vec<u8>,
    sector_size: usize,
    reads: usize,
}

impl Disk {
    fn new(sectors: usize, sector_size: usize) -> Self {
        Self { bytes: vec![0; sectors * sector_size], sector_size, reads: 0 }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// An entry of the boot record in a sector.
    fn entry(&mut self, sector: usize, entry: usize, kind: u8, first: u32, sectors: u32) {
        let record = sector * self.sector_size;
        self.put(record + 510, &[0x55, 0xAA]);
        let at = record + 446 + 16 * entry;
        self.put(at + 4, &[kind]);
        self.put(at + 8, &first.to_le_bytes());
        self.put(at + 12, &sectors.to_le_bytes());
    }

    fn layout(&mut self) -> Layout {
        read(self).expect("readable")
    }
}

impl Sectors for Disk {
    type Error = String;

    fn sector_size(&self) -> usize {
        self.sector_size
    }

    fn sectors(&self) -> u64 {
        (self.bytes.len() / self.sector_size) as u64
    }

    fn read(&mut self, first: u64, count: u32) -> Result<Vec<u8>, String> {
        self.reads += 1;
        let end = first + u64::from(count);
        assert!(count <= 1024 && end <= self.sectors(), "reads {first}+{count} of {}", self.sectors());
        Ok(self.bytes[first as usize * self.sector_size..end as usize * self.sector_size].to_vec())
    }
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |state, &byte| {
        (0..8).fold(state ^ u32::from(byte), |s, _| s >> 1 ^ if s & 1 != 0 { 0xEDB8_8320 } else { 0 })
    })
}

const TYPE: Guid = [0xA2; 16];

/// A GPT with these partitions, both copies.
fn gpt(sectors: usize, sector_size: usize, partitions: &[(u64, u64)]) -> Disk {
    let mut disk = Disk::new(sectors, sector_size);
    disk.entry(0, 0, 0xEE, 1, sectors as u32 - 1);
    let mut array = vec![0; 128 * 128];
    for (n, (first, last)) in partitions.iter().enumerate() {
        array[n * 128..n * 128 + 16].copy_from_slice(&TYPE);
        array[n * 128 + 16..n * 128 + 32].copy_from_slice(&[n as u8 + 1; 16]);
        array[n * 128 + 32..n * 128 + 40].copy_from_slice(&first.to_le_bytes());
        array[n * 128 + 40..n * 128 + 48].copy_from_slice(&last.to_le_bytes());
    }
    let array_sectors = array.len() / sector_size;
    let last = sectors as u64 - 1;
    for (place, entries) in [(1, 2), (last, last - array_sectors as u64)] {
        disk.put(entries as usize * sector_size, &array);
        let mut header = [0; 92];
        header[..8].copy_from_slice(b"EFI PART");
        header[8..12].copy_from_slice(&0x1_0000_u32.to_le_bytes());
        header[12..16].copy_from_slice(&92_u32.to_le_bytes());
        header[24..32].copy_from_slice(&u64::to_le_bytes(place));
        header[40..48].copy_from_slice(&(2 + array_sectors as u64).to_le_bytes());
        header[48..56].copy_from_slice(&(last - array_sectors as u64 - 1).to_le_bytes());
        header[56..72].copy_from_slice(&[0xD1; 16]);
        header[72..80].copy_from_slice(&u64::to_le_bytes(entries));
        header[80..84].copy_from_slice(&128_u32.to_le_bytes());
        header[84..88].copy_from_slice(&128_u32.to_le_bytes());
        header[88..92].copy_from_slice(&crc(&array).to_le_bytes());
        let sum = crc(&header);
        header[16..20].copy_from_slice(&sum.to_le_bytes());
        disk.put(place as usize * sector_size, &header);
    }
    disk
}

fn places(layout: &Layout) -> Vec<(u32, u64, u64)> {
    layout
        .partitions
        .iter()
        .map(|Partition { number, first, sectors, .. }| (*number, *first, *sectors))
        .collect()
}

#[test]
fn a_disk_without_a_table_is_bare() {
    assert_eq!(Disk::new(100, 512).layout().style, Style::Bare);
    assert_eq!(Disk::new(0, 512).layout().style, Style::Bare);
    // The boot sector of a FAT volume has code where a table would be.
    let mut fat = Disk::new(2880, 512);
    fat.put(0, &[0xEB, 0x3C, 0x90]);
    fat.put(11, &[0, 2, 1, 1, 0, 2]);
    fat.entry(0, 0, 6, 1, 100);
    assert_eq!(fat.layout().style, Style::Bare);
    let mut nonsense = Disk::new(100, 512);
    nonsense.entry(0, 0, 6, 50, 51);
    assert_eq!(nonsense.layout().style, Style::Bare, "an entry beyond the disk");
    nonsense.entry(0, 0, 6, 50, 50);
    nonsense.put(446, &[0x33]);
    assert_eq!(nonsense.layout().style, Style::Bare, "a status that there is not");
}

#[test]
fn primary_and_logical_partitions_are_numbered_as_windows_does() {
    let mut disk = Disk::new(10_000, 512);
    disk.put(440, &0xCAFE_F00D_u32.to_le_bytes());
    disk.entry(0, 0, 0x06, 63, 937);
    disk.entry(0, 1, 0x0F, 1000, 5000);
    disk.entry(0, 3, 0x07, 6000, 4000);
    disk.put(446, &[0x80]);
    // Two logical partitions, the second's record further on.
    disk.entry(1000, 0, 0x0B, 63, 937);
    disk.entry(1000, 1, 0x05, 2000, 1000);
    disk.entry(3000, 0, 0x0C, 63, 900);
    let layout = disk.layout();
    assert_eq!(layout.style, Style::Mbr { signature: 0xCAFE_F00D });
    assert_eq!(places(&layout), [(1, 63, 937), (2, 6000, 4000), (3, 1063, 937), (4, 3063, 900)]);
    assert_eq!(layout.partitions[0].kind, Kind::Mbr { kind: 6, active: true });
    assert_eq!(layout.partitions[3].kind, Kind::Mbr { kind: 0x0C, active: false });
}

#[test]
fn chains_that_loop_or_go_back_have_an_end() {
    for next in [0, 1, 999, 4000, u32::MAX] {
        let mut disk = Disk::new(10_000, 512);
        disk.entry(0, 0, 0x05, 1000, 5000);
        disk.entry(1000, 0, 6, 1, 10);
        disk.entry(1000, 1, 5, 1000, 10);
        disk.entry(2000, 0, 6, 1, 10);
        disk.entry(2000, 1, 5, next, 10);
        assert_eq!(places(&disk.layout())[..2], [(1, 1001, 10), (2, 2001, 10)]);
        assert!(disk.reads < 10);
    }
}

#[test]
fn overlapping_partitions_are_left_out() {
    let mut disk = Disk::new(1000, 512);
    disk.entry(0, 0, 6, 10, 100);
    disk.entry(0, 1, 6, 109, 100);
    disk.entry(0, 2, 6, 110, 100);
    assert_eq!(places(&disk.layout()), [(1, 10, 100), (2, 110, 100)]);
}

#[test]
fn guid_tables_are_read_in_either_sector_size() {
    for sector_size in [512, 4096] {
        let mut disk = gpt(1000, sector_size, &[(40, 139), (200, 200)]);
        let layout = disk.layout();
        assert_eq!(layout.style, Style::Gpt { disk: [0xD1; 16] });
        assert_eq!(places(&layout), [(1, 40, 100), (2, 200, 1)]);
        assert_eq!(layout.partitions[1].kind, Kind::Gpt { kind: TYPE, id: [2; 16] });
    }
}

#[test]
fn the_second_copy_counts_when_the_first_is_broken() {
    for (place, what) in
        [(512, "its mark"), (512 + 16, "its checksum"), (512 + 40, "its contents"), (1024 + 40, "its array")]
    {
        let mut disk = gpt(1000, 512, &[(40, 139)]);
        disk.bytes[place] ^= 1;
        assert_eq!(places(&disk.layout()), [(1, 40, 100)], "{what}");
        disk.bytes[999 * 512 + 16] ^= 1;
        let layout = disk.layout();
        assert_eq!(layout.partitions, [], "{what}");
        assert_eq!(layout.style, Style::Gpt { disk: [0; 16] }, "{what}");
    }
}

#[test]
fn entries_outside_what_is_usable_are_left_out() {
    let entries =
        [(0, 50), (40, 139), (100, 150), (300, 200), (500, 1_000_000), (u64::MAX, u64::MAX), (600, 600)];
    assert_eq!(places(&gpt(1000, 512, &entries).layout()), [(2, 40, 100), (7, 600, 1)]);
}

fn is_sound(layout: &Layout, sectors: u64) {
    for (n, partition) in layout.partitions.iter().enumerate() {
        let end = partition.first + partition.sectors;
        assert!(partition.sectors > 0 && end <= sectors, "{partition:?}");
        for other in &layout.partitions[..n] {
            assert!(other.first >= end || other.first + other.sectors <= partition.first, "{layout:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(300)))]

    /// Records of any entries, chained in any way.
    #[test]
    fn any_entries_give_a_sound_layout(entries in prop::collection::vec((0..64usize, 0..4usize, prop::sample::select(vec![0, 5, 6, 7, 0x0F, 0x85, 0xEE]), 0..70u32, 0..70u32), 0..40)) {
        let mut disk = Disk::new(64, 512);
        for (sector, entry, kind, first, sectors) in entries {
            disk.entry(sector, entry, kind, first, sectors);
        }
        let layout = disk.layout();
        is_sound(&layout, 64);
    }

    /// A good table with bytes changed.
    #[test]
    fn damage_gives_a_sound_layout(changes in prop::collection::vec((0..18_000usize, any::<u8>()), 1..8), fix in any::<bool>()) {
        let mut disk = gpt(200, 512, &[(40, 60), (61, 61), (70, 120)]);
        for (place, value) in changes {
            disk.bytes[place] = value;
        }
        if fix {
            // As who knows how to make checksums would do it.
            let array = crc(&disk.bytes[1024..1024 + 128 * 128]);
            disk.put(512 + 88, &array.to_le_bytes());
            disk.put(512 + 16, &[0; 4]);
            let header = crc(&disk.bytes[512..512 + 92]);
            disk.put(512 + 16, &header.to_le_bytes());
        }
        let layout = disk.layout();
        is_sound(&layout, 200);
    }

    /// Anything at all.
    #[test]
    fn any_bytes_give_a_sound_layout(bytes in prop::collection::vec(any::<u8>(), 512 * 4), sign in any::<bool>()) {
        let mut disk = Disk::new(4, 512);
        disk.put(0, &bytes);
        if sign {
            disk.put(510, &[0x55, 0xAA]);
        }
        let layout = disk.layout();
        is_sound(&layout, 4);
    }
}
