//! The power fails at every moment of a flush: what recovery brings back is old or new, never between.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use common::model::{Edit, Node, apply, edits, hive_of, read_file};
use proptest::prelude::*;
use regf::{HiveFile, HiveMut, RecoverError, Recovery, Step, recover};

const SECTOR: usize = 512;

/// The two files of a hive.
#[derive(Clone, Default)]
struct Files {
    primary: Vec<u8>,
    log: Vec<u8>,
}

/// A step that can be kept.
#[derive(Clone)]
enum Kept {
    Write(HiveFile, usize, Vec<u8>),
    Barrier,
}

fn keep(step: Step<'_>) -> Kept {
    match step {
        Step::Write { file, offset, bytes } => {
            assert!(offset.is_multiple_of(512) && bytes.len().is_multiple_of(512));
            Kept::Write(file, offset as usize, bytes.to_vec())
        }
        Step::Barrier(_) => Kept::Barrier,
    }
}

impl Files {
    fn write(&mut self, file: HiveFile, offset: usize, bytes: &[u8]) {
        let file = if file == HiveFile::Primary { &mut self.primary } else { &mut self.log };
        file.resize(file.len().max(offset + bytes.len()), 0);
        file[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    fn run(&mut self, steps: &[Kept]) {
        for step in steps {
            if let Kept::Write(file, offset, bytes) = step {
                self.write(*file, *offset, bytes);
            }
        }
    }

    /// What the hive holds once it has been recovered, and the files after the repair.
    fn recovered(&self) -> Result<(Node, Vec<Kept>), RecoverError> {
        match recover(&self.primary, &[&self.log])? {
            Recovery::Clean => Ok((read_file(&self.primary), Vec::new())),
            Recovery::Replayed(recovered) => {
                let node = read_file(recovered.bytes());
                let mut steps = Vec::new();
                let image = recovered
                    .repair(|step| {
                        steps.push(keep(step));
                        Ok::<(), ()>(())
                    })
                    .unwrap();
                assert_eq!(read_file(&image), node);
                Ok((node, steps))
            }
        }
    }
}

/// Every state a disk can be in when the power fails while steps are made: all before a barrier is there, then
/// single sectors in order, the next one written, not written or torn. And, by a seed, sectors in any order.
fn cuts(start: &Files, steps: &[Kept], seed: u64, mut visit: impl FnMut(&Files)) {
    let mut files = start.clone();
    let mut safe = start.clone();
    let mut pending: Vec<(HiveFile, usize, Vec<u8>)> = Vec::new();
    let mut state = seed | 1;
    visit(&files);
    for step in steps {
        let Kept::Write(file, offset, bytes) = step else {
            safe = files.clone();
            pending.clear();
            continue;
        };
        for (index, sector) in bytes.chunks(SECTOR).enumerate() {
            let at = offset + index * SECTOR;
            let mut torn = files.clone();
            let mut half = sector.to_vec();
            half[SECTOR / 2..].fill(0xA5);
            torn.write(*file, at, &half);
            visit(&torn);
            files.write(*file, at, sector);
            visit(&files);
            pending.push((*file, at, sector.to_vec()));
        }
        for _ in 0..4 {
            let mut some = safe.clone();
            for (file, at, sector) in &pending {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if state >> 63 == 1 {
                    some.write(*file, *at, sector);
                }
            }
            visit(&some);
        }
    }
}

fn flush_steps(hive: &mut HiveMut) -> Vec<Kept> {
    let mut steps = Vec::new();
    hive.flush(|step| {
        steps.push(keep(step));
        Ok::<(), ()>(())
    })
    .unwrap();
    steps
}

/// A hive on disk.
fn on_disk(edits: &[Edit]) -> (HiveMut, Files) {
    let (mut hive, mut files) = (hive_of(edits), Files::default());
    files.run(&flush_steps(&mut hive));
    assert!(files.primary == hive.bytes() && !hive.is_changed());
    (hive, files)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(8)))]

    #[test]
    fn a_cut_leaves_old_or_new(first in edits(0..30), second in edits(1..20), seed: u64) {
        let (mut hive, mut files) = on_disk(&first);
        // A log with something in it that no longer matters.
        apply(&mut hive, &Edit::Create(vec!["earlier"]));
        files.run(&flush_steps(&mut hive));
        let old = read_file(hive.bytes());
        second.iter().for_each(|edit| apply(&mut hive, edit));
        let new = read_file(hive.bytes());
        let steps = flush_steps(&mut hive);
        let mut count = 0;
        cuts(&files, &steps, seed, |cut| {
            let (found, repair) = cut.recovered().expect("can always be recovered");
            assert!(found == old || found == new, "neither old nor new");
            // A cut in the repair changes nothing. That is looked at for some, as it takes its time.
            count += 1;
            if count % 37 == 1 {
                cuts(cut, &repair, seed, |cut| assert!(cut.recovered().unwrap().0 == found));
            }
        });
        files.run(&steps);
        prop_assert!(files.primary == hive.bytes());
        prop_assert!(read_file(&files.primary) == new);
    }

    /// The disk refuses a write, edits go on, the next flush is cut too.
    #[test]
    fn a_failed_flush_and_a_cut_in_the_next(
        first in edits(0..12), second in edits(1..8), third in edits(1..8), fail in 0..12_usize, seed: u64
    ) {
        let (mut hive, mut files) = on_disk(&first);
        let mut states = vec![read_file(hive.bytes())];
        second.iter().for_each(|edit| apply(&mut hive, edit));
        states.push(read_file(hive.bytes()));
        let mut count = 0;
        let failed = hive.flush(|step| {
            count += 1;
            if count > fail { return Err("the disk is gone"); }
            files.run(&[keep(step)]);
            Ok(())
        });
        third.iter().for_each(|edit| apply(&mut hive, edit));
        states.push(read_file(hive.bytes()));
        if failed.is_ok() {
            states.remove(0);
        }
        prop_assert!(hive.is_changed() || failed.is_ok());
        let steps = flush_steps(&mut hive);
        cuts(&files, &steps, seed, |cut| {
            let (found, _) = cut.recovered().expect("can always be recovered");
            assert!(states.contains(&found));
        });
        files.run(&steps);
        prop_assert!(files.recovered().unwrap().0 == *states.last().unwrap());
        prop_assert!(files.primary == hive.bytes());
    }
}

