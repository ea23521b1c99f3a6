//! New volumes.

use alloc::vec;

use crate::boot::{FAT16_FROM, FAT32_FROM, Kind, SLOT};
use crate::disk::Disk;
use crate::error::Error;
use crate::short::{Short, byte_of};
use crate::stamp::Stamp;

/// What a new volume is to be like.
#[derive(Clone, Debug, Default)]
pub struct Format {
    /// FAT12, FAT16 or FAT32; chosen by size otherwise.
    pub kind: Option<Kind>,
    /// Sectors of a cluster, a power of two; chosen by size otherwise.
    pub cluster: Option<u32>,
    /// Label, up to 11 characters.
    pub label: Option<[u8; 11]>,
    /// Serial number.
    pub serial: u32,
    /// Sectors of the disk before the volume.
    pub hidden: u32,
    /// The time, in 100 ns since 1601.
    pub now: i64,
}

impl Format {
    /// A label of up to 11 characters of the OEM code page, in capitals; `None` for any other text.
    pub fn label(text: &str) -> Option<[u8; 11]> {
        let mut label = [b' '; 11];
        let mut places = label.iter_mut();
        for unit in text.encode_utf16() {
            let byte = if unit == u16::from(b' ') { Some(b' ') } else { byte_of(unit) };
            *places.next()? = byte?;
        }
        (!text.trim().is_empty()).then_some(label)
    }
}

/// Bytes of a sector of new volumes.
const SECTOR: u32 = 512;
/// Slots of the root folder of FAT12 and FAT16.
const ROOT_SLOTS: u32 = 512;
const MEDIA: u8 = 0xF8;
/// FAT32: sectors before the tables, and what is in them.
const RESERVED_32: u32 = 32;
const INFO_SECTOR: u32 = 1;
const BACKUP_SECTOR: u32 = 6;
const ROOT_CLUSTER: u32 = 2;
/// What a processor does that boots from it: it stops. `jmp`, `nop`; behind the parameters `int 18h`, `hlt`.
const JUMP: [u8; 3] = [0xEB, 0x58, 0x90];
const CODE: (usize, [u8; 5]) = (0x5A, [0xCD, 0x18, 0xF4, 0xEB, 0xFD]);

/// Where everything is going to be.
struct Plan {
    kind: Kind,
    cluster: u32,
    reserved: u32,
    root_sectors: u32,
    table_sectors: u32,
    clusters: u32,
}

/// By size, as Microsoft's paper has it for hard disks: the largest volume in sectors, kind, sectors of a cluster.
const SIZES: [(u32, Kind, u32); 10] = [
    (8_400, Kind::Fat12, 4),
    (32_680, Kind::Fat16, 4),
    (262_144, Kind::Fat16, 4),
    (524_288, Kind::Fat16, 8),
    (1_048_576, Kind::Fat16, 16),
    (16_777_216, Kind::Fat32, 8),
    (33_554_432, Kind::Fat32, 16),
    (67_108_864, Kind::Fat32, 32),
    (u32::MAX - 1, Kind::Fat32, 64),
    (u32::MAX, Kind::Fat32, 128),
];

fn plan(kind: Kind, cluster: u32, sectors: u32) -> Option<Plan> {
    let (reserved, root_sectors, bits) = match kind {
        Kind::Fat12 => (1, ROOT_SLOTS * SLOT / SECTOR, 12),
        Kind::Fat16 => (1, ROOT_SLOTS * SLOT / SECTOR, 16),
        Kind::Fat32 => (RESERVED_32, 0, 32),
    };
    let mut table_sectors = 1;
    loop {
        let before = reserved + 2 * table_sectors + root_sectors;
        let clusters = sectors.checked_sub(before)? / cluster;
        let needed = (u64::from(clusters + 2) * bits).div_ceil(u64::from(SECTOR) * 8) as u32;
        if needed <= table_sectors {
            let fits = match kind {
                Kind::Fat12 => (1..FAT16_FROM).contains(&clusters),
                Kind::Fat16 => (FAT16_FROM..FAT32_FROM).contains(&clusters),
                Kind::Fat32 => (FAT32_FROM..0x0FFF_FFF5).contains(&clusters),
            };
            return fits.then_some(Plan { kind, cluster, reserved, root_sectors, table_sectors, clusters });
        }
        table_sectors = needed;
    }
}

/// The first plan that fits: with what is asked for, and with the cluster's size by the volume's otherwise.
fn choose(format: &Format, sectors: u32) -> Option<Plan> {
    let usual = SIZES.iter().find(|(most, ..)| sectors <= *most)?;
    let kind = format.kind.unwrap_or(usual.1);
    match format.cluster {
        Some(cluster) if !cluster.is_power_of_two() || cluster > 128 => None,
        Some(cluster) => match format.kind {
            Some(kind) => plan(kind, cluster, sectors),
            None => [Kind::Fat12, Kind::Fat16, Kind::Fat32].iter().find_map(|k| plan(*k, cluster, sectors)),
        },
        None if kind == usual.1 => plan(kind, usual.2, sectors).or_else(|| any_cluster(kind, sectors)),
        None => any_cluster(kind, sectors),
    }
}

