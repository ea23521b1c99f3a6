//! What was in clusters that have become free is discarded: when it cannot come back any more, and nothing else is.

mod common;

use common::{NOW, Ram, check, delete, read, tree, wide, write};
use fat::{Kind, Volume};

/// Offsets and lengths that have been discarded, in order.
fn discarded(ram: &Ram) -> Vec<(u64, u64)> {
    let mut parts = ram.with(|state| state.discards.clone());
    parts.sort_unstable();
    parts
}

fn sum(ram: &Ram) -> u64 {
    discarded(ram).iter().map(|(_, length)| length).sum()
}

/// Where a file begins, and how many bytes come one after another from there on.
fn place(volume: &mut Volume, path: &str) -> (u64, u64) {
    let entry = volume.find(&wide(path)).expect("a file");
    let id = volume.open(&entry).expect("open");
    let extent = volume.extent(id, 0).expect("a place").expect("clusters");
    volume.close(id).expect("closed");
    extent
}

#[test]
fn deleted_files_go_back_with_the_next_flush() {
    for kind in [Kind::Fat12, Kind::Fat16, Kind::Fat32] {
        let ram = Ram::of(kind);
        let mut volume = ram.mount();
        for name in ["first", "second", "third"] {
            write(&mut volume, name, &vec![name.len() as u8; 64 << 10]).expect("room");
        }
        let second = place(&mut volume, "second");
        assert_eq!(second.1, 64 << 10, "{kind:?}");
        let before = tree(&mut volume, "", 2).expect("a tree");
        delete(&mut volume, "second").expect("deleted");
        assert_eq!(discarded(&ram), [], "{kind:?}: it could still be there after a power cut");
        volume.sync().expect("flushed");
        assert_eq!(discarded(&ram), [second], "{kind:?}");
        volume.sync().expect("flushed");
        assert_eq!(discarded(&ram), [second], "{kind:?}: once is enough");
        let mut after = tree(&mut volume, "", 2).expect("a tree");
        after.insert(r"\second".into(), before[r"\second"].clone());
        assert!(before == after, "{kind:?}: another file has changed");
        volume.shut_down().expect("shut down");
        check(&ram.bytes());
    }
}

#[test]
fn what_a_file_loses_goes_back_and_what_it_keeps_stays() {
    let ram = Ram::of(Kind::Fat16);
    let mut volume = ram.mount();
    let data: Vec<u8> = (0..100_000_u32).map(|n| (n / 7) as u8).collect();
    write(&mut volume, "file", &data).expect("room");
    let (start, _) = place(&mut volume, "file");
    let entry = volume.find(&wide("file")).expect("a file");
    let id = volume.open(&entry).expect("open");
    volume.set_size(id, 30_000, NOW).expect("cut");
    volume.flush(id).expect("flushed");
    let (kept, all) = (30_000_u64.next_multiple_of(512), 100_000_u64.next_multiple_of(512));
    assert_eq!(discarded(&ram), [(start + kept, all - kept)]);
    // Clusters behind the end, too.
    volume.set_allocation(id, 90_000, NOW).expect("room");
    volume.close(id).expect("closed");
    volume.sync().expect("flushed");
    let behind = 90_000_u64.next_multiple_of(512) - kept;
    assert_eq!(discarded(&ram), [(start + kept, behind), (start + kept, all - kept)]);
    assert!(read(&mut volume, "file").expect("a file") == data[..30_000]);
}

#[test]
fn what_is_in_use_again_is_not_discarded() {
    let ram = Ram::of(Kind::Fat32);
    let mut volume = ram.mount();
    write(&mut volume, "old", &[1; 200 << 10]).expect("room");
    let old = place(&mut volume, "old");
    delete(&mut volume, "old").expect("deleted");
    write(&mut volume, "new", &[2; 50 << 10]).expect("room");
    let new = place(&mut volume, "new");
    assert_eq!(new, (old.0, 50 << 10), "the test wants it in the same place");
    volume.sync().expect("flushed");
    assert_eq!(discarded(&ram), [(old.0 + new.1, old.1 - new.1)]);
    assert!(read(&mut ram.mount(), "new").expect("a file") == [2; 50 << 10]);
}

#[test]
fn much_goes_back_at_once() {
    let ram = Ram::formatted(Kind::Fat32, 280_000, 4);
    let mut volume = ram.mount();
    for name in ["a", "b"] {
        write(&mut volume, name, &vec![3; 3 << 20]).expect("room");
    }
    delete(&mut volume, "a").expect("deleted");
    assert_eq!(sum(&ram), 0, "not worth a flush");
    delete(&mut volume, "b").expect("deleted");
    assert_eq!(sum(&ram), 6 << 20);
    assert_eq!(discarded(&ram).len(), 1, "files side by side go together");
}

#[test]
fn a_flush_that_fails_discards_nothing() {
    let ram = Ram::of(Kind::Fat16);
    let mut volume = ram.mount();
    write(&mut volume, "file", &[4; 16 << 10]).expect("room");
    delete(&mut volume, "file").expect("deleted");
    ram.with(|state| state.fails_to_flush = true);
    volume.sync().expect_err("no flush");
    assert_eq!(sum(&ram), 0);
    ram.with(|state| state.fails_to_flush = false);
    volume.sync().expect("flushed");
    assert_eq!(sum(&ram), 16 << 10);
}

#[test]
fn crumbs_stay_and_many_runs_are_no_trouble() {
    let ram = Ram::of(Kind::Fat32);
    let mut volume = ram.mount();
    for n in 0..200 {
        write(&mut volume, &n.to_string(), &[5; 8 << 10]).expect("room");
        write(&mut volume, &format!("crumb {n}"), &[6; 512]).expect("room");
    }
    for n in (0..200).rev() {
        delete(&mut volume, &format!("crumb {n}")).expect("deleted");
    }
    volume.sync().expect("flushed");
    assert_eq!(sum(&ram), 0, "single sectors are not worth a request");
    for n in (0..200).step_by(2) {
        delete(&mut volume, &n.to_string()).expect("deleted");
    }
    volume.sync().expect("flushed");
    assert!((1..=64).contains(&discarded(&ram).len()), "{:?}", discarded(&ram));
    for n in (1..200).step_by(2) {
        assert!(read(&mut volume, &n.to_string()).expect("a file") == [5; 8 << 10], "{n}");
    }
}