#[test]
fn a_new_hive_is_none_until_it_is_whole() {
    let mut hive = hive_of(&[Edit::Create(vec!["a", "b"])]);
    let steps = flush_steps(&mut hive);
    let new = read_file(hive.bytes());
    cuts(&Files::default(), &steps, 1, |cut| match cut.recovered() {
        Ok((found, _)) => assert!(found == new),
        Err(_) => assert!(cut.primary.get(..512).is_none_or(|sector| sector[511] != hive.bytes()[511])),
    });
}

#[test]
fn two_logs_are_replayed_in_order_and_old_ones_are_refused() {
    let (mut hive, files) = on_disk(&[]);
    let mut logs = Vec::new();
    let mut half = files.clone();
    for name in ["one", "two"] {
        apply(&mut hive, &Edit::Create(vec![name]));
        let mut flushed = files.clone();
        let steps = flush_steps(&mut hive);
        flushed.run(&steps);
        logs.push(flushed.log);
        if name == "one" {
            // Only as far as the mark that the hive is dirty.
            half.run(&steps[..4]);
        }
    }
    let new = read_file(hive.bytes());
    for order in [[0, 1], [1, 0]] {
        let Ok(Recovery::Replayed(recovered)) = recover(&half.primary, &order.map(|log| &logs[log][..]))
        else {
            panic!("both fit")
        };
        assert!(read_file(recovered.bytes()) == new);
    }
    for wrong in [&[][..], &[&logs[1][..]], &[&logs[0][..700]], &[&b"regf"[..]]] {
        let result = recover(&half.primary, wrong);
        let missing_first = wrong.first().is_some_and(|log| *log == logs[1]);
        assert!(missing_first || matches!(result, Err(RecoverError::NoLog)));
    }
}

#[test]
fn a_flush_without_changes_does_nothing() {
    let (mut hive, _) = on_disk(&[Edit::Create(vec!["a"])]);
    assert!(flush_steps(&mut hive).is_empty());
}

/// A small change costs a few sectors, not pages: every byte in the log is summed.
#[test]
fn a_small_change_is_a_small_flush() {
    let (mut hive, _) = on_disk(&[Edit::Create(vec!["a"]), Edit::Set(vec!["a"], "Path", 1, vec![7; 100])]);
    apply(&mut hive, &Edit::Set(vec!["a"], "Path", 1, vec![8; 100]));
    let written: usize = flush_steps(&mut hive)
        .iter()
        .map(|step| match step {
            Kept::Write(_, _, bytes) => bytes.len(),
            Kept::Barrier => 0,
        })
        .sum();
    assert!(written <= 12 * SECTOR, "{written}");
}
