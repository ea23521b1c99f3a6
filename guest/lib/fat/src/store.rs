//! The disk with some of its blocks in memory.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::block::{Block, Class, Span};
use crate::boot::Geometry;
use crate::disk::Disk;
use crate::error::Error;
use crate::table::Run;

/// Blocks that are kept at most.
const BLOCKS: usize = 24;

/// The disk, what the boot sector says of it, and what is kept of it.
#[derive(Debug)]
pub(crate) struct Store {
    pub disk: Box<dyn Disk>,
    pub geometry: Geometry,
    pub blocks: Vec<Block>,
    clock: u32,
    /// Free clusters, once somebody has counted.
    pub free: Option<u32>,
    /// Where to look for a free cluster first.
    pub hint: u32,
    /// What has become free and is still to be discarded; some of it may be in use again.
    pub leftover: Vec<Run>,
}

impl Store {
    pub(crate) fn new(disk: Box<dyn Disk>, geometry: Geometry) -> Self {
        Self { disk, geometry, blocks: Vec::new(), clock: 0, free: None, hint: 2, leftover: Vec::new() }
    }

    /// Where a sector is on the disk, in bytes.
    pub(crate) fn offset(&self, sector: u32) -> u64 {
        u64::from(sector) * u64::from(self.geometry.sector)
    }

    /// The block, read if need be: its place among the blocks.
    fn load(&mut self, class: Class, span: Span) -> Result<usize, Error> {
        self.clock = self.clock.wrapping_add(1);
        let is_it = |block: &Block| block.span.first == span.first && block.class == class;
        if let Some(at) = self.blocks.iter().position(is_it) {
            return Ok(at);
        }
        let mut bytes = Vec::new();
        let length = span.sectors as usize * self.geometry.sector as usize;
        bytes.try_reserve_exact(length).map_err(|_| Error::NoMemory)?;
        bytes.resize(length, 0);
        let at = self.offset(span.first);
        self.disk.read(at, &mut bytes).map_err(Error::Disk)?;
        self.make_room()?;
        self.blocks.push(Block { class, span, bytes, dirty: 0, since: 0, used: 0 });
        Ok(self.blocks.len() - 1)
    }

    /// Lets the block go that was not asked for longest, of those that the disk has if there are any.
    fn make_room(&mut self) -> Result<(), Error> {
        if self.blocks.len() < BLOCKS {
            return Ok(());
        }
        if self.blocks.iter().all(|block| block.dirty != 0) {
            self.write_back()?;
        }
        let clean = self.blocks.iter().enumerate().filter(|(_, block)| block.dirty == 0);
        if let Some((at, _)) = clean.min_by_key(|(_, block)| block.used) {
            self.blocks.swap_remove(at);
        }
        Ok(())
    }

    /// A block's bytes.
    pub(crate) fn view(&mut self, class: Class, span: Span) -> Result<&[u8], Error> {
        let at = self.load(class, span)?;
        let block = self.blocks.get_mut(at).ok_or(Error::NoMemory)?;
        block.used = self.clock;
        Ok(&block.bytes)
    }

    /// A block's bytes, a part of which is going to change.
    pub(crate) fn change(
        &mut self,
        class: Class,
        span: Span,
        part: Range<usize>,
    ) -> Result<&mut [u8], Error> {
        let at = self.load(class, span)?;
        let block = self.blocks.get_mut(at).ok_or(Error::NoMemory)?;
        block.used = self.clock;
        block.mark(part, self.geometry.sector, self.clock);
        Ok(&mut block.bytes)
    }

    /// Forgets what is kept of sectors whose contents no longer count.
    pub(crate) fn forget(&mut self, first: u32, sectors: u32) {
        let end = first.saturating_add(sectors);
        self.blocks.retain(|block| block.class == Class::Table || !(first..end).contains(&block.span.first));
    }

    /// Reads whole sectors of files past the blocks.
    pub(crate) fn read_sectors(&mut self, first: u32, buffer: &mut [u8]) -> Result<(), Error> {
        self.settle(first, buffer.len())?;
        let at = self.offset(first);
        self.disk.read(at, buffer).map_err(Error::Disk)
    }

    /// Writes whole sectors past the blocks.
    pub(crate) fn write_sectors(&mut self, first: u32, data: &[u8]) -> Result<(), Error> {
        self.settle(first, data.len())?;
        let at = self.offset(first);
        self.disk.write(at, data).map_err(Error::Disk)
    }

    /// Writes zeros to whole sectors past the blocks.
    pub(crate) fn zero_sectors(&mut self, first: u32, sectors: u32) -> Result<(), Error> {
        self.settle(first, sectors as usize * self.geometry.sector as usize)?;
        let (at, length) = (self.offset(first), u64::from(sectors) * u64::from(self.geometry.sector));
        self.disk.zero(at, length).map_err(Error::Disk)
    }

    /// Nothing of these sectors is kept any more.
    fn settle(&mut self, first: u32, bytes: usize) -> Result<(), Error> {
        let end = first.saturating_add((bytes as u64).div_ceil(self.geometry.sector.into()) as u32);
        let overlaps = |block: &Block| {
            block.class == Class::Data
                && block.span.first < end
                && first < block.span.first + block.span.sectors
        };
        if self.blocks.iter().any(|block| overlaps(block) && block.dirty != 0) {
            self.write_class(Class::Data)?;
        }
        self.blocks.retain(|block| !overlaps(block));
        Ok(())
    }
}
