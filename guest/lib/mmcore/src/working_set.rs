//! Working sets: which of the pages a process has in memory should go first.
//!
//! A clock with ages: a hand goes round the pages; one that was accessed since the hand last came by is
//! young again, the others age, and one that is old enough is the victim. Pages and their ages are where
//! they are anyway, in the page tables ([`Resident`]), so adding and removing a page costs nothing.

use crate::PAGE;

/// The pages that a process has in memory, as its page tables say.
pub trait Resident {
    /// Address of the first page at or above `from` that may be taken.
    fn next(&mut self, from: u64) -> Option<u64>;

    /// Gives a page a new age, made from whether it was accessed since this was last called and from its
    /// age until now.
    fn age(&mut self, page: u64, aged: &mut dyn FnMut(bool, u8) -> u8);
}

/// What is remembered of a process's working set.
#[derive(Debug, Default)]
pub struct WorkingSet {
    hand: u64,
    peak: u32,
}

impl WorkingSet {
    /// Without pages.
    pub const fn new() -> Self {
        Self { hand: 0, peak: 0 }
    }

    /// Takes note that there are so many pages now.
    #[inline]
    pub const fn grown(&mut self, pages: u32) {
        if pages > self.peak {
            self.peak = pages;
        }
    }

    /// The most pages there ever were.
    pub const fn peak(&self) -> u32 {
        self.peak
    }

    /// Finds the next page that was not accessed for `age` rounds of the hand, looking at `budget` pages,
    /// and at none twice. The caller takes it from the working set.
    pub fn trim(&mut self, age: u8, budget: usize, pages: &mut impl Resident) -> Option<u64> {
        let start = self.hand;
        let mut wrapped = false;
        for _ in 0..budget {
            let page = match pages.next(self.hand) {
                Some(page) => page,
                None if wrapped => return None,
                None => {
                    wrapped = true;
                    pages.next(0)?
                }
            };
            if wrapped && page >= start {
                return None;
            }
            self.hand = page + PAGE;
            let mut old_enough = false;
            pages.age(page, &mut |accessed, rounds| {
                old_enough = !accessed && rounds >= age;
                if accessed { 0 } else { rounds.saturating_add(1) }
            });
            if old_enough {
                return Some(page);
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
    use std::vec::Vec;

    /// Number of a page to whether it was accessed, and its age.
    #[derive(Debug, Default)]
    struct Model {
        pages: BTreeMap<u64, (bool, u8)>,
        looked: usize,
    }

    impl Model {
        fn new(pages: impl IntoIterator<Item = u64>) -> Self {
            Self { pages: pages.into_iter().map(|page| (page, (true, 0))).collect(), looked: 0 }
        }

        fn access(&mut self, page: u64) {
            self.pages.get_mut(&page).unwrap().0 = true;
        }
    }

    impl Resident for Model {
        fn next(&mut self, from: u64) -> Option<u64> {
            self.pages.range(from.div_ceil(PAGE)..).next().map(|(&page, _)| page * PAGE)
        }

        fn age(&mut self, page: u64, aged: &mut dyn FnMut(bool, u8) -> u8) {
            self.looked += 1;
            let (accessed, age) = self.pages.get_mut(&(page / PAGE)).unwrap();
            *age = aged(core::mem::take(accessed), *age);
        }
    }

    #[test]
    fn the_page_that_is_not_used_goes() {
        let (mut set, mut pages) = (WorkingSet::new(), Model::new(0..4));
        for _ in 0..3 {
            assert_eq!(set.trim(2, 4, &mut pages), None);
            [0, 1, 3].into_iter().for_each(|page| pages.access(page));
        }
        assert_eq!(set.trim(2, 4, &mut pages), Some(2 * PAGE));
        pages.pages.remove(&2);
        pages.looked = 0;
        [0, 1, 3].into_iter().for_each(|page| pages.access(page));
        assert_eq!((set.trim(0, 3, &mut pages), pages.looked), (None, 3), "all were in use");
        assert_eq!(set.trim(0, 3, &mut pages), Some(3 * PAGE), "the hand goes on where it was");
    }

    #[test]
    fn pages_age_in_order() {
        let (mut set, mut pages) = (WorkingSet::new(), Model::new(10..14));
        assert_eq!([set.trim(1, 8, &mut pages), set.trim(1, 8, &mut pages)], [None; 2]);
        for victim in 10..14 {
            assert_eq!(set.trim(1, 4, &mut pages), Some(victim * PAGE));
            pages.pages.remove(&victim);
        }
        assert_eq!(set.trim(0, 4, &mut pages), None);
        set.grown(4);
        set.grown(2);
        assert_eq!(set.peak(), 4);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn every_page_that_is_left_alone_goes_once(
            numbers in prop::collection::btree_set(0..60_u64, 0..40),
            used in prop::collection::btree_set(0..60_u64, 0..20),
            age in 0..3_u8,
        ) {
            let (mut set, mut pages) = (WorkingSet::new(), Model::new(numbers.iter().copied()));
            let mut gone = Vec::new();
            for _ in 0..300 {
                for page in used.intersection(&numbers) {
                    pages.access(*page);
                }
                if let Some(page) = set.trim(age, 3, &mut pages) {
                    prop_assert!(pages.pages.remove(&(page / PAGE)).is_some());
                    gone.push(page / PAGE);
                }
            }
            gone.sort_unstable();
            prop_assert_eq!(gone, numbers.difference(&used).copied().collect::<Vec<_>>());
        }
    }
}
