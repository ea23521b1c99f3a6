//! Folders: slots of 32 bytes, some of which together are a file's entry.

use crate::block::{Class, Span};
use crate::boot::SLOT;
use crate::chain::Chain;
use crate::error::Error;
use crate::name::{FIRST, LONG, UNITS, sum, units};
use crate::short::{FREE, LAST, Short};
use crate::store::Store;

/// No folder has more slots.
pub(crate) const MOST_SLOTS: u32 = 65_536;
/// Slots of a long name at most.
const MOST_PARTS: u8 = 20;

/// A folder: a chain, or FAT12's and FAT16's root.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Its first cluster; 0 for a root that is no chain.
    pub first: u32,
    chain: Chain,
}

impl Folder {
    pub(crate) fn new(first: u32) -> Self {
        Self { first, chain: Chain::new(first) }
    }

    /// The block that a slot is in, and where it is there, in bytes; `None` behind the end.
    fn place(&mut self, store: &mut Store, slot: u32) -> Result<Option<(Span, usize)>, Error> {
        let geometry = &store.geometry;
        let (sector_bytes, cluster) = (geometry.sector, geometry.cluster);
        let sector = slot / (sector_bytes / SLOT);
        let within = (slot % (sector_bytes / SLOT) * SLOT) as usize;
        let (span, offset) = match self.first {
            _ if slot >= MOST_SLOTS => return Ok(None),
            0 if sector >= geometry.root_sectors => return Ok(None),
            0 => geometry.root_span(geometry.root + sector),
            _ => {
                let Some(run) = self.chain.at(store, sector / cluster)? else { return Ok(None) };
                let geometry = &store.geometry;
                geometry.cluster_span(geometry.sector_of(run.first) + sector % cluster)
            }
        };
        Ok(Some((span, offset + within)))
    }

    /// The slots from one on that lie in one block; `None` behind the end.
    pub(crate) fn slots<'s>(&mut self, store: &'s mut Store, slot: u32) -> Result<Option<&'s [u8]>, Error> {
        match self.place(store, slot)? {
            Some((span, offset)) => Ok(store.view(Class::Folder, span)?.get(offset..)),
            None => Ok(None),
        }
    }

    /// Changes a slot.
    pub(crate) fn put(
        &mut self,
        store: &mut Store,
        slot: u32,
        change: impl FnOnce(&mut [u8; 32]),
    ) -> Result<(), Error> {
        let (span, offset) = self.place(store, slot)?.ok_or(Error::Corrupt("slot beyond a folder"))?;
        let bytes = store.change(Class::Folder, span, offset..offset + SLOT as usize)?;
        let slot = bytes.get_mut(offset..).and_then(|rest| rest.first_chunk_mut());
        change(slot.ok_or(Error::Corrupt("slot beyond a block"))?);
        Ok(())
    }

    /// Makes it longer by a cluster of free slots.
    pub(crate) fn grow(&mut self, store: &mut Store) -> Result<(), Error> {
        if self.first == 0 {
            return Err(Error::Full);
        }
        let length = self.chain.length(store)?;
        let per_cluster = store.geometry.cluster_bytes() / SLOT;
        if length.saturating_mul(per_cluster) >= MOST_SLOTS {
            return Err(Error::Full);
        }
        self.chain.grow(store, 1)?;
        let new = self.chain.at(store, length)?.ok_or(Error::Corrupt("short chain"))?;
        let (first, sectors) = (store.geometry.sector_of(new.first), store.geometry.cluster);
        store.forget(first, sectors);
        store.zero_sectors(first, sectors)
    }

    /// Shows `visit` one entry after another, from a slot on, until it answers: with the number of the slot behind it and what
    /// has been gathered of its name.
    pub(crate) fn scan<T>(
        &mut self,
        store: &mut Store,
        from: u32,
        mut visit: impl FnMut(&Gather, Short, (u32, u32)) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let (mut at, mut gather) = (from, Gather::default());
        while let Some(bytes) = self.slots(store, at)? {
            for slot in bytes.as_chunks().0 {
                match gather.feed(at, slot) {
                    Fed::End => return Ok(None),
                    Fed::More => {}
                    Fed::Entry(short) => {
                        let first = if gather.is_whole(&short) { gather.first } else { at };
                        if let Some(found) = visit(&gather, short, (first, at)) {
                            return Ok(Some(found));
                        }
                        gather.number = 0;
                        gather.parts = 0;
                    }
                }
                at += 1;
            }
        }
        Ok(None)
    }
}

/// What a slot is.
pub(crate) enum Fed {
    /// It is the end of the folder.
    End,
    /// It is free, or a part of a name.
    More,
    /// It is the entry itself.
    Entry(Short),
}

/// A long name in the making, slot by slot.
pub(crate) struct Gather {
    units: [u16; UNITS * MOST_PARTS as usize],
    /// Slot of its end.
    first: u32,
    /// Slots that it has, and the number of the one last seen.
    parts: u8,
    number: u8,
    sum: u8,
}

impl Default for Gather {
    fn default() -> Self {
        Self { units: [0; UNITS * MOST_PARTS as usize], first: 0, parts: 0, number: 0, sum: 0 }
    }
}

impl Gather {
    fn feed(&mut self, at: u32, slot: &[u8; 32]) -> Fed {
        match (slot[0], slot[11] & 0x3F) {
            (LAST, _) => return Fed::End,
            (FREE, _) => self.parts = 0,
            (order, LONG) => {
                let number = order & !FIRST;
                if order & FIRST != 0 && (1..=MOST_PARTS).contains(&number) {
                    (self.first, self.parts, self.sum) = (at, number, slot[13]);
                } else if number == 0 || number + 1 != self.number || slot[13] != self.sum {
                    self.parts = 0;
                }
                self.number = number;
                if self.parts != 0 {
                    let start = usize::from(number - 1) * UNITS;
                    if let Some(place) = self.units.get_mut(start..start + UNITS) {
                        place.copy_from_slice(&units(slot));
                    }
                }
            }
            _ => return Fed::Entry(Short::parse(slot)),
        }
        Fed::More
    }

    fn is_whole(&self, short: &Short) -> bool {
        self.parts != 0 && self.number == 1 && self.sum == sum(&short.name)
    }

    /// The long name of an entry, if it has one.
    pub(crate) fn long(&self, short: &Short) -> Option<&[u16]> {
        let name = self.units(short)?;
        (crate::name::check(name) == Ok(name)).then_some(name)
    }

    /// Whether the entry's long name is that one, which is a name that a file may have.
    pub(crate) fn is(&self, short: &Short, name: &[u16]) -> bool {
        // Most names differ in the number of their parts already.
        usize::from(self.parts) == name.len().div_ceil(UNITS)
            && self.units(short).is_some_and(|long| crate::find::same(long, name))
    }

    fn units(&self, short: &Short) -> Option<&[u16]> {
        if !self.is_whole(short) {
            return None;
        }
        let units = self.units.get(..usize::from(self.parts) * UNITS)?;
        // The end lies in the last part.
        let before = units.len().saturating_sub(UNITS);
        let end = units.iter().skip(before).position(|&unit| unit == 0);
        let length = end.map_or(units.len(), |end| before + end);
        units.get(..length.min(crate::name::LONGEST))
    }
}
