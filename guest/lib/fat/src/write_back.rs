//! Blocks go to the disk: data, then the table from its end to its start, then folders in the order in which they
//! changed. A chain mostly runs forwards, so that its end is on the disk before what leads there.

use alloc::vec::Vec;

use crate::block::{Block, Class};
use crate::error::Error;
use crate::store::Store;

/// The runs of set bits, from the highest to the lowest: first bit and number.
fn runs(mut mask: u32) -> impl Iterator<Item = (u32, u32)> {
    core::iter::from_fn(move || {
        let top = 31_u32.checked_sub(mask.leading_zeros())?;
        let count = (mask << (31 - top)).leading_ones();
        let first = top + 1 - count;
        mask &= (1_u32 << first).wrapping_sub(1);
        Some((first, count))
    })
}

impl Store {
    /// Everything that is kept goes to the disk.
    pub(crate) fn write_back(&mut self) -> Result<(), Error> {
        self.write_class(Class::Data)?;
        self.write_class(Class::Table)?;
        self.write_class(Class::Folder)
    }

    /// What is kept of a class goes to the disk.
    pub(crate) fn write_class(&mut self, class: Class) -> Result<(), Error> {
        let is_due = |block: &Block| block.class == class && block.dirty != 0;
        let mut due: Vec<usize> = Vec::new();
        due.extend(self.blocks.iter().enumerate().filter(|(_, block)| is_due(block)).map(|(at, _)| at));
        due.sort_unstable_by_key(|&at| {
            self.blocks.get(at).map_or(0, |block| match class {
                Class::Data => block.span.first,
                Class::Table => !block.span.first,
                Class::Folder => block.since,
            })
        });
        let mirrors = if class == Class::Table { self.geometry.mirrors } else { 0 };
        for copy in 0..=mirrors {
            for &at in &due {
                self.write_block(at, copy * self.geometry.table_sectors)?;
            }
        }
        for &at in &due {
            if let Some(block) = self.blocks.get_mut(at) {
                block.dirty = 0;
            }
        }
        Ok(())
    }

    /// Writes what has changed in a block, so many sectors behind where it belongs.
    fn write_block(&mut self, at: usize, shift: u32) -> Result<(), Error> {
        let sector = self.geometry.sector;
        let Some(block) = self.blocks.get(at) else { return Ok(()) };
        for (first, count) in runs(block.dirty) {
            let place = u64::from(block.span.first + shift + first) * u64::from(sector);
            let part = (first * sector) as usize..((first + count) * sector) as usize;
            let bytes = block.bytes.get(part).ok_or(Error::Corrupt("length of a block"))?;
            self.disk.write(place, bytes).map_err(Error::Disk)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_from_above() {
        assert_eq!(runs(0).count(), 0);
        assert!(runs(0b1).eq([(0, 1)]));
        assert!(runs(0b1110_0101).eq([(5, 3), (2, 1), (0, 1)]));
        assert!(runs(u32::MAX).eq([(0, 32)]));
        assert!(runs(1 << 31).eq([(31, 1)]));
    }
}
