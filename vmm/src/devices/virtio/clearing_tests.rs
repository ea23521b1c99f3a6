//! Discards, writes of zeroes and the serial number through the queue, on image files: what the host gets back, and what
//! stays as it was.

use std::fs::File;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use imago::FormatCreateBuilder as _;
use imago::qcow2::Qcow2;
use tempfile::TempDir;
use vm_memory::{Bytes, GuestAddress};

use super::block::Block;
use super::driver_tests::{Bench, DATA, HEAD, STATUS};
use crate::drives::{DriveSpec, OpenDrive, id};

const READ: u32 = 0;
const WRITE: u32 = 1;
const FLUSH: u32 = 4;
const GET_ID: u32 = 8;
const DISCARD: u32 = 11;
const ZEROES: u32 = 13;
/// Bytes of the images, and of a cluster in them.
const SIZE: u64 = 4 << 20;
const CLUSTER: u64 = 1 << 16;
/// Most bytes of a request here.
const PART: u64 = 1 << 19;

/// An image in a folder of its own, behind a device that is set up.
struct Image {
    _folder: TempDir,
    path: PathBuf,
    bench: Bench,
}

fn device(path: &Path) -> Bench {
    let spec: DriveSpec = format!("d={},serial=A SERIAL", path.display()).parse().expect("a drive");
    let disk = OpenDrive::open(&spec).expect("an image");
    let mut bench = Bench::new(Block::new(Box::new(disk), false, id(&spec.serial), None));
    bench.start(1 << 9 | 1 << 13 | 1 << 14);
    bench
}

impl Image {
    /// Makes an image and writes ABh everywhere.
    fn full(name: &str, make: fn(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        make(&path);
        let mut image = Self { _folder: folder, bench: device(&path), path };
        for start in (0..SIZE).step_by(PART as usize) {
            image.write(start, PART, 0xAB);
        }
        image
    }

    fn write(&mut self, start: u64, len: u64, byte: u8) {
        let data = vec![byte; len as usize];
        self.bench.memory.write_slice(&data, GuestAddress(DATA)).expect("memory");
        assert_eq!(self.bench.request(WRITE, start / 512, len as u32, false).0, 0);
    }

    fn is_all(&mut self, start: u64, end: u64, byte: u8) -> bool {
        (start..end).step_by(PART as usize).all(|at| {
            let mut data = vec![!byte; PART.min(end - at) as usize];
            assert_eq!(self.bench.request(READ, at / 512, data.len() as u32, true).0, 0);
            self.bench.memory.read_slice(&mut data, GuestAddress(DATA)).expect("memory");
            data.iter().all(|&read| read == byte)
        })
    }

    /// Clears ranges of bytes, all in one request.
    fn clear(&mut self, kind: u32, flags: u32, ranges: &[(u64, u64)]) {
        for (number, (start, len)) in (0_u64..).zip(ranges) {
            let at = DATA + 16 * number;
            self.bench.put(at, start / 512);
            self.bench.put(at + 8, (len / 512) as u32);
            self.bench.put(at + 12, flags);
        }
        assert_eq!(self.bench.request(kind, 0, 16 * ranges.len() as u32, false), (0, 1), "{kind} {ranges:?}");
    }

    /// Bytes that the file has on the host.
    fn allocated(&mut self) -> u64 {
        assert_eq!(self.bench.request(FLUSH, 0, 0, false).0, 0);
        std::fs::metadata(&self.path).expect("a file").blocks() * 512
    }
}

fn raw(path: &Path) {
    File::create(path).and_then(|file| file.set_len(SIZE)).expect("room");
}

fn version_3(path: &Path) {
    let file = File::options().read(true).write(true).create_new(true).open(path).expect("a file");
    let file = imago::file::File::try_from(file).expect("a file");
    Qcow2::<imago::file::File>::create_builder(file).size(SIZE).create().expect("an image");
}

/// Header, table and block of reference counts, tables of both levels, each a cluster; and one cluster of CDh, which is the
/// image's first and a snapshot's as well.
fn version_2(path: &Path) {
    let file = File::options().read(true).write(true).create_new(true).open(path).expect("a file");
    let put = |at: u64, bytes: &[u8]| file.write_all_at(bytes, at).expect("room");
    file.set_len(6 * CLUSTER).expect("room");
    put(0, b"QFI\xFB\0\0\0\x02");
    put(20, &16_u32.to_be_bytes());
    put(24, &SIZE.to_be_bytes());
    put(36, &1_u32.to_be_bytes());
    put(40, &(3 * CLUSTER).to_be_bytes());
    put(48, &CLUSTER.to_be_bytes());
    put(56, &1_u32.to_be_bytes());
    put(CLUSTER, &(2 * CLUSTER).to_be_bytes());
    for (cluster, uses) in [1_u16, 1, 1, 1, 1, 2].iter().enumerate() {
        put(2 * CLUSTER + 2 * cluster as u64, &uses.to_be_bytes());
    }
    put(3 * CLUSTER, &((4 * CLUSTER) | (1 << 63)).to_be_bytes());
    put(4 * CLUSTER, &(5 * CLUSTER).to_be_bytes());
    put(5 * CLUSTER, &[0xCD; CLUSTER as usize]);
}

#[test]
fn the_host_gets_back_what_is_discarded_and_nothing_else_changes() {
    for (name, make) in [("raw", raw as fn(&Path)), ("3.qcow2", version_3), ("2.qcow2", version_2)] {
        let mut image = Image::full(name, make);
        let full = image.allocated();
        assert!(full >= SIZE, "{name}: {full}");
        image.clear(DISCARD, 0, &[(1 << 20, 1 << 20), (2 << 20, 1 << 20)]);
        let less = image.allocated();
        assert!(less + (2 << 20) - 2 * CLUSTER <= full, "{name}: {full} and still {less}");
        assert!(image.is_all(0, 1 << 20, 0xAB) && image.is_all(3 << 20, SIZE, 0xAB), "{name}");
        // What is there again is what was written, wherever the format has put it.
        image.write(3 << 19, PART, 0x11);
        image.bench = device_again(&mut image);
        assert!(image.is_all(3 << 19, 2 << 20, 0x11) && image.is_all(3 << 20, SIZE, 0xAB), "{name}");
    }
}

/// The device anew: an image has one user at a time.
fn device_again(image: &mut Image) -> Bench {
    image.allocated();
    image.bench = Bench::new(Block::new(Box::new(super::driver_tests::Ram::new()), true, id(""), None));
    device(&image.path)
}

#[test]
fn zeroes_are_read_where_they_were_written_to_the_sector() {
    for (name, make) in [("raw", raw as fn(&Path)), ("3.qcow2", version_3), ("2.qcow2", version_2)] {
        for unmap in [0, 1] {
            let mut image = Image::full(name, make);
            let full = image.allocated();
            let (first, second) = ((7 * 512, 3 << 19), (3 << 20, 512));
            image.clear(ZEROES, unmap, &[first, second]);
            let less = image.allocated();
            assert_eq!(unmap == 1, less + (1 << 20) < full, "{name} {unmap}: {full}, then {less}");
            for again in [false, true] {
                if again {
                    image.bench = device_again(&mut image);
                }
                for (start, len) in [first, second] {
                    assert!(image.is_all(start, start + len, 0), "{name} {unmap}");
                    assert!(image.is_all(start - 512, start, 0xAB), "{name} {unmap}");
                    assert!(image.is_all(start + len, start + len + 512, 0xAB), "{name} {unmap}");
                }
            }
        }
    }
}

#[test]
fn what_a_snapshot_has_as_well_stays_in_the_file() {
    for kind in [DISCARD, ZEROES] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("2.qcow2");
        version_2(&path);
        let mut image = Image { _folder: folder, bench: device(&path), path };
        assert!(image.is_all(0, CLUSTER, 0xCD));
        image.clear(kind, u32::from(kind == ZEROES), &[(0, CLUSTER)]);
        image.allocated();
        assert!(image.is_all(0, CLUSTER, 0), "{kind}");
        let mut kept = vec![0; CLUSTER as usize];
        File::open(&image.path).and_then(|file| file.read_exact_at(&mut kept, 5 * CLUSTER)).expect("a file");
        assert!(kept.iter().all(|&byte| byte == 0xCD), "{kind}");
    }
}

