//! A machine that stops at any write: no cluster belongs to two files, every chain holds what its file's size says, and what
//! was closed or flushed is there.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{NOW, Ram, delete, folder, rename, text, tree, wide, write};
use fat::{Error, Kind, Volume};

/// All clusters that files and folders have, by an own reading of the table.
fn clusters(ram: &Ram, kind: Kind) -> BTreeMap<String, Vec<u32>> {
    // The first table is all that counts here.
    let bytes = ram.with(|state| state.bytes[..state.bytes.len().min(0x9_0000)].to_vec());
    let word = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let table = word(14) as usize * 512;
    let entry = |n: u32| match kind {
        Kind::Fat12 => {
            let pair = word(table + n as usize * 3 / 2) >> (n % 2 * 4) & 0xFFF;
            if pair >= 0xFF8 { u32::MAX } else { pair }
        }
        Kind::Fat16 => {
            let value = word(table + n as usize * 2);
            if value >= 0xFFF8 { u32::MAX } else { value }
        }
        Kind::Fat32 => {
            let at = table + n as usize * 4;
            let value = (word(at) | word(at + 2) << 16) & 0x0FFF_FFFF;
            if value >= 0x0FFF_FFF8 { u32::MAX } else { value }
        }
    };
    let mut volume = ram.mount();
    let (mut found, mut folders) = (BTreeMap::new(), vec![String::new()]);
    while let Some(path) = folders.pop() {
        for file in common::list(&mut volume, &path).expect("a list") {
            let path = format!("{path}\\{}", text(&file.name));
            let (mut chain, mut at) = (Vec::new(), file.first);
            while at != 0 && at != u32::MAX {
                assert!(chain.len() < 100_000, "{path} has no end");
                chain.push(at);
                at = entry(at);
                assert_ne!(at, 0, "{path} leads to a free cluster after {} of them", chain.len());
            }
            assert!(file.size <= chain.len() as u32 * volume.geometry().cluster_bytes(), "{path} is cut");
            if file.is_folder() {
                folders.push(path.clone());
            }
            found.insert(path, chain);
        }
    }
    found
}

/// What is done, and after each step how the volume's files are.
fn story(volume: &mut Volume, ram: &Ram) -> Vec<(usize, BTreeMap<String, Vec<u8>>)> {
    let mut states = Vec::new();
    let mut after = |volume: &mut Volume, result: Result<(), Error>| {
        result.expect("it goes well");
        let writes = ram.with(|state| state.log.as_ref().map_or(0, Vec::len));
        states.push((writes, tree(volume, "", 8).expect("a tree")));
    };
    let step = folder(volume, r"\dir");
    after(volume, step);
    for n in 0..12_usize {
        let step = write(volume, &format!(r"\dir\a file with a long name {n}"), &vec![n as u8 + 1; n * 700]);
        after(volume, step);
    }
    for n in [1, 4, 7] {
        let step = delete(volume, &format!(r"\dir\a file with a long name {n}"));
        after(volume, step);
    }
    // Goes into the holes: chains that lead backwards.
    let step = write(volume, r"\big", &vec![0xBB; 40_000]);
    after(volume, step);
    let step = rename(volume, r"\dir\a file with a long name 5", r"\five", false);
    after(volume, step);
    let step = write(volume, r"\big", &vec![0xCC; 5_000]);
    after(volume, step);
    let entry = volume.find(&wide(r"\five")).expect("a file");
    let id = volume.open(&entry).expect("open");
    let step = volume.write(id, 3000, &[0xDD; 3000], NOW).and_then(|()| volume.flush(id));
    after(volume, step);
    volume.set_size(id, 100, NOW).expect("cut");
    let step = volume.close(id);
    after(volume, step);
    for n in 0..30 {
        let step = folder(volume, &format!(r"\dir\folder number {n}"));
        after(volume, step);
    }
    let step = rename(volume, r"\dir\folder number 3", r"\number 3", false);
    after(volume, step);
    states
}

#[test]
fn a_cut_at_any_write_loses_no_more_than_clusters() {
    for kind in [Kind::Fat12, Kind::Fat16, Kind::Fat32] {
        let ram = Ram::of(kind);
        let start = ram.bytes();
        ram.with(|state| state.log = Some(Vec::new()));
        let states = story(&mut ram.mount(), &ram);
        let log = ram.with(|state| state.log.take()).expect("a log");
        assert!(log.len() > 100);
        let cut = Ram::new(start);
        for (n, (at, data)) in log.iter().enumerate() {
            let at = *at as usize;
            cut.with(|state| state.bytes[at..at + data.len()].copy_from_slice(data));
            let files = clusters(&cut, kind);
            let mut seen = BTreeSet::new();
            for (path, chain) in &files {
                assert!(
                    chain.iter().all(|cluster| seen.insert(*cluster)),
                    "{kind:?} {n}: {path} shares clusters"
                );
            }
            // Files that were the same before and after the step are so in its midst.
            let now = states.iter().position(|(writes, _)| *writes > n + 1).unwrap_or(states.len() - 1);
            let (before, after) = (now.checked_sub(1).map(|before| &states[before].1), &states[now].1);
            let is = tree(&mut cut.mount(), "", 8).expect("a tree");
            assert_eq!(cut.with(|state| state.writes), 0, "looking changes nothing");
            for (path, data) in before.into_iter().flatten() {
                if after.get(path) == Some(data) {
                    assert!(is.get(path) == Some(data), "{kind:?} {n}: {path} is not as it was");
                }
            }
        }
    }
}
