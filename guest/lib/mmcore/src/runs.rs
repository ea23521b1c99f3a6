//! A value for each page of a range, kept as runs of equal values.
//!
//! A range that is all alike takes no memory besides itself, however long it is.

use alloc::vec::Vec;
use core::ops::Range;

use nt::NtStatus;

/// Values of pages `0..len`. The length is its owner's knowledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs<T> {
    /// Value from page 0 on.
    first: T,
    /// In order: from this page on it is this value, another than before.
    changes: Vec<(u32, T)>,
}

impl<T: Copy + Eq> Runs<T> {
    /// All pages alike.
    pub const fn new(value: T) -> Self {
        Self { first: value, changes: Vec::new() }
    }

    /// The value of a page.
    pub fn get(&self, page: u32) -> T {
        if self.changes.is_empty() {
            return self.first;
        }
        self.before(self.changes.partition_point(|&(at, _)| at <= page))
    }

    /// The runs of a range of pages in order: pages and their value.
    pub fn iter(&self, pages: Range<u32>) -> impl Iterator<Item = (Range<u32>, T)> + '_ {
        let mut index = self.changes.partition_point(|&(at, _)| at <= pages.start);
        let mut from = pages.start;
        core::iter::from_fn(move || {
            if from >= pages.end {
                return None;
            }
            let end = self.changes.get(index).map_or(pages.end, |&(at, _)| at.min(pages.end));
            let run = (from..end, self.before(index));
            from = end;
            index += 1;
            Some(run)
        })
    }

    /// How many pages of a range have a value that `wanted` accepts.
    pub fn count(&self, pages: Range<u32>, wanted: impl Fn(T) -> bool) -> u64 {
        if self.changes.is_empty() {
            return if wanted(self.first) { pages.len() as u64 } else { 0 };
        }
        self.iter(pages)
            .filter(|(_, value)| wanted(*value))
            .map(|(run, _)| u64::from(run.end - run.start))
            .sum()
    }

    /// Makes room for what one [`Self::set`] needs, so that it cannot fail half-way.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    #[inline]
    pub fn reserve(&mut self) -> Result<(), NtStatus> {
        self.changes.try_reserve(2).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)
    }

    /// Makes room for so many [`Self::push`]es.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub(crate) fn reserve_for(&mut self, runs: usize) -> Result<(), NtStatus> {
        self.changes.try_reserve(2 * runs).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)
    }

    /// Adds pages `pages`, which lie behind all that was set before; the pages behind them keep `rest`, the
    /// value that the pages between had.
    pub(crate) fn push(&mut self, pages: Range<u32>, value: T, rest: T) {
        let last = self.before(self.changes.len());
        match self.changes.last() {
            // The run before ends where this one begins.
            Some(&(at, _)) if at == pages.start && last == rest => drop(self.changes.pop()),
            _ => {}
        }
        if pages.start == 0 {
            self.first = value;
        } else if self.before(self.changes.len()) != value {
            self.changes.push((pages.start, value));
        }
        if value != rest {
            self.changes.push((pages.end, rest));
        }
    }

    /// Moves a run of one page down by one page: the page below gets its value, and the page itself the value of the
    /// page above. Returns false, and does nothing, when that takes more than moving two boundaries.
    pub fn slide_down(&mut self, page: u32) -> bool {
        let index = self.changes.partition_point(|&(at, _)| at < page);
        let free = match index.checked_sub(1).and_then(|before| self.changes.get(before)) {
            Some(&(at, _)) => page - at > 1,
            None => page > 1,
        };
        match self.changes.get_mut(index..index + 2) {
            Some([(start, _), (end, _)]) if free && *start == page && *end == page + 1 => {
                *start -= 1;
                *end -= 1;
                true
            }
            _ => false,
        }
    }

    /// Gives a range of pages one value.
    pub fn set(&mut self, pages: Range<u32>, value: T) {
        if pages.is_empty() || self.changes.is_empty() && self.first == value {
            return;
        }
        let after = self.get(pages.end);
        let lo = self.changes.partition_point(|&(at, _)| at < pages.start);
        let hi = self.changes.partition_point(|&(at, _)| at <= pages.end);
        let mut new = [(0, value); 2];
        let mut count = 0;
        if pages.start == 0 {
            self.first = value;
        } else if self.before(lo) != value {
            new[0] = (pages.start, value);
            count = 1;
        }
        // What follows the last page keeps its value.
        if after != value && pages.end != u32::MAX {
            new[count] = (pages.end, after);
            count += 1;
        }
        self.changes.splice(lo..hi, new.into_iter().take(count));
    }

    /// Changes each value of a range of pages. Needs what [`Self::reserve`] reserves.
    pub fn update(&mut self, pages: Range<u32>, change: impl Fn(T) -> T) {
        let mut from = pages.start;
        loop {
            let Some((run, value)) = self.iter(from..pages.end).next() else { return };
            from = run.end;
            self.set(run, change(value));
        }
    }

    /// The values of pages `at..`, as a range of its own.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn tail(&self, at: u32) -> Result<Self, NtStatus> {
        let from = self.changes.partition_point(|&(page, _)| page <= at);
        let rest = self.changes.get(from..).unwrap_or(&[]);
        let mut changes = Vec::new();
        changes.try_reserve_exact(rest.len()).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        changes.extend(rest.iter().map(|&(page, value)| (page - at, value)));
        Ok(Self { first: self.before(from), changes })
    }

    /// Forgets pages `at..`; they then have the value of the last page before them.
    pub fn truncate(&mut self, at: u32) {
        self.changes.truncate(self.changes.partition_point(|&(page, _)| page < at));
    }

    /// The value in force before change `index`.
    fn before(&self, index: usize) -> T {
        index.checked_sub(1).and_then(|last| self.changes.get(last)).map_or(self.first, |&(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn runs_are_an_array(sets in prop::collection::vec((0..40_u32, 0..40_u32, 0..3_u8), 0..30), cut in 0..40_u32) {
            let mut runs = Runs::new(0);
            let mut model = [0; 40];
            for (a, b, value) in sets {
                let pages = a.min(b)..a.max(b);
                runs.set(pages.clone(), value);
                model[pages.start as usize..pages.end as usize].fill(value);
                prop_assert!(runs.changes.is_sorted_by(|a, b| a.0 < b.0));
                let values = || core::iter::once(runs.first).chain(runs.changes.iter().map(|c| c.1));
                prop_assert!(values().zip(values().skip(1)).all(|(a, b)| a != b), "runs are maximal");
            }
            let all: Vec<_> = (0..40).map(|page| runs.get(page)).collect();
            prop_assert_eq!(&all[..], &model[..]);
            let listed: Vec<_> = runs.iter(cut..40).flat_map(|(run, value)| run.map(move |_| value)).collect();
            prop_assert_eq!(&listed[..], &model[cut as usize..]);
            prop_assert_eq!(runs.count(cut..40, |v| v == 1), model[cut as usize..].iter().filter(|&&v| v == 1).count() as u64);
            let mut slid = runs.clone();
            if slid.slide_down(cut) {
                prop_assert!(cut > 0 && runs.get(cut) != runs.get(cut - 1) && runs.get(cut) != runs.get(cut + 1));
                let expected = |page| runs.get(if page == cut { cut + 1 } else if page + 1 == cut { cut } else { page });
                prop_assert!((0..40).all(|page| slid.get(page) == expected(page)));
                prop_assert!(slid.changes.is_sorted_by(|a, b| a.0 < b.0));
            }
            let mut pushed = Runs::new(0);
            for (run, value) in runs.iter(0..40).filter(|(_, value)| *value != 0) {
                pushed.push(run, value, 0);
            }
            prop_assert!((0..40).all(|page| pushed.get(page) == runs.get(page)));
            let values = || core::iter::once(pushed.first).chain(pushed.changes.iter().map(|c| c.1));
            prop_assert!(values().zip(values().skip(1)).all(|(a, b)| a != b), "runs are maximal");
            let tail = runs.tail(cut).unwrap();
            runs.truncate(cut);
            prop_assert!((cut..40).all(|page| tail.get(page - cut) == model[page as usize]));
            prop_assert!((0..cut).all(|page| runs.get(page) == model[page as usize]));
        }
    }

    #[test]
    fn a_guard_slides_down_its_stack() {
        let mut runs = Runs::new('r');
        runs.set(6..7, 'g');
        runs.set(7..10, 'c');
        for guard in (1..6).rev() {
            assert!(runs.slide_down(guard + 1));
            let all: Vec<_> = (0..10).map(|page| runs.get(page)).collect();
            let expected = |page| {
                if page < guard {
                    'r'
                } else if page == guard {
                    'g'
                } else {
                    'c'
                }
            };
            assert_eq!(all, (0..10).map(expected).collect::<Vec<_>>());
        }
        assert!(!runs.slide_down(1), "page 0 is the first value's");
    }

    #[test]
    fn a_uniform_range_allocates_nothing() {
        let mut runs = Runs::new(1);
        runs.set(0..1 << 31, 2);
        runs.truncate(1 << 31);
        assert_eq!((runs.get(12345), runs.changes.len()), (2, 0));
    }
}