#[test]
fn the_serial_number_is_twenty_bytes_however_they_are_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("raw");
    raw(&path);
    let mut bench = device(&path);
    let expected = b"A SERIAL\0\0\0\0\0\0\0\0\0\0\0\0EE";
    let told = |bench: &Bench| {
        let mut told = [0; 22];
        bench.memory.read_slice(&mut told, GuestAddress(DATA)).expect("memory");
        told
    };
    bench.put(DATA + 20, *b"EE");
    assert_eq!(bench.request(GET_ID, 0, 20, true), (0, 21));
    assert_eq!(told(&bench), *expected);
    // More room is left as it was.
    assert_eq!(bench.request(GET_ID, 0, 22, true), (0, 21));
    assert_eq!(told(&bench), *expected);
    bench.memory.write_slice(&[b'E'; 22], GuestAddress(DATA)).expect("memory");
    bench.put(HEAD, GET_ID);
    bench.put(STATUS, 0xEE_u8);
    bench.descriptor(0, HEAD, 16, 1, 1);
    bench.descriptor(1, DATA, 3, 3, 2);
    bench.descriptor(2, DATA + 3, 17, 3, 3);
    bench.descriptor(3, STATUS, 1, 2, 0);
    bench.offer(0);
    assert_eq!((bench.get::<u8>(STATUS), told(&bench)), (0, *expected));
}

#[test]
fn the_configuration_says_what_may_be_cleared_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("raw");
    raw(&path);
    let mut bench = device(&path);
    let features = bench.read(0x10);
    assert_eq!(features & (1 << 13 | 1 << 14), 1 << 13 | 1 << 14);
    let (most, ranges) = (bench.read(0x100 + 36), bench.read(0x100 + 40));
    assert!(u64::from(most) * 512 >= SIZE && ranges >= 1, "{most} sectors in {ranges} ranges");
    assert_eq!((bench.read(0x100 + 48), bench.read(0x100 + 52)), (most, ranges));
    // One range more than that is refused, and nothing of it done.
    bench.memory.write_slice(&vec![0; 16 * 17], GuestAddress(DATA)).expect("memory");
    assert_eq!(bench.request(DISCARD, 0, 16 * (ranges + 1), false).0, 1);
}
