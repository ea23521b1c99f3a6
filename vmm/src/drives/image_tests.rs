use std::io::Read;
use std::path::Path;

use imago::FormatCreateBuilder;
use vm_memory::VolatileSlice;

use super::*;

fn spec(path: &Path, options: &str) -> DriveSpec {
    format!("d={}{options}", path.display()).parse().expect("a drive")
}

fn write(disk: &mut OpenDrive, bytes: &mut [u8], offset: u64) {
    let (first, second) = bytes.split_at_mut(300);
    disk.write(&[VolatileSlice::from(first), VolatileSlice::from(second)], offset).expect("room");
}

fn read(disk: &mut OpenDrive, len: usize, offset: u64) -> Vec<u8> {
    let mut bytes = vec![0xEE; len];
    disk.read(&[VolatileSlice::from(&mut bytes[..])], offset).expect("readable");
    bytes
}

/// What every image must do.
fn exercise(spec: &DriveSpec) {
    let mut disk = OpenDrive::open(spec).expect("an image");
    assert_eq!(disk.size(), 1 << 20);
    write(&mut disk, &mut [7; 1024], 512);
    disk.flush().expect("flushed");
    assert_eq!(read(&mut disk, 512, 0), [0; 512]);
    assert_eq!(read(&mut disk, 1024, 512), [7; 1024]);
    disk.write_zeroes(512, 512, false).expect("cleared");
    disk.write_zeroes(1024, 512, true).expect("cleared");
    assert_eq!(read(&mut disk, 1024, 512), [0; 1024]);
    write(&mut disk, &mut [9; 1024], 0x8000);
    disk.discard(0, 4096).expect("discarded");
    drop(disk);
    let mut again = OpenDrive::open(spec).expect("an image");
    assert_eq!(read(&mut again, 1024, 0x8000), [9; 1024], "what was written stays");
}

#[test]
fn raw_images_hold_what_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("disk.img");
    // A sector that is not whole does not count.
    std::fs::write(&path, vec![0; (1 << 20) + 100]).expect("room");
    exercise(&spec(&path, ""));
}

/// Calls of this thread that read, and that write, as the kernel counts them: this one counts from the next time on. `None`
/// where it does not count.
fn calls() -> Option<[u64; 2]> {
    let mut text = [0; 512];
    let len = File::open("/proc/thread-self/io").ok()?.read(&mut text).ok()?;
    let text = std::str::from_utf8(&text[..len]).ok()?;
    let value = |name| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    Some([value("syscr:")?, value("syscw:")?])
}

#[test]
fn a_request_of_a_raw_image_is_one_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("disk.img");
    std::fs::write(&path, vec![0; 1 << 20]).expect("room");
    let mut disk = OpenDrive::open(&spec(&path, "")).expect("an image");
    let mut memory = vec![0; 64 << 10];
    // As a driver has it: pages that lie anywhere.
    let pages: Vec<_> = memory.chunks_mut(4096).step_by(2).map(VolatileSlice::from).collect();
    let Some(first) = calls() else { return };
    for _ in 0..100 {
        disk.read(&pages, 8192).expect("readable");
    }
    let after_reads = calls().expect("as before");
    for _ in 0..100 {
        disk.write(&pages, 8192).expect("room");
    }
    let after_writes = calls().expect("as before");
    assert_eq!(after_reads[0] - first[0], 100 + 1);
    assert_eq!(after_writes[1] - first[1], 100);
}

#[test]
fn qcow2_images_hold_what_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("disk.qcow2");
    let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    let file = imago::file::File::try_from(file).expect("a file");
    Qcow2::<imago::file::File>::create_builder(file).size(1 << 20).create().expect("an image");
    exercise(&spec(&path, ""));
}

#[test]
fn an_image_has_one_writer_or_many_readers() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("disk.img");
    std::fs::write(&path, vec![0; 1024]).expect("room");
    let writer = OpenDrive::open(&spec(&path, "")).expect("free");
    for options in ["", ",ro"] {
        assert!(matches!(OpenDrive::open(&spec(&path, options)), Err(DriveError::InUse)), "{options}");
    }
    drop(writer);
    let readers = [(); 2].map(|()| OpenDrive::open(&spec(&path, ",ro")).expect("free"));
    assert!(matches!(OpenDrive::open(&spec(&path, "")), Err(DriveError::InUse)));
    drop(readers);
    OpenDrive::open(&spec(&path, "")).expect("free again");
}

#[test]
fn what_is_no_image_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small");
    std::fs::write(&path, [0; 511]).expect("room");
    assert!(matches!(OpenDrive::open(&spec(&path, "")), Err(DriveError::Empty)));
    assert!(matches!(OpenDrive::open(&spec(&path, ",format=qcow2")), Err(DriveError::Header(..))));
    assert!(matches!(OpenDrive::open(&spec(folder.path(), ",ro")), Err(DriveError::Open(_))));
    assert!(matches!(OpenDrive::open(&spec(&folder.path().join("none"), "")), Err(DriveError::Open(_))));
}
