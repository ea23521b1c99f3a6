//! Bit maps: RTL_BITMAP's bits, the lowest of a word first. Ranges that reach beyond the map are cut.

use core::ops::Range;

/// A bit map for reading.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    words: &'a [u32],
    size: u32,
}

/// Number of words of so many bits.
pub fn words(bits: u32) -> usize {
    bits.div_ceil(32) as usize
}

impl<'a> Bits<'a> {
    /// The first `size` bits of `words`.
    pub fn new(words: &'a [u32], size: u32) -> Self {
        Self { words, size: size.min(u32::try_from(words.len() * 32).unwrap_or(u32::MAX)) }
    }

    /// Whether a bit is set; none beyond the map is.
    pub fn is_set(&self, bit: u32) -> bool {
        bit < self.size && self.words.get(bit as usize / 32).is_some_and(|word| word >> (bit % 32) & 1 == 1)
    }

    /// The end of the run of equal bits that begins at `start`, within `limit`.
    fn run_end(&self, start: u32, limit: u32) -> u32 {
        let set = self.is_set(start);
        let mut bit = start;
        while bit < limit {
            // A word at once: bits that differ from the run's.
            let word = self.words.get(bit as usize / 32).copied().unwrap_or(0);
            let differs = (if set { !word } else { word }) >> (bit % 32);
            if differs != 0 {
                return limit.min(bit + differs.trailing_zeros());
            }
            bit = (bit / 32 + 1) * 32;
        }
        limit
    }

    /// Runs of equal bits in a range, in order: whether they are set, and where.
    pub fn runs(&self, range: Range<u32>) -> impl Iterator<Item = (bool, Range<u32>)> + use<'a> {
        let map = *self;
        let end = range.end.min(map.size);
        let mut start = range.start;
        core::iter::from_fn(move || {
            if start >= end {
                return None;
            }
            let run = start..map.run_end(start, end);
            start = run.end;
            Some((map.is_set(run.start), run))
        })
    }

    /// Whether all bits of a range are as `set` says, and it lies in the map; not if it is empty.
    pub fn all(&self, start: u32, count: u32, set: bool) -> bool {
        let end = start.checked_add(count).filter(|&end| end <= self.size && count > 0);
        end.is_some_and(|end| self.is_set(start) == set && self.run_end(start, end) == end)
    }

    /// How many bits are set.
    pub fn count(&self) -> u32 {
        self.runs(0..self.size).filter(|(set, _)| *set).map(|(_, run)| run.end - run.start).sum()
    }

    /// The first `count` bits that are as `set` says, one after the other, from `hint` on, or else from the
    /// beginning. None are found where the hint says.
    pub fn find(&self, count: u32, hint: u32, set: bool) -> Option<u32> {
        let hint = if hint < self.size { hint } else { 0 };
        if count == 0 {
            return Some(hint & !7);
        }
        let first = |from: u32| {
            let mut runs = self.runs(from..self.size);
            runs.find(|(is_set, run)| *is_set == set && run.end - run.start >= count)
                .map(|(_, run)| run.start)
        };
        first(hint).or_else(|| first(0))
    }

    /// The longest run that is as `set` says, the first of them.
    pub fn longest(&self, set: bool) -> Option<Range<u32>> {
        let runs = self.runs(0..self.size).filter(|(is_set, _)| *is_set == set).map(|(_, run)| run);
        runs.reduce(|best, run| if run.end - run.start > best.end - best.start { run } else { best })
    }
}

/// Sets or clears a range of bits.
pub fn fill(words: &mut [u32], size: u32, range: Range<u32>, set: bool) {
    let end = range.end.min(size);
    let mut bit = range.start;
    while bit < end {
        let next = end.min((bit / 32 + 1) * 32);
        let mask = u32::MAX >> (32 - (next - bit)) << (bit % 32);
        if let Some(word) = words.get_mut(bit as usize / 32) {
            *word = if set { *word | mask } else { *word & !mask };
        }
        bit = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bits_beyond_the_map_are_not_there() {
        let words = [u32::MAX; 2];
        let map = Bits::new(&words, 40);
        assert!(map.is_set(39) && !map.is_set(40));
        assert_eq!((map.count(), map.longest(true)), (40, Some(0..40)));
        assert!(map.all(8, 32, true) && !map.all(8, 33, true) && !map.all(0, 0, true));
        assert!(!map.all(u32::MAX, 2, true));
        assert_eq!(Bits::new(&words, 100).count(), 64, "no more than there is memory for");
    }

    proptest! {
        #[test]
        fn agrees_with_a_list(
            size in 1_u32..100,
            changes in proptest::collection::vec((0_u32..110, 0_u32..40, any::<bool>()), 0..12),
            count in 1_u32..20,
            hint in 0_u32..120,
            set: bool,
        ) {
            let mut list = vec![false; size as usize];
            let mut map = vec![0_u32; words(size)];
            for (start, count, set) in changes {
                fill(&mut map, size, start..start + count, set);
                for bit in list.iter_mut().skip(start as usize).take(count as usize) {
                    *bit = set;
                }
            }
            let bits = Bits::new(&map, size);
            prop_assert!((0..size).all(|bit| bits.is_set(bit) == list[bit as usize]));
            prop_assert_eq!(bits.count() as usize, list.iter().filter(|&&bit| bit).count());
            let from = |start: u32| {
                (start..size).find(|&at| {
                    let run = list.get(at as usize..(at + count) as usize);
                    run.is_some_and(|run| run.iter().all(|&bit| bit == set))
                })
            };
            let start = if hint < size { hint } else { 0 };
            prop_assert_eq!(bits.find(count, hint, set), from(start).or_else(|| from(0)));
            let all = list.get(hint as usize..(hint + count) as usize).is_some_and(|run| run.iter().all(|&bit| bit == set));
            prop_assert_eq!(bits.all(hint, count, set), all);
        }
    }
}
