//! Whether a volume is in use, and how many clusters it says are free.

use alloc::vec;

use crate::boot::{Kind, dirty_at};
use crate::error::Error;
use crate::volume::Volume;

/// Bits of the table's second entry: shut down cleanly, no errors.
const CLEAN_16: u32 = 0x8000;
const CLEAN_32: u32 = 0x0800_0000;
/// Signatures of FAT32's count of free clusters, and where it is.
const INFO_SIGNATURES: [(usize, u32); 2] = [(0, 0x4161_5252), (484, 0x6141_7272)];
const INFO_FREE: usize = 488;
const INFO_NEXT: usize = 492;

impl Volume {
    /// Whether nothing of it can be changed.
    pub fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Marks the volume as one in use, before it is changed for the first time.
    pub(crate) fn begin_change(&mut self) -> Result<(), Error> {
        if self.is_read_only {
            return Err(Error::WriteProtected);
        }
        if !self.is_marked {
            self.mark(true)?;
            self.is_marked = true;
        }
        Ok(())
    }

    fn mark(&mut self, is_dirty: bool) -> Result<(), Error> {
        let bit = match self.store.geometry.kind {
            Kind::Fat12 => None,
            Kind::Fat16 => Some(CLEAN_16),
            Kind::Fat32 => Some(CLEAN_32),
        };
        if let Some(bit) = bit {
            let entry = self.store.entry(1)?;
            // An end mark of FAT16 is told with 28 bits.
            self.store.set_entry(1, if is_dirty { entry & !bit } else { entry | bit })?;
            self.store.write_back()?;
        }
        let at = dirty_at(self.store.geometry.kind);
        self.change_sector(0, |boot| {
            if let Some(byte) = boot.get_mut(at) {
                *byte = *byte & !1 | u8::from(is_dirty);
            }
        })
    }

    fn change_sector(&mut self, sector: u32, change: impl FnOnce(&mut [u8])) -> Result<(), Error> {
        let mut bytes = vec![0; self.store.geometry.sector as usize];
        let at = self.store.offset(sector);
        self.store.disk.read(at, &mut bytes).map_err(Error::Disk)?;
        change(&mut bytes);
        self.store.disk.write(at, &bytes).map_err(Error::Disk)
    }

    /// Takes what the volume says of its free clusters, if it was shut down cleanly.
    pub(crate) fn read_free(&mut self) -> Result<(), Error> {
        let Some(sector) = self.store.geometry.info else { return Ok(()) };
        let mut bytes = vec![0; self.store.geometry.sector as usize];
        let at = self.store.offset(sector);
        self.store.disk.read(at, &mut bytes).map_err(Error::Disk)?;
        let long = |at: usize| {
            bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |long| u32::from_le_bytes(*long))
        };
        if INFO_SIGNATURES.iter().any(|&(at, signature)| long(at) != signature) {
            self.store.geometry.info = None;
            return Ok(());
        }
        if self.store.geometry.holds(long(INFO_NEXT)) {
            self.store.hint = long(INFO_NEXT);
        }
        if !self.was_dirty && long(INFO_FREE) <= self.store.geometry.clusters {
            self.store.free = Some(long(INFO_FREE));
        }
        Ok(())
    }

    /// Everything goes to the disk, to stay. The volume is still one in use.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn sync(&mut self) -> Result<(), Error> {
        let ids: vec::Vec<_> = self.nodes.iter().filter(|node| node.is_dirty).map(|node| node.id).collect();
        for id in ids {
            self.with(id, |volume, node| volume.store_entry(node))?;
        }
        self.store.flush()
    }

    /// Everything goes to the disk, and the volume is marked as one that is not in use, unless it was not shut down cleanly before.
    /// Changing it again marks it again.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn shut_down(&mut self) -> Result<(), Error> {
        if !self.is_marked {
            return Ok(());
        }
        self.sync()?;
        if let Some(sector) = self.store.geometry.info {
            let (free, next) = (self.store.count_free()?, self.store.hint);
            self.change_sector(sector, |info| {
                for (at, value) in [(INFO_FREE, free), (INFO_NEXT, next)] {
                    if let Some(place) = info.get_mut(at..at + 4) {
                        place.copy_from_slice(&value.to_le_bytes());
                    }
                }
            })?;
        }
        if !self.was_dirty {
            self.mark(false)?;
        }
        self.is_marked = false;
        self.store.disk.flush().map_err(Error::Disk)
    }
}
