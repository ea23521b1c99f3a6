//! Blocks of sectors that are kept in memory.

use alloc::vec::Vec;
use core::ops::Range;

use crate::boot::{Geometry, Kind};

/// Bytes of a block, where sectors are not larger.
const BLOCK: u32 = 4096;

/// What a block is part of, in the order in which blocks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Data,
    Table,
    Folder,
}

/// Sectors that are read, kept and written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub first: u32,
    /// 1 to 32.
    pub sectors: u32,
}

#[derive(Debug)]
pub(crate) struct Block {
    pub class: Class,
    pub span: Span,
    pub bytes: Vec<u8>,
    /// A bit for each sector that the disk has not got.
    pub dirty: u32,
    /// When it became dirty.
    pub since: u32,
    /// When it was last asked for.
    pub used: u32,
}

impl Block {
    /// The sectors that hold a part of its bytes are to be written.
    pub(crate) fn mark(&mut self, part: Range<usize>, sector: u32, now: u32) {
        let (first, last) = (part.start as u32 / sector, part.end.saturating_sub(1) as u32 / sector);
        let upto = |bit: u32| u32::MAX >> (31 - bit.min(31));
        if self.dirty == 0 {
            self.since = now;
        }
        self.dirty |= upto(last) & !(upto(first) >> 1);
    }
}

impl Geometry {
    /// Sectors of a block.
    const fn block(&self) -> u32 {
        if self.sector >= BLOCK { 1 } else { BLOCK / self.sector }
    }

    /// The block of a sector of an area, and where the sector is in it, in bytes.
    fn span(&self, start: u32, sectors: u32, sector: u32) -> (Span, usize) {
        let within = sector - start;
        let offset = within % self.block();
        let first = within - offset;
        let span = Span { first: start + first, sectors: self.block().min(sectors - first) };
        (span, (offset * self.sector) as usize)
    }

    /// The block of a sector of a cluster.
    pub(crate) fn cluster_span(&self, sector: u32) -> (Span, usize) {
        let within = sector.saturating_sub(self.data) % self.cluster;
        self.span(sector - within, self.cluster, sector)
    }

    /// The block of a sector of FAT12's and FAT16's root folder.
    pub(crate) fn root_span(&self, sector: u32) -> (Span, usize) {
        self.span(self.root, self.root_sectors, sector)
    }

    /// The block of a cluster's entry in the table, where it begins there, in bytes, and the number of the block's first
    /// entry. A table of FAT12, whose entries do not end with sectors, is one block.
    pub(crate) fn table_span(&self, cluster: u32) -> (Span, u32) {
        let used = |bytes: u32| bytes.div_ceil(self.sector).min(self.table_sectors);
        let per_sector = match self.kind {
            Kind::Fat12 => {
                let sectors = used((self.clusters + 2) * 3 / 2 + 1);
                return (Span { first: self.table, sectors }, 0);
            }
            Kind::Fat16 => self.sector / 2,
            Kind::Fat32 => self.sector / 4,
        };
        let sector = cluster / per_sector;
        let (span, _) = self.span(self.table, self.table_sectors, self.table + sector);
        (span, (span.first - self.table) * per_sector)
    }
}
