//! The boot sector, and what of it is believed.

use alloc::vec::Vec;

use crate::error::Error;

/// How wide the entries of the table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 12 bits.
    Fat12,
    /// 16 bits.
    Fat16,
    /// 28 of 32 bits.
    Fat32,
}

/// Clusters from which on a volume is no FAT12, or no FAT16, any more.
pub(crate) const FAT16_FROM: u32 = 4085;
pub(crate) const FAT32_FROM: u32 = 65_525;
/// Most clusters that 28 bits can number.
const FAT32_MOST: u32 = 0x0FFF_FFF5;
/// Bytes of a slot of a folder.
pub(crate) const SLOT: u32 = 32;

/// Where everything is. Sectors count from the start of the volume.
#[derive(Clone, Debug)]
pub struct Geometry {
    /// Width of the table's entries.
    pub kind: Kind,
    /// Bytes of a sector: 512 to 4096.
    pub sector: u32,
    /// Sectors of a cluster: a power of two up to 128.
    pub cluster: u32,
    /// Clusters, which are numbered from 2 on.
    pub clusters: u32,
    /// First sector of the first table that counts.
    pub(crate) table: u32,
    /// Sectors of a table.
    pub(crate) table_sectors: u32,
    /// Copies that follow it.
    pub(crate) mirrors: u32,
    /// Sectors of the root folder of FAT12 and FAT16, and the first one.
    pub(crate) root: u32,
    pub(crate) root_sectors: u32,
    /// First cluster of FAT32's root folder; else 0.
    pub(crate) root_cluster: u32,
    /// First sector of cluster 2.
    pub(crate) data: u32,
    /// FAT32's count of free clusters: its sector.
    pub(crate) info: Option<u32>,
    /// Sectors of the volume.
    pub sectors: u32,
    /// Serial number.
    pub serial: u32,
    /// Label of the boot sector, with blanks behind it.
    pub(crate) label: [u8; 11],
    /// Whether it was not shut down cleanly, by the boot sector.
    pub(crate) is_dirty: bool,
}

fn byte(boot: &[u8], at: usize) -> u32 {
    boot.get(at).copied().unwrap_or(0).into()
}

fn word(boot: &[u8], at: usize) -> u32 {
    byte(boot, at) | byte(boot, at + 1) << 8
}

fn long(boot: &[u8], at: usize) -> u32 {
    word(boot, at) | word(boot, at + 2) << 16
}

/// Where the boot sector keeps whether the volume is in use.
pub(crate) const fn dirty_at(kind: Kind) -> usize {
    match kind {
        Kind::Fat32 => 0x41,
        _ => 0x25,
    }
}

