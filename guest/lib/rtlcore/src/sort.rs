//! `qsort` and `bsearch`, over indices.

use core::cmp::Ordering;

/// Sorts `count` elements in place, without a stack of its own: a heap sort. Equal elements may change places, as
/// with `qsort`.
pub fn sort(
    count: usize,
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
    swap: &mut dyn FnMut(usize, usize),
) {
    // First a heap whose largest element is on top; then the top goes to the end, again and again.
    for root in (0..count / 2).rev() {
        sift(root, count, compare, swap);
    }
    for end in (1..count).rev() {
        swap(0, end);
        sift(0, end, compare, swap);
    }
}

fn sift(
    mut root: usize,
    end: usize,
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
    swap: &mut dyn FnMut(usize, usize),
) {
    loop {
        let mut child = 2 * root + 1;
        if child >= end {
            return;
        }
        if child + 1 < end && compare(child, child + 1).is_lt() {
            child += 1;
        }
        if compare(root, child).is_ge() {
            return;
        }
        swap(root, child);
        root = child;
    }
}

/// Finds an element among `count` that are in order: `compare` tells how the key lies to one of them.
pub fn search(count: usize, compare: &mut dyn FnMut(usize) -> Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle) {
            Ordering::Equal => return Some(middle),
            Ordering::Less => high = middle,
            Ordering::Greater => low = middle + 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_and_finds(values: Vec<u8>, key: u8) {
            let cells = RefCell::new(values.clone());
            sort(
                values.len(),
                &mut |a, b| cells.borrow()[a].cmp(&cells.borrow()[b]),
                &mut |a, b| cells.borrow_mut().swap(a, b),
            );
            let (sorted, mut expected) = (cells.into_inner(), values);
            expected.sort_unstable();
            prop_assert_eq!(&sorted, &expected);
            let found = search(sorted.len(), &mut |index| key.cmp(&sorted[index]));
            prop_assert_eq!(found.map(|index| sorted[index]), expected.contains(&key).then_some(key));
        }

        #[test]
        fn nonsense_comparisons_are_borne(count in 0_usize..50, mut seed: u32) {
            let mut random = || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 16 & 3).cmp(&1)
            };
            sort(count, &mut |_, _| random(), &mut |a, b| assert!(a < count && b < count));
            let _ = search(count, &mut |_| random());
        }
    }
}
