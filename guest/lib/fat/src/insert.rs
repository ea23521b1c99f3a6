//! Entries are put into folders, and taken out of them.

use alloc::vec::Vec;

use crate::error::Error;
use crate::folder::{Folder, MOST_SLOTS};
use crate::name::{UNITS, candidates, slot, sum};
use crate::short::{FREE, LAST, Short, exact};
use crate::store::Store;

/// Free slots one after another.
struct Room {
    first: u32,
    /// The folder's end lies in them: whatever comes behind is free, too, but may not look so.
    is_last: bool,
}

impl Folder {
    /// Puts a file's entry in, with `entry`'s attributes, times and size. Returns its slots, and the entry with its short name.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub(crate) fn insert(
        &mut self,
        store: &mut Store,
        name: &[u16],
        mut entry: Short,
    ) -> Result<((u32, u32), Short), Error> {
        let parts = match exact(name) {
            Some((short, case)) => {
                (entry.name, entry.case) = (short, case);
                0
            }
            None => {
                (entry.name, entry.case) = (self.free_short_name(store, name)?, 0);
                name.len().div_ceil(UNITS) as u32
            }
        };
        let room = self.room(store, parts + 1)?;
        let (first, last) = (room.first, room.first + parts);
        if room.is_last && last + 1 < MOST_SLOTS {
            // Behind an end that moves, there may be anything.
            let is_there = self.slots(store, last + 1)?.is_some();
            if is_there {
                self.put(store, last + 1, |slot| slot[0] = LAST)?;
            }
        }
        let sum = sum(&entry.name);
        for (at, number) in (first..last).zip((1..=parts as usize).rev()) {
            self.put(store, at, |place| *place = slot(name, number, sum))?;
        }
        self.put(store, last, |place| *place = entry.bytes())?;
        Ok(((first, last), entry))
    }

    /// Takes an entry out, with its long name.
    pub(crate) fn erase(&mut self, store: &mut Store, (first, last): (u32, u32)) -> Result<(), Error> {
        (first..=last).rev().try_for_each(|at| self.put(store, at, |slot| slot[0] = FREE))
    }

    /// Puts an entry back that was just taken out; its slots have kept all but their first bytes.
    pub(crate) fn restore(
        &mut self,
        store: &mut Store,
        name: &[u16],
        (first, last): (u32, u32),
        entry: &Short,
    ) -> Result<(), Error> {
        let sum = sum(&entry.name);
        for (at, number) in (first..last).zip((1..=(last - first) as usize).rev()) {
            self.put(store, at, |place| *place = slot(name, number, sum))?;
        }
        self.put(store, last, |place| *place = entry.bytes())
    }

    /// A short name for a long one that no other entry has.
    fn free_short_name(&mut self, store: &mut Store, name: &[u16]) -> Result<[u8; 11], Error> {
        for round in 0..u16::MAX {
            let mut left = candidates(name, round);
            self.scan(store, 0, |_, short, _| {
                // Few names begin as all of these do.
                if left.first().is_some_and(|candidate| candidate[0] == short.name[0]) {
                    left.retain(|candidate| *candidate != short.name);
                }
                left.is_empty().then_some(())
            })?;
            if let Some(free) = left.first() {
                return Ok(*free);
            }
        }
        Err(Error::Full)
    }

    /// Finds or makes room.
    fn room(&mut self, store: &mut Store, wanted: u32) -> Result<Room, Error> {
        let (mut at, mut free, mut is_last) = (0, 0, false);
        loop {
            let Some(bytes) = self.slots(store, at)? else {
                if at >= MOST_SLOTS {
                    return Err(Error::Full);
                }
                self.grow(store)?;
                // What is new is all free.
                is_last = false;
                continue;
            };
            let firsts: Vec<u8> = bytes.chunks_exact(32).map(|slot| slot[0]).collect();
            for first in firsts {
                is_last |= first == LAST;
                free = if is_last || first == FREE || first == LAST { free + 1 } else { 0 };
                at += 1;
                if free == wanted {
                    return Ok(Room { first: at - wanted, is_last });
                }
            }
        }
    }
}
