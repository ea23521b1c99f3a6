//! Contents of files.

use crate::block::Class;
use crate::entry::attribute;
use crate::error::Error;
use crate::node::{Node, NodeId};
use crate::stamp::Stamp;
use crate::volume::Volume;

/// Transfers of fewer bytes go through the blocks that are kept.
const SMALL: u32 = 4096;

/// A part of a transfer that lies in one place on the disk.
enum Part {
    /// Within a block: first sector, where in that sector, bytes.
    Kept(u32, usize, usize),
    /// Whole sectors: the first one, and how many.
    Sectors(u32, u32),
}

impl Part {
    fn bytes(&self, sector: u32) -> usize {
        match self {
            Self::Kept(_, _, bytes) => *bytes,
            Self::Sectors(_, sectors) => (sectors * sector) as usize,
        }
    }
}

impl Volume {
    /// Reads from an offset on; returns how many bytes there were.
    ///
    /// # Errors
    /// [`Error::IsAFolder`], [`Error::Corrupt`] for a file shorter than its size, those of the disk.
    pub fn read(&mut self, id: NodeId, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        self.with(id, |volume, node| {
            if node.is_folder() {
                return Err(Error::IsAFolder);
            }
            let Some(offset) = u32::try_from(offset).ok().filter(|&offset| offset < node.short.size) else {
                return Ok(0);
            };
            let length = buffer.len().min((node.short.size - offset) as usize);
            let buffer = buffer.get_mut(..length).unwrap_or_default();
            let valid = if node.is_raw { node.short.size } else { node.valid };
            let written = (valid.saturating_sub(offset) as usize).min(length);
            let (mut from_disk, zeros) = buffer.split_at_mut(written);
            let mut at = offset;
            while !from_disk.is_empty() {
                let part = volume.part(node, at, from_disk.len())?;
                let (now, rest) = from_disk.split_at_mut(part.bytes(volume.store.geometry.sector));
                match part {
                    Part::Kept(sector, within, bytes) => {
                        let (span, start) = volume.store.geometry.cluster_span(sector);
                        let from = start + within;
                        let block = volume.store.view(Class::Data, span)?;
                        now.copy_from_slice(block.get(from..from + bytes).ok_or(Error::Corrupt("block"))?);
                    }
                    Part::Sectors(sector, _) => volume.store.read_sectors(sector, now)?,
                }
                at += now.len() as u32;
                from_disk = rest;
            }
            zeros.fill(0);
            Ok(length)
        })
    }

    /// Writes from an offset on, and makes the file longer if need be. `now` is the time.
    ///
    /// # Errors
    /// [`Error::Full`], also for a file that would be larger than one can be; [`Error::IsAFolder`],
    /// [`Error::WriteProtected`], those of the disk.
    pub fn write(&mut self, id: NodeId, offset: u64, data: &[u8], now: i64) -> Result<(), Error> {
        self.begin_change()?;
        self.with(id, |volume, node| {
            if node.is_folder() {
                return Err(Error::IsAFolder);
            }
            let end = offset.checked_add(data.len() as u64).and_then(|end| u32::try_from(end).ok());
            let end = end.ok_or(Error::Full)?;
            let offset = end - data.len() as u32;
            if data.is_empty() {
                return Ok(());
            }
            volume.reserve(node, end)?;
            if offset > node.valid && !node.is_raw {
                volume.clear(node, node.valid, offset)?;
            }
            volume.put(node, offset, data)?;
            touch(node, now);
            node.short.size = node.short.size.max(end);
            node.valid = node.valid.max(end);
            Ok(())
        })
    }

    /// Sets a file's length. What comes to it reads as zeros.
    ///
    /// # Errors
    /// As [`Volume::write`].
    pub fn set_size(&mut self, id: NodeId, size: u64, now: i64) -> Result<(), Error> {
        self.begin_change()?;
        let size = u32::try_from(size).map_err(|_| Error::Full)?;
        self.with(id, |volume, node| {
            if node.is_folder() {
                return Err(Error::IsAFolder);
            }
            let old = node.short.size;
            if size > old {
                volume.reserve(node, size)?;
            }
            touch(node, now);
            node.short.size = size;
            if size < old {
                node.valid = node.valid.min(size);
                let keep = volume.store.geometry.clusters_for(size.into());
                volume.shorten(node, keep)?;
            }
            Ok(())
        })
    }

    /// Sees to it that a file has clusters for that many bytes, or no more than that. Less than its size cuts it.
    ///
    /// # Errors
    /// As [`Volume::write`].
    pub fn set_allocation(&mut self, id: NodeId, bytes: u64, now: i64) -> Result<(), Error> {
        let bytes = u32::try_from(bytes).map_err(|_| Error::Full)?;
        let size = self.info(id)?.size;
        if bytes < size {
            return self.set_size(id, bytes.into(), now);
        }
        self.begin_change()?;
        self.with(id, |volume, node| {
            if node.is_folder() {
                return Err(Error::IsAFolder);
            }
            volume.reserve(node, bytes)?;
            let keep = volume.store.geometry.clusters_for(bytes.into());
            volume.shorten(node, keep)
        })
    }

    /// A file whose contents are its user's business, a paging file: nothing of it is cleared, now or later.
    ///
    /// # Errors
    /// [`Error::NotOpen`].
    pub fn set_raw(&mut self, id: NodeId) -> Result<(), Error> {
        self.with(id, |_, node| {
            node.is_raw = true;
            Ok(())
        })
    }

