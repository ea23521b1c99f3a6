//! A volume that is mounted.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::boot::{Geometry, Kind};
use crate::disk::{Disk, SECTOR};
use crate::entry::attribute;
use crate::error::Error;
use crate::folder::Folder;
use crate::node::Node;
use crate::short::text_of_label;
use crate::store::Store;

/// A FAT volume, and what of it is open.
#[derive(Debug)]
pub struct Volume {
    pub(crate) store: Store,
    pub(crate) nodes: Vec<Node>,
    pub(crate) last_id: u64,
    pub(crate) is_read_only: bool,
    /// It is marked as one in use, by us.
    pub(crate) is_marked: bool,
    /// It was marked as one in use when it was mounted.
    pub(crate) was_dirty: bool,
}

/// Room on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Clusters.
    pub clusters: u32,
    /// Of these, free.
    pub free: u32,
    /// Sectors of a cluster.
    pub sectors_per_cluster: u32,
    /// Bytes of a sector.
    pub bytes_per_sector: u32,
}

impl Volume {
    /// Mounts what lies on a disk.
    ///
    /// # Errors
    /// [`Error::NotFat`], those of the disk.
    pub fn mount(mut disk: Box<dyn Disk>) -> Result<Self, Error> {
        let mut boot = [0; SECTOR as usize];
        if disk.length() < boot.len() as u64 {
            return Err(Error::NotFat("too small"));
        }
        disk.read(0, &mut boot).map_err(Error::Disk)?;
        let geometry = Geometry::parse(&boot, disk.length())?;
        let is_read_only = disk.is_read_only();
        let was_dirty = geometry.is_dirty;
        let mut volume = Self {
            store: Store::new(disk, geometry),
            nodes: Vec::new(),
            last_id: 0,
            is_read_only,
            is_marked: false,
            was_dirty,
        };
        volume.read_free()?;
        Ok(volume)
    }

    /// Where everything is on it.
    pub fn geometry(&self) -> &Geometry {
        &self.store.geometry
    }

    /// FAT12, FAT16 or FAT32.
    pub fn kind(&self) -> Kind {
        self.store.geometry.kind
    }

    /// Whether it was not shut down cleanly before it was mounted.
    pub fn was_dirty(&self) -> bool {
        self.was_dirty
    }

    /// Room on it. May count, the first time.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn space(&mut self) -> Result<Space, Error> {
        let free = self.store.count_free()?;
        let Geometry { clusters, cluster, sector, .. } = self.store.geometry;
        Ok(Space { clusters, free, sectors_per_cluster: cluster, bytes_per_sector: sector })
    }

    /// Its label: the root folder's, else the boot sector's; empty for none.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn label(&mut self) -> Result<Vec<u16>, Error> {
        let root = self.store.geometry.root_folder();
        let found = Folder::new(root).scan(&mut self.store, 0, |_, short, _| {
            let is_label = short.attributes & (attribute::LABEL | attribute::FOLDER) == attribute::LABEL;
            is_label.then(|| text_of_label(&short.name))
        })?;
        Ok(found.unwrap_or_else(|| self.store.geometry.boot_label()))
    }

    /// Whether files are open.
    pub fn is_in_use(&self) -> bool {
        !self.nodes.is_empty()
    }
}
