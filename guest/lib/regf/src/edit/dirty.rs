//! Which sectors of the hive bins data have changed since the last flush.

use alloc::vec::Vec;
use core::ops::Range;

use crate::layout::SECTOR;

/// A bit a sector.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dirty {
    bits: Vec<u64>,
}

impl Dirty {
    /// Notes that bytes at an offset in the hive bins data have changed.
    pub(crate) fn mark(&mut self, offset: usize, len: usize) {
        if len == 0 {
            return;
        }
        let (first, last) = (offset / SECTOR, (offset + len - 1) / SECTOR);
        if last / 64 >= self.bits.len() {
            self.bits.resize(last / 64 + 1, 0);
        }
        for sector in first..=last {
            if let Some(word) = self.bits.get_mut(sector / 64) {
                *word |= 1 << (sector % 64);
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.bits.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bits.iter().all(|&word| word == 0)
    }

    /// The changed ranges, in bytes, in order, as few as possible.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut from = 0;
        core::iter::from_fn(move || {
            let first = self.next(from, true)?;
            let end = self.next(first, false).unwrap_or(self.bits.len() * 64);
            from = end;
            Some(first * SECTOR..end * SECTOR)
        })
    }

    /// The first sector from one on that has changed, or has not.
    fn next(&self, from: usize, changed: bool) -> Option<usize> {
        let flip = if changed { 0 } else { u64::MAX };
        let mut mask = u64::MAX << (from % 64);
        for (index, word) in self.bits.iter().enumerate().skip(from / 64) {
            let hits = (word ^ flip) & mask;
            if hits != 0 {
                return Some(index * 64 + hits.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_joined_to_runs() {
        let mut dirty = Dirty::default();
        assert!(dirty.is_empty() && dirty.runs().next().is_none());
        dirty.mark(511, 2);
        dirty.mark(1024, 1);
        dirty.mark(5000, 0);
        dirty.mark(63 * 512, 513);
        dirty.mark(127 * 512, 512);
        let runs: Vec<_> = dirty.runs().map(|run| (run.start / 512, run.end / 512)).collect();
        assert_eq!(runs, [(0, 3), (63, 65), (127, 128)]);
        dirty.clear();
        assert!(dirty.is_empty());
    }
}
