//! Working sets: which of the pages a process has in memory should go first.
//!
//! A clock with ages: a hand goes round the pages; one that was accessed since the hand last came by is
//! young again, the others age, and one that is old enough is the victim. Adding and removing a page
//! takes the same short time however many there are.

use alloc::vec::Vec;

use nt::NtStatus;

/// A page's place in its working set, to be kept with the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(u32);

#[derive(Clone, Copy, Debug)]
enum Place {
    /// A page (its address / 4096) and how many rounds ago it was accessed.
    Page { page: u64, age: u8 },
    /// Nothing, and the next place that has nothing.
    Empty { next: u32 },
}

const NONE: u32 = u32::MAX;

/// The pages that a process has in memory.
#[derive(Debug)]
pub struct WorkingSet {
    places: Vec<Place>,
    empty: u32,
    hand: usize,
    len: usize,
    peak: usize,
}

impl Default for WorkingSet {
    fn default() -> Self {
        Self::new()
    }
}

impl WorkingSet {
    /// Without pages.
    pub const fn new() -> Self {
        Self { places: Vec::new(), empty: NONE, hand: 0, len: 0, peak: 0 }
    }

    /// Number of pages.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The most pages there ever were.
    pub const fn peak(&self) -> usize {
        self.peak
    }

    /// Adds a page, which is young.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn add(&mut self, page: u64) -> Result<Entry, NtStatus> {
        let new = Place::Page { page, age: 0 };
        let index = match self.places.get_mut(self.empty as usize) {
            Some(place) => {
                let index = self.empty;
                self.empty = if let Place::Empty { next } = *place { next } else { NONE };
                *place = new;
                index
            }
            None => {
                self.places.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
                self.places.push(new);
                (self.places.len() - 1) as u32
            }
        };
        self.len += 1;
        self.peak = self.peak.max(self.len);
        Ok(Entry(index))
    }

    /// Removes a page. Returns it, or `None` when the place is empty.
    pub fn remove(&mut self, entry: Entry) -> Option<u64> {
        let place = self.places.get_mut(entry.0 as usize)?;
        let Place::Page { page, .. } = *place else { return None };
        *place = Place::Empty { next: self.empty };
        self.empty = entry.0;
        self.len -= 1;
        Some(page)
    }

    /// Finds the next page that was not accessed for `age` rounds of the hand, looking at `budget` places
    /// at most, and removes it. `accessed` says whether a page was accessed since it was last asked
    /// (and clears the mark in the page table).
    pub fn trim(&mut self, age: u8, budget: usize, mut accessed: impl FnMut(u64) -> bool) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        for _ in 0..budget {
            let index = self.hand;
            self.hand = if index + 1 < self.places.len() { index + 1 } else { 0 };
            let Some(Place::Page { page, age: rounds }) = self.places.get_mut(index) else { continue };
            let page = *page;
            if accessed(page) {
                *rounds = 0;
            } else if *rounds >= age {
                return self.remove(Entry(index as u32));
            } else {
                *rounds += 1;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_page_that_is_not_used_goes() {
        let mut set = WorkingSet::new();
        for page in 0..4 {
            set.add(page).unwrap();
        }
        assert_eq!(set.trim(2, 100, |page| page != 2), Some(2));
        assert_eq!(set.trim(2, 100, |_| true), None, "all are in use");
        assert_eq!(set.trim(0, 1, |_| false).map(|page| page < 4), Some(true));
        assert_eq!((set.len(), set.peak()), (2, 4));
    }

    #[test]
    fn pages_age_in_order() {
        let mut set = WorkingSet::new();
        let entries: Vec<_> = (10..14).map(|page| set.add(page).unwrap()).collect();
        assert_eq!(set.remove(entries[1]), Some(11));
        assert_eq!(set.remove(entries[1]), None);
        assert_eq!(set.trim(1, 4, |_| false), None);
        assert_eq!(set.trim(1, 4, |_| false), Some(10));
        assert_eq!(set.trim(1, 4, |_| false), Some(12));
        assert_eq!(set.trim(1, 4, |_| false), Some(13));
        assert!(set.is_empty() && set.trim(0, 4, |_| false).is_none());
    }

    proptest! {
        #[test]
        fn pages_are_neither_lost_nor_invented(steps in prop::collection::vec((0..4_u8, 0..50_u64), 0..200)) {
            let mut set = WorkingSet::new();
            let mut model = BTreeMap::new();
            for (step, page) in steps {
                match step {
                    0 | 1 if !model.contains_key(&page) => {
                        model.insert(page, set.add(page).unwrap());
                    }
                    2 => if let Some(entry) = model.remove(&page) {
                        prop_assert_eq!(set.remove(entry), Some(page));
                    },
                    _ => if let Some(victim) = set.trim(1, 7, |other| other % 3 == page % 3) {
                        prop_assert!(victim % 3 != page % 3 && model.remove(&victim).is_some());
                    },
                }
                prop_assert_eq!(set.len(), model.len());
            }
        }
    }
}
