//! Paging-file slots: no slot is given out twice, and none is lost.

use std::collections::BTreeSet;

use mmcore::{FileNumber, MAX_FILES, PagingFiles, Slot};
use nt::NtStatus as S;
use proptest::prelude::*;

#[test]
fn sizes_and_number_of_files_are_checked() {
    let mut files = PagingFiles::new();
    assert_eq!(files.take(1), None);
    assert_eq!(files.add(0, 5), Err(S::INVALID_PARAMETER_2));
    assert_eq!(files.add(1 << 32, 5), Err(S::INVALID_PARAMETER_2));
    assert_eq!(files.add(5, 0), Err(S::INVALID_PARAMETER_3));
    assert_eq!(files.add(6, 5), Err(S::INVALID_PARAMETER_MIX));
    for number in 0..MAX_FILES {
        assert_eq!(files.add(5, 6).map(|file| usize::from(file.get())), Ok(number));
    }
    assert_eq!(files.add(5, 6), Err(S::TOO_MANY_PAGING_FILES));
    let first = FileNumber::new(0).unwrap();
    assert_eq!((files.growth(first, 9), files.grown(first, 2)), (1, Err(S::INVALID_PARAMETER)));
    assert_eq!((files.grown(first, 1), files.growth(first, 9)), (Ok(()), 0));
    assert_eq!(files.free_slots(), 5 * 16 + 1);
}

#[test]
fn the_search_goes_on_where_it_ended() {
    let mut files = PagingFiles::new();
    files.add(100, 100).unwrap();
    let first = files.take(10).unwrap().first;
    assert!(files.give_back(first));
    assert_eq!(
        files.take(1).map(|run| run.first.index),
        Some(10),
        "neighbours in time are neighbours on disk"
    );
    assert_eq!(files.take(89).map(|run| run.first.index), Some(11));
    assert_eq!(files.take(1).map(|run| run.first), Some(first), "and around");
}

#[test]
fn runs_are_clustered_and_spread_over_files() {
    let mut files = PagingFiles::new();
    files.add(100, 100).unwrap();
    files.add(200, 200).unwrap();
    let run = files.take(16).unwrap();
    assert_eq!((run.first.file.get(), run.first.index, run.count), (1, 0, 16));
    assert_eq!(files.take(16).map(|run| run.first.index), Some(16), "behind the last one");
    let whole = files.take(150).unwrap();
    assert_eq!((whole.first.file.get(), whole.first.index, whole.count), (1, 32, 150));
    assert_eq!(
        files.take(120).map(|run| (run.first.file.get(), run.count)),
        Some((0, 100)),
        "the longest there is"
    );
    assert_eq!(files.take(120).map(|run| run.count), Some(18));
    assert_eq!(files.take(1), None);
    assert!(files.give_back(run.first) && !files.give_back(run.first));
    assert_eq!(files.take(4).map(|run| run.count), Some(1));
}

#[test]
fn what_was_in_use_is_discarded_once_and_what_is_in_use_never() {
    let mut files = PagingFiles::new();
    let file = files.add(100, 100).unwrap();
    let first = Slot { file, index: 0 };
    assert_eq!(files.take_leftover(first, 1), None, "nothing was ever written");
    files.take(40).unwrap();
    (0..10).chain(20..40).for_each(|index| assert!(files.give_back(Slot { file, index })));
    assert_eq!(files.leftover(), 30);
    // Behind the last one, slots that were never used adjoin.
    let run = files.take_leftover(first, 16).unwrap();
    assert_eq!((run.first.index, run.count, files.leftover()), (20, 36, 10));
    let rest = files.take(99).unwrap();
    assert_eq!((rest.first.index, rest.count), (56, 44), "nobody writes there meanwhile");
    assert_eq!(files.take(50).map(|run| (run.first.index, run.count)), Some((0, 10)));
    files.discarded(run);
    assert_eq!((files.take_leftover(first, 1), files.leftover()), (None, 0));
    assert_eq!(files.take(80).map(|run| run.count), Some(36));
    assert_eq!(files.files()[0].peak(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn slots_neither_overlap_nor_leak(
        sizes in prop::collection::vec((1..150_u64, 0..150_u64), 1..5),
        steps in prop::collection::vec((0..5_u8, 0..200_u32), 0..150),
    ) {
        let mut files = PagingFiles::new();
        for (minimum, more) in sizes {
            files.add(minimum, minimum + more).unwrap();
        }
        let mut used: BTreeSet<Slot> = BTreeSet::new();
        for (step, number) in steps {
            let size: u64 = files.files().iter().map(|file| u64::from(file.size())).sum();
            match step {
                0 | 1 => match files.take(number % 40) {
                    Some(run) => {
                        prop_assert!(run.count > 0 && run.count <= number % 40);
                        for index in run.first.index..run.first.index + run.count {
                            prop_assert!(index < files.files()[usize::from(run.first.file.get())].size());
                            prop_assert!(used.insert(Slot { index, ..run.first }), "given out twice");
                        }
                    }
                    None => prop_assert!(number % 40 == 0 || used.len() as u64 == size),
                },
                2 => for slot in used.iter().copied().skip(number as usize % 7).step_by(3).collect::<Vec<_>>() {
                    prop_assert!(files.is_used(slot) && files.give_back(slot) && !files.give_back(slot));
                    used.remove(&slot);
                },
                3 => {
                    let file = FileNumber::new((number % 4) as u8).unwrap();
                    if let Some(run) = files.take_leftover(Slot { file, index: number / 2 }, number % 5 + 1) {
                        for index in run.first.index..run.first.index + run.count {
                            prop_assert!(!used.contains(&Slot { file, index }), "it is in use");
                        }
                        files.discarded(run);
                    }
                }
                _ => {
                    let file = FileNumber::new((number % 16) as u8).unwrap();
                    let growth = files.growth(file, number);
                    prop_assert_eq!(files.grown(file, growth).is_ok(), usize::from(file.get()) < files.files().len());
                    prop_assert!(files.grown(file, u32::MAX).is_err());
                }
            }
            let size: u64 = files.files().iter().map(|file| u64::from(file.size())).sum();
            prop_assert_eq!(files.free_slots() + used.len() as u64, size);
        }
    }
}
