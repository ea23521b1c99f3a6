//! Files on a FAT volume that programs map and write to, and what the host finds in them afterwards.

use std::path::Path;
use std::process::Command;

use smvm_tests::{Ended, Session, fsck, program, smvm, strings};
use tempfile::TempDir;

/// A disk of 64 MiB with an empty volume.
fn disk() -> (TempDir, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let image = folder.path().join("disk.img").display().to_string();
    let made = Command::new(smvm()).args(["image", "create", "--size", "64M", &image]).status();
    assert!(made.expect("smvm starts").success());
    (folder, image)
}

/// Runs `mapped` with words on that drive.
fn run(image: &str, words: &[&str], more: &[&str]) -> Ended {
    let lines: Vec<String> = words.iter().map(|word| format!("mapped {word}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let session = Session::new().file("mapped.exe", program("mapped")).own(&strings("SetupExecute", &lines));
    // What is mapped needs no paging file.
    let session = session.key("Memory Management", &strings("PagingFiles", &[]));
    let drive = format!("d={image}");
    session.boot(&[&["--drive", &drive, "--deadline", "120s"], more].concat())
}

fn assert_right(ended: &Ended, programs: usize) {
    let console = ended.boot.console();
    assert!(ended.boot.code == 0 && !console.contains("FAIL"), "{:#?}", ended.boot);
    assert_eq!(console.matches(", 0 failed").count(), programs, "{console}");
}

/// What the host finds in a file.
fn contents(image: &str, name: &str) -> Vec<u8> {
    fsck(Path::new(image), 0);
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("file");
    let mut command = Command::new(smvm());
    command.args(["image", "extract", image, name]).arg(&file);
    assert!(command.status().expect("smvm starts").success(), "{name} is not there");
    std::fs::read(&file).expect("a file")
}

fn assert_pattern(image: &str, pages: usize) {
    let bytes = contents(image, r"\big.bin");
    assert_eq!(bytes.len(), pages << 12);
    for (page, bytes) in bytes.chunks(1 << 12).enumerate() {
        let at = page % 500 * 8;
        let mut expected = [0; 1 << 12];
        expected[at..at + 8]
            .copy_from_slice(&(page as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
        assert!(bytes == expected, "page {page}");
    }
}

#[test]
fn processes_and_handles_see_one_file() {
    let (_folder, image) = disk();
    assert_right(&run(&image, &["share"], &[]), 2);
    let bytes = contents(&image, r"\shared.bin");
    assert_eq!(bytes.len(), 0x3065);
    let found: Vec<(usize, u8)> = bytes.iter().copied().enumerate().filter(|(_, byte)| *byte != 0).collect();
    let expected = [
        (0, b'a'),
        (5, b'v'),
        (0x1005, b'h'),
        (0x2003, b'2'),
        (0x3000, b'k'),
        (0x3001, b'u'),
        (0x3064, b'z'),
    ];
    assert_eq!(found, expected);
    // The same file on a drive that cannot be written to.
    let before = std::fs::read(&image).expect("an image");
    assert_right(&run(&format!("{image},ro"), &["protected"], &[]), 1);
    assert!(before == std::fs::read(&image).expect("an image"), "it was changed");
}

#[test]
fn sections_make_files_larger() {
    let (_folder, image) = disk();
    assert_right(&run(&image, &["extend"], &[]), 1);
    let bytes = contents(&image, r"\larger.bin");
    assert_eq!((bytes.len(), bytes[199_999], bytes[299_999], bytes[300_010]), (300_011, b'e', b'f', b'g'));
    assert_eq!(bytes.iter().filter(|byte| **byte != 0).count(), 3);
}

#[test]
fn what_cannot_be_mapped_or_cut_says_so() {
    let (_folder, image) = disk();
    assert_right(&run(&image, &["statuses"], &[]), 1);
    fsck(Path::new(&image), 0);
}

#[test]
fn a_program_that_is_mapped_is_neither_written_nor_deleted() {
    let (_folder, image) = disk();
    assert_right(&run(&image, &["image"], &[]), 1);
    fsck(Path::new(&image), 0);
}

#[test]
fn a_file_larger_than_memory_is_mapped_and_changed_without_a_paging_file() {
    let (_folder, image) = disk();
    assert_right(&run(&image, &["big 24"], &["--memory", "6M"]), 1);
    assert_pattern(&image, 24 << 8);
    // And a page that the disk does not read is an error for who wants it.
    let fault = "drive=d,op=read,nth=20,times=40,kind=error";
    assert_right(&run(&image, &["lost"], &["--fault", fault]), 1);
}

#[test]
fn changed_pages_that_the_disk_refuses_are_kept_and_written_later() {
    let (_folder, image) = disk();
    let fault = "drive=d,op=write,nth=6,times=8,kind=error";
    assert_right(&run(&image, &["fails"], &["--fault", fault]), 1);
    let bytes = contents(&image, r"\fails.bin");
    let firsts: Vec<u8> = bytes.chunks(1 << 12).map(|page| page[0]).collect();
    assert_eq!(firsts, (b'0'..b'0' + 40).collect::<Vec<u8>>());
}
