//! The partitions of a disk, read through its own transfers.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use partition::{Layout, Sectors};

use super::volume::Volume;

/// All of a disk, as the crate `partition` reads it.
struct Whole<'a>(&'a Arc<Volume>);

impl Sectors for Whole<'_> {
    type Error = NtStatus;

    fn sector_size(&self) -> usize {
        self.0.sector_size() as usize
    }

    fn sectors(&self) -> u64 {
        self.0.sectors
    }

    fn read(&mut self, first: u64, count: u32) -> Result<Vec<u8>, NtStatus> {
        let len = count as usize * self.sector_size();
        let block = self.0.read(first, count)?;
        Ok(block.bytes().get(..len).unwrap_or_default().into())
    }
}

/// Reads the partition table of a disk. It waits.
///
/// # Errors
/// When the disk cannot be read.
pub fn read(whole: &Arc<Volume>) -> Result<Layout, NtStatus> {
    partition::read(&mut Whole(whole))
}