fn any_cluster(kind: Kind, sectors: u32) -> Option<Plan> {
    [4, 8, 2, 1, 16, 32, 64, 128].iter().find_map(|cluster| plan(kind, *cluster, sectors))
}

/// Makes an empty volume on all of a disk. What the data area has stays there.
///
/// # Errors
/// [`Error::NotFat`] when no volume of that kind has that size; those of the disk.
pub fn format(disk: &mut dyn Disk, format: &Format) -> Result<(), Error> {
    let sectors = u32::try_from(disk.length() / u64::from(SECTOR)).unwrap_or(u32::MAX);
    let plan = choose(format, sectors).ok_or(Error::NotFat("no volume of that kind has that size"))?;
    let boot = plan.boot_sector(format, sectors);
    let before = u64::from(plan.reserved + 2 * plan.table_sectors + plan.root_sectors);
    let root = if plan.kind == Kind::Fat32 { plan.cluster } else { 0 };
    disk.zero(0, (before + u64::from(root)) * u64::from(SECTOR)).map_err(Error::Disk)?;

    let mut table = [0; SECTOR as usize];
    let head: &[u8] = match plan.kind {
        Kind::Fat12 => &[MEDIA, 0xFF, 0xFF],
        Kind::Fat16 => &[MEDIA, 0xFF, 0xFF, 0xFF],
        Kind::Fat32 => &[MEDIA, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, 0x0F],
    };
    table[..head.len()].copy_from_slice(head);
    for copy in 0..2 {
        let at = plan.reserved + copy * plan.table_sectors;
        disk.write(u64::from(at * SECTOR), &table).map_err(Error::Disk)?;
    }
    if let Some(name) = format.label {
        let stamp = Stamp::from_time(format.now);
        let written = Stamp { hundredths: 0, ..stamp };
        let label = Short { name, attributes: crate::entry::attribute::LABEL, written, ..Short::default() };
        let mut folder = [0; SECTOR as usize];
        folder[..SLOT as usize].copy_from_slice(&label.bytes());
        let at = plan.reserved + 2 * plan.table_sectors;
        disk.write(u64::from(at) * u64::from(SECTOR), &folder).map_err(Error::Disk)?;
    }
    if plan.kind == Kind::Fat32 {
        let info = plan.info_sector();
        for at in [INFO_SECTOR, BACKUP_SECTOR + INFO_SECTOR] {
            disk.write(u64::from(at * SECTOR), &info).map_err(Error::Disk)?;
        }
        disk.write(u64::from(BACKUP_SECTOR * SECTOR), &boot).map_err(Error::Disk)?;
    }
    // The boot sector last: without it there is no volume.
    disk.write(0, &boot).map_err(Error::Disk)?;
    disk.flush().map_err(Error::Disk)
}

impl Plan {
    fn boot_sector(&self, format: &Format, sectors: u32) -> [u8; SECTOR as usize] {
        let mut boot = vec![0; SECTOR as usize];
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(place) = boot.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        };
        let is_32 = self.kind == Kind::Fat32;
        put(0, &JUMP);
        put(3, b"MSWIN4.1");
        put(11, &(SECTOR as u16).to_le_bytes());
        put(13, &[self.cluster as u8]);
        put(14, &(self.reserved as u16).to_le_bytes());
        put(16, &[2]);
        put(17, &(if is_32 { 0 } else { ROOT_SLOTS as u16 }).to_le_bytes());
        match u16::try_from(sectors) {
            Ok(sectors) if !is_32 => put(19, &sectors.to_le_bytes()),
            _ => put(32, &sectors.to_le_bytes()),
        }
        put(21, &[MEDIA]);
        // Geometry for who still asks: 63 sectors, 255 heads.
        put(24, &[63, 0, 255, 0]);
        put(28, &format.hidden.to_le_bytes());
        let tail = if is_32 {
            put(36, &self.table_sectors.to_le_bytes());
            put(44, &ROOT_CLUSTER.to_le_bytes());
            put(48, &[INFO_SECTOR as u8, 0, BACKUP_SECTOR as u8, 0]);
            put(82, b"FAT32   ");
            64
        } else {
            put(22, &(self.table_sectors as u16).to_le_bytes());
            put(54, if self.kind == Kind::Fat12 { b"FAT12   " } else { b"FAT16   " });
            36
        };
        put(tail, &[0x80, 0, 0x29]);
        put(tail + 3, &format.serial.to_le_bytes());
        put(tail + 7, &format.label.unwrap_or(*b"NO NAME    "));
        put(CODE.0, &CODE.1);
        put(510, &[0x55, 0xAA]);
        let mut sector = [0; SECTOR as usize];
        sector.copy_from_slice(&boot);
        sector
    }

    fn info_sector(&self) -> [u8; SECTOR as usize] {
        let mut info = [0; SECTOR as usize];
        info[..4].copy_from_slice(b"RRaA");
        info[484..488].copy_from_slice(b"rrAa");
        info[488..492].copy_from_slice(&(self.clusters - 1).to_le_bytes());
        info[492..496].copy_from_slice(&(ROOT_CLUSTER + 1).to_le_bytes());
        info[510..].copy_from_slice(&[0x55, 0xAA]);
        info
    }
}
