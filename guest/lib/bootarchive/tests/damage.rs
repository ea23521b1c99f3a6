//! Whatever the bytes are: no panic, no endless loop, nothing outside the archive.

use bootarchive::write::Builder;
use bootarchive::{Archive, Fault, PAGE};
use proptest::collection::vec;
use proptest::prelude::*;

const PATHS: [&str; 3] = [
    r"\SystemRoot\System32\smss.exe",
    r"\SystemRoot\System32\ntdll.dll",
    r"\SystemRoot\System32\Config\SYSTEM",
];

fn sample() -> Vec<u8> {
    let mut builder = Builder::new();
    for (index, path) in PATHS.iter().enumerate() {
        builder.add(*path, vec![index as u8 + 1; index * PAGE + 17]);
    }
    builder.build().expect("good paths")
}

/// Uses everything an archive offers; ranges must lie inside.
fn use_all(bytes: &[u8]) {
    let Ok(archive) = Archive::parse(bytes) else {
        return;
    };
    let inside = bytes.as_ptr_range();
    for file in archive.files().take(1000).chain(PATHS.iter().filter_map(|path| archive.find(path))) {
        let data = file.data().as_ptr_range();
        assert!(inside.start <= data.start && data.end <= inside.end);
        assert_eq!(file.offset() % PAGE, 0);
        assert!(file.offset() + file.pages() * PAGE <= archive.bytes().len());
        let _ = file.path();
    }
    let _ = archive.verify();
}

#[test]
fn every_truncation_is_noticed() {
    let bytes = sample();
    for len in 0..bytes.len() {
        let error = Archive::parse(&bytes[..len]).expect_err("cut short");
        assert_eq!((error.fault, error.offset), (Fault::Truncated, len));
    }
    assert!(Archive::parse(&bytes).is_ok_and(|archive| archive.verify().is_ok()));
}

#[test]
fn every_directory_byte_may_be_wrong() {
    let mut bytes = sample();
    for at in 0..512 {
        let good = bytes[at];
        for bad in [0, 1, 0x7F, 0x80, 0xFF, good ^ 1, good ^ 0x80] {
            bytes[at] = bad;
            use_all(&bytes);
        }
        bytes[at] = good;
    }
}

#[test]
fn an_index_without_a_free_slot_ends() {
    let mut bytes = sample();
    let slots = 32 + 20 * PATHS.len();
    for slot in 0..8 {
        bytes[slots + 4 * slot] = 1;
    }
    let archive = Archive::parse(&bytes).expect("the header is good");
    assert!(archive.find(r"\nowhere").is_none());
    assert!(archive.verify().is_err());
}

#[test]
fn damage_is_named() {
    let fault = |at: usize, flip: u8| {
        let mut bytes = sample();
        bytes[at] ^= flip;
        Archive::parse(&bytes).and_then(|archive| archive.verify()).map_err(|error| error.fault)
    };
    assert_eq!(fault(0, 0x20), Err(Fault::Magic));
    assert_eq!(fault(8, 1 ^ 2), Err(Fault::Version));
    assert_eq!(fault(12, 3 ^ 0xFF), Err(Fault::Directory));
    assert_eq!(fault(16, 8 ^ 3), Err(Fault::Directory));
    assert_eq!(fault(20, 1), Err(Fault::Directory));
    assert_eq!(fault(24, 7 ^ 0xFF), Err(Fault::Truncated));
    assert_eq!(fault(28, 1), Err(Fault::Padding));
    assert_eq!(fault(32, 1), Err(Fault::Index));
    assert_eq!(fault(32 + 6, 1), Err(Fault::Path));
    assert_eq!(fault(32 + 12, 1), Err(Fault::FileRange));
    assert_eq!(fault(32 + 15, 0xFF), Err(Fault::FileRange));
    assert_eq!(fault(7 * PAGE - 1, 1), Err(Fault::Padding));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn random_changes_are_survived(changes in vec((0_usize..5 * PAGE, any::<u8>()), 1..20)) {
        let mut bytes = sample();
        let len = bytes.len();
        for (at, byte) in changes {
            // Mostly the directory, which is where it matters.
            let at = if at < PAGE { at % len } else { at % 512 };
            bytes[at] = byte;
        }
        use_all(&bytes);
    }

    #[test]
    fn random_bytes_are_survived(mut bytes in vec(any::<u8>(), 0..2 * PAGE)) {
        use_all(&bytes);
        if let Some(start) = bytes.first_chunk_mut::<12>() {
            *start = *b"smvmboot\x01\0\0\0";
        }
        use_all(&bytes);
    }
}