impl Geometry {
    /// What the first 512 bytes of a volume of `length` bytes say.
    ///
    /// # Errors
    /// [`Error::NotFat`].
    pub fn parse(boot: &[u8], length: u64) -> Result<Self, Error> {
        let wrong = |what| Err(Error::NotFat(what));
        if !matches!(byte(boot, 0), 0xEB | 0xE9) || word(boot, 510) != 0xAA55 {
            return wrong("no boot sector");
        }
        let (sector, cluster, reserved, tables) =
            (word(boot, 11), byte(boot, 13), word(boot, 14), byte(boot, 16));
        if !sector.is_power_of_two() || !(512..=4096).contains(&sector) {
            return wrong("bytes of a sector");
        }
        if !cluster.is_power_of_two() {
            return wrong("sectors of a cluster");
        }
        if reserved == 0 || !(1..=4).contains(&tables) {
            return wrong("reserved sectors or number of tables");
        }
        let sectors = match word(boot, 19) {
            0 => long(boot, 32),
            sectors => sectors,
        };
        if sectors == 0 || u64::from(sectors) * u64::from(sector) > length {
            return wrong("more sectors than the disk has");
        }
        let is_fat32 = word(boot, 22) == 0;
        let table_sectors = if is_fat32 { long(boot, 36) } else { word(boot, 22) };
        let root_sectors = if is_fat32 { 0 } else { (word(boot, 17) * SLOT).div_ceil(sector) };
        let root = u64::from(reserved) + u64::from(tables) * u64::from(table_sectors);
        let data = root + u64::from(root_sectors);
        if table_sectors == 0 || data >= u64::from(sectors) || !is_fat32 && root_sectors == 0 {
            return wrong("tables beyond the end");
        }
        let (root, data) = (root as u32, data as u32);
        let clusters = (sectors - data) / cluster;
        let kind = match clusters {
            0 => return wrong("no clusters"),
            _ if is_fat32 => Kind::Fat32,
            1..FAT16_FROM => Kind::Fat12,
            FAT16_FROM..FAT32_FROM => Kind::Fat16,
            _ => return wrong("more clusters than 16 bits can number"),
        };
        let bits = match kind {
            Kind::Fat12 => 12,
            Kind::Fat16 => 16,
            Kind::Fat32 => 32,
        };
        let holds = u64::from(table_sectors) * u64::from(sector) * 8 / bits;
        if clusters > FAT32_MOST || holds < u64::from(clusters) + 2 {
            return wrong("a table too small for the clusters");
        }
        let mut geometry = Self {
            kind,
            sector,
            cluster,
            clusters,
            table: reserved,
            table_sectors,
            mirrors: tables - 1,
            root,
            root_sectors,
            root_cluster: 0,
            data,
            info: None,
            sectors,
            serial: long(boot, if is_fat32 { 67 } else { 39 }),
            label: label(boot, if is_fat32 { 71 } else { 43 }),
            is_dirty: byte(boot, dirty_at(kind)) & 1 != 0,
        };
        if is_fat32 {
            geometry.extended(boot, reserved, tables)?;
        }
        Ok(geometry)
    }

    /// What only FAT32 has.
    fn extended(&mut self, boot: &[u8], reserved: u32, tables: u32) -> Result<(), Error> {
        self.root_cluster = long(boot, 44);
        if !self.holds(self.root_cluster) {
            return Err(Error::NotFat("root folder beyond the end"));
        }
        let flags = word(boot, 40);
        if flags & 0x80 != 0 {
            // One table is in use and the others are not kept.
            let active = flags & 0xF;
            if active >= tables {
                return Err(Error::NotFat("active table"));
            }
            self.table = reserved + active * self.table_sectors;
            self.mirrors = 0;
        }
        let info = word(boot, 48);
        self.info = (info != 0 && info < reserved).then_some(info);
        Ok(())
    }

    /// Whether there is a cluster of that number.
    pub(crate) const fn holds(&self, cluster: u32) -> bool {
        cluster >= 2 && cluster - 2 < self.clusters
    }

    /// First sector of a cluster.
    pub(crate) const fn sector_of(&self, cluster: u32) -> u32 {
        self.data + cluster.saturating_sub(2) * self.cluster
    }

    /// Bytes of a cluster.
    pub const fn cluster_bytes(&self) -> u32 {
        self.cluster * self.sector
    }

    /// Clusters for that many bytes.
    pub(crate) const fn clusters_for(&self, bytes: u64) -> u32 {
        bytes.div_ceil(self.cluster_bytes() as u64) as u32
    }

    /// The root folder, as [`crate::entry::Entry::first`] has it: 0 where it is no chain.
    pub(crate) const fn root_folder(&self) -> u32 {
        self.root_cluster
    }

    /// The boot sector's label without the blanks; empty for `NO NAME`.
    pub(crate) fn boot_label(&self) -> Vec<u16> {
        match &self.label {
            b"NO NAME    " => Vec::new(),
            label => crate::short::text_of_label(label),
        }
    }
}

fn label(boot: &[u8], at: usize) -> [u8; 11] {
    let mut label = [b' '; 11];
    // Label and serial number are there when the signature says so.
    if let (Some(from), true) = (boot.get(at..at + 11), matches!(byte(boot, at - 5), 0x29)) {
        label.copy_from_slice(from);
    }
    label
}