    /// Where a part of a file lies: the offset on the disk, and how many bytes come one after another from there on. `None` behind
    /// its clusters.
    ///
    /// # Errors
    /// [`Error::Corrupt`], those of the disk.
    pub fn extent(&mut self, id: NodeId, offset: u64) -> Result<Option<(u64, u64)>, Error> {
        self.with(id, |volume, node| {
            let bytes = u64::from(volume.store.geometry.cluster_bytes());
            let Ok(index) = u32::try_from(offset / bytes) else { return Ok(None) };
            let Some(run) = node.chain.at(&mut volume.store, index)? else { return Ok(None) };
            let start = volume.store.offset(volume.store.geometry.sector_of(run.first));
            let within = offset % bytes;
            Ok(Some((start + within, u64::from(run.count) * bytes - within)))
        })
    }

    /// Clusters for that many bytes, at least.
    fn reserve(&mut self, node: &mut Node, bytes: u32) -> Result<(), Error> {
        let wanted = self.store.geometry.clusters_for(bytes.into());
        let have = if node.chain.first == 0 { 0 } else { node.chain.length(&mut self.store)? };
        if wanted > have {
            node.chain.grow(&mut self.store, wanted - have)?;
            node.is_dirty = true;
            node.has_more = true;
        }
        Ok(())
    }

    /// No more clusters than that. The entry goes to the disk first.
    pub(crate) fn shorten(&mut self, node: &mut Node, keep: u32) -> Result<(), Error> {
        if node.chain.first == 0 || node.chain.length(&mut self.store)? <= keep {
            return Ok(());
        }
        self.store_entry(node)?;
        if keep == 0 {
            let mut short = node.short;
            short.first = 0;
            let bytes = short.bytes();
            crate::folder::Folder::new(node.folder)
                .put(&mut self.store, node.slots.1, |slot| *slot = bytes)?;
        }
        self.store.write_back()?;
        node.chain.cut(&mut self.store, keep)?;
        self.store.give_back_if_much()
    }

    /// Where the next of `length` bytes at an offset lie.
    fn part(&mut self, node: &mut Node, offset: u32, length: usize) -> Result<Part, Error> {
        let (sector_bytes, cluster) = (self.store.geometry.sector, self.store.geometry.cluster);
        let (index, within) = (offset / (cluster * sector_bytes), offset % (cluster * sector_bytes));
        let run =
            node.chain.at(&mut self.store, index)?.ok_or(Error::Corrupt("file shorter than its size"))?;
        let first = self.store.geometry.sector_of(run.first);
        let (sector, within) = (first + within / sector_bytes, within % sector_bytes);
        let left = u64::from(run.count) * u64::from(cluster) - u64::from(sector - first);
        let whole = (length as u64 / u64::from(sector_bytes)).min(left) as u32;
        if within == 0 && u64::from(whole) * u64::from(sector_bytes) >= u64::from(SMALL.max(sector_bytes)) {
            return Ok(Part::Sectors(sector, whole));
        }
        let (span, start) = self.store.geometry.cluster_span(sector);
        let rest = (span.sectors * sector_bytes) as usize - start - within as usize;
        Ok(Part::Kept(sector, within as usize, rest.min(length)))
    }

    /// Writes to clusters that there are.
    fn put(&mut self, node: &mut Node, offset: u32, mut data: &[u8]) -> Result<(), Error> {
        let mut at = offset;
        while !data.is_empty() {
            let part = self.part(node, at, data.len())?;
            let (now, rest) = data.split_at(part.bytes(self.store.geometry.sector));
            match part {
                Part::Kept(sector, within, bytes) => {
                    let (span, start) = self.store.geometry.cluster_span(sector);
                    let range = start + within..start + within + bytes;
                    let block = self.store.change(Class::Data, span, range.clone())?;
                    block.get_mut(range).ok_or(Error::Corrupt("block"))?.copy_from_slice(now);
                }
                Part::Sectors(sector, _) => self.store.write_sectors(sector, now)?,
            }
            at += now.len() as u32;
            data = rest;
        }
        Ok(())
    }

    /// Writes zeros to clusters that there are.
    pub(crate) fn clear(&mut self, node: &mut Node, from: u32, end: u32) -> Result<(), Error> {
        let mut at = from;
        while at < end {
            let part = self.part(node, at, (end - at) as usize)?;
            let bytes = part.bytes(self.store.geometry.sector);
            match part {
                Part::Kept(sector, within, bytes) => {
                    let (span, start) = self.store.geometry.cluster_span(sector);
                    let range = start + within..start + within + bytes;
                    let block = self.store.change(Class::Data, span, range.clone())?;
                    block.get_mut(range).ok_or(Error::Corrupt("block"))?.fill(0);
                }
                Part::Sectors(sector, sectors) => self.store.zero_sectors(sector, sectors)?,
            }
            at += bytes as u32;
        }
        Ok(())
    }
}

/// It has been written to.
pub(crate) fn touch(node: &mut Node, now: i64) {
    node.short.written = Stamp { hundredths: 0, ..Stamp::from_time(now) };
    node.short.access_date = node.short.written.date;
    node.short.attributes |= attribute::ARCHIVE;
    node.is_dirty = true;
}
