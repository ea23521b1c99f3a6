//! Room that files of a drive no longer need goes back to the host.

use std::os::unix::fs::MetadataExt;

use smvm_tests::fsck;
use tempfile::TempDir;

use crate::faults::{Disk, said};

/// KiB that the image takes on the host's disk.
fn taken(disk: &Disk) -> u64 {
    disk.path().metadata().expect("an image").blocks() / 2
}

/// Files of 400 KiB each, and what is left of the image's size when some are gone and one is cut.
fn assert_given_back(qcow2: bool) {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = Disk::new(folder.path(), qcow2, "16M");
    let before = taken(&disk);
    assert_eq!(said(&disk.diary("keep 0 8 400", &[]), "kept ").len(), 8);
    let full = taken(&disk);
    assert!(full >= before + 3000, "qcow2 {qcow2}: {before} KiB, then {full}");
    // Ends of the files are in clusters of the image, 64 KiB of qcow2, that other files have a part of.
    let edge = 128;
    assert_eq!(said(&disk.diary("drop 1 5", &[]), "dropped ").len(), 5);
    let fewer = taken(&disk);
    assert!(fewer + 2000 <= full + edge, "qcow2 {qcow2}: {full} KiB, then {fewer}");
    // Written anew and smaller.
    assert_eq!(said(&disk.diary("keep 7 1 8", &[]), "kept ").len(), 1);
    let least = taken(&disk);
    assert!(least + 392 <= fewer + edge, "qcow2 {qcow2}: {fewer} KiB, then {least}");
    let kept = disk.diary("look 0 8 400", &[]);
    assert_eq!(said(&kept, "right "), ["0", "6"], "qcow2 {qcow2}: {}", kept.console());
    assert_eq!(said(&disk.diary("look 7 1 8", &[]), "right "), ["7"], "qcow2 {qcow2}");
    match qcow2 {
        true => disk.check_qcow2(),
        false => fsck(&disk.path(), 0),
    }
}

#[test]
fn room_of_deleted_and_cut_files_goes_back_from_a_raw_image() {
    assert_given_back(false);
}

#[test]
fn room_of_deleted_and_cut_files_goes_back_from_qcow2() {
    assert_given_back(true);
}
