//! Free cells: which are known, and which of them fits best.
//!
//! Nothing is known when a hive is opened, as looking at every cell costs too much where instructions are dear.
//! Bins are searched when room is needed, the last one first, and only some before the hive grows instead.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::bins::Bin;
use crate::error::HiveError;
use crate::hive::Hive;

/// So many bins are searched for one allocation before the hive grows.
const SEARCH: usize = 8;

/// What is known about free room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Space {
    /// All bins, in order, once they have been looked for.
    bins: Option<Vec<Bin>>,
    /// So many of them, from the first, have not been searched.
    unsearched: usize,
    /// So many bins are appended before any is searched.
    growth: u8,
    /// What the last allocation has left of a free cell: the next one is tried there first, and most fit.
    rest: Option<(u32, u32)>,
    /// Size by offset, and the same by size, of all others.
    by_offset: BTreeMap<u32, u32>,
    by_size: BTreeSet<(u32, u32)>,
}

impl Space {
    /// Takes a known free cell of at least a size out of the index: what the last allocation has left, or the smallest.
    /// Its offset and size.
    #[inline]
    pub(crate) fn take(&mut self, size: u32) -> Option<(u32, u32)> {
        if let Some(rest) = self.rest.take_if(|(_, len)| *len >= size) {
            return Some(rest);
        }
        let (found, offset) = *self.by_size.range((size, 0)..).next()?;
        self.remove(offset);
        Some((offset, found))
    }

    /// Whether the next allocation of a size takes from what the last one has left.
    #[inline]
    pub(crate) fn rest_holds(&self, size: u32) -> bool {
        self.rest.is_some_and(|(_, len)| len >= size)
    }

    /// Adds what an allocation has left of a free cell. Nothing free is next to it.
    #[inline]
    pub(crate) fn add_rest(&mut self, offset: u32, size: u32) {
        if let Some((offset, size)) = self.rest.replace((offset, size)) {
            self.insert(offset, size);
        }
    }

    fn insert(&mut self, offset: u32, size: u32) {
        self.by_offset.insert(offset, size);
        self.by_size.insert((size, offset));
    }

    fn remove(&mut self, offset: u32) -> Option<u32> {
        let size = self.by_offset.remove(&offset)?;
        self.by_size.remove(&(size, offset));
        Some(size)
    }

    /// Adds a free cell, joined with those next to it; returns the offset and size of the whole.
    ///
    /// Bins begin with a header, so cells of two bins never lie next to each other.
    pub(crate) fn add(&mut self, mut offset: u32, mut size: u32) -> (u32, u32) {
        // The rest is one of its neighbours like any other.
        if let Some((at, len)) = self.rest.take_if(|(at, len)| *at + *len == offset || *at == offset + size) {
            self.insert(at, len);
        }
        let before = self.by_offset.range(..offset).next_back().map(|(&at, &len)| (at, len));
        if let Some((at, len)) = before
            && at + len == offset
        {
            self.remove(at);
            (offset, size) = (at, len + size);
        }
        size += self.remove(offset + size).unwrap_or(0);
        self.insert(offset, size);
        (offset, size)
    }

    /// Whether the free cells around an offset are known, so that a cell there may be joined with them.
    pub(crate) fn knows(&self, offset: u32) -> bool {
        self.bins.as_ref().is_some_and(|bins| match bins.get(self.unsearched) {
            Some(bin) => bin.start <= offset,
            None => false,
        })
    }

    /// Lets the hive grow by so many bins before any is searched.
    pub(crate) fn grow_first(&mut self, bins: u8) {
        self.growth = bins;
    }

    /// Whether the hive is to grow rather than be searched; takes a bin off what it may grow by.
    pub(crate) fn grows(&mut self, hive: Hive<'_>) -> Result<bool, HiveError> {
        match self.growth.checked_sub(1) {
            Some(left) => {
                self.growth = left;
                self.survey(hive)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Looks for the bins, none of which has been searched.
    fn survey(&mut self, hive: Hive<'_>) -> Result<(), HiveError> {
        if self.bins.is_none() {
            let bins: Vec<Bin> = hive.bins().collect::<Result<_, _>>()?;
            self.unsearched = bins.len();
            self.bins = Some(bins);
        }
        Ok(())
    }

    /// Searches some more bins until there is a free cell of a size. Says whether there is.
    pub(crate) fn search(&mut self, hive: Hive<'_>, size: u32) -> Result<bool, HiveError> {
        self.survey(hive)?;
        for _ in 0..SEARCH {
            let Some(bin) =
                self.unsearched.checked_sub(1).and_then(|last| self.bins.as_ref()?.get(last).copied())
            else {
                return Ok(false);
            };
            // First make sure that the bin is sound: nothing is half known.
            if let Some(Err(error)) = hive.cells(bin).find(Result::is_err) {
                return Err(error);
            }
            self.unsearched -= 1;
            for cell in hive.cells(bin).flatten().filter(|cell| cell.is_free) {
                self.add(cell.offset, cell.size);
            }
            if self.by_size.range((size, 0)..).next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes a bin that was appended; its cells are added with [`Space::add`].
    pub(crate) fn append(&mut self, bin: Bin) {
        if let Some(bins) = &mut self.bins {
            bins.push(bin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_and_the_best_fit_is_taken() {
        let mut space = Space::default();
        assert_eq!(space.add(100, 8), (100, 8));
        assert_eq!(space.add(116, 8), (116, 8));
        assert_eq!(space.add(108, 8), (100, 24));
        assert_eq!(space.add(200, 16), (200, 16));
        assert_eq!(space.take(16), Some((200, 16)));
        assert_eq!(space.take(16), Some((100, 24)));
        assert_eq!(space.take(8), None);
        assert!(space.by_offset.is_empty() && space.by_size.is_empty());
    }

    #[test]
    fn what_is_left_is_taken_first_and_joined_like_any_other() {
        let mut space = Space::default();
        space.add(100, 8);
        space.add_rest(200, 64);
        assert_eq!(space.take(8), Some((200, 64)));
        space.add_rest(208, 56);
        space.add_rest(400, 16);
        assert_eq!(space.take(56), Some((208, 56)));
        assert_eq!(space.add(392, 8), (392, 24));
        space.add_rest(500, 8);
        assert_eq!(space.add(508, 8), (500, 16));
        assert_eq!(
            (space.take(24), space.take(16), space.take(8)),
            (Some((392, 24)), Some((500, 16)), Some((100, 8)))
        );
        assert!(space.by_offset.is_empty() && space.by_size.is_empty() && space.rest.is_none());
    }
}
