//! What the session manager does to files, on a volume that can be written to.

use std::path::Path;
use std::process::Command;

use smvm_tests::{Ended, Session, smvm, strings};
use tempfile::TempDir;

const NAME_COLLISION: u64 = 0xC000_0035;

/// Runs `smvm image`.
fn image(arguments: &[&str]) -> String {
    let output = Command::new(smvm()).arg("image").args(arguments).output().expect("smvm starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A disk image with a FAT volume and some files, each with its own name as content.
fn disk(folder: &TempDir, size: &str, files: &[&str]) -> String {
    let disk = folder.path().join("disk.img").display().to_string();
    image(&["create", &disk, "--size", size]);
    for name in files {
        let file = folder.path().join(name);
        std::fs::write(&file, name).expect("room for a file");
        image(&["add", &disk, &format!("\\{name}={}", file.display())]);
    }
    disk
}

fn content(folder: &TempDir, disk: &str, name: &str) -> Option<String> {
    let to = folder.path().join("extracted");
    let _ = std::fs::remove_file(&to);
    let mut command = Command::new(smvm());
    command.args(["image", "extract", disk, &format!("\\{name}")]).arg(&to);
    command.output().expect("smvm starts");
    Path::new(&to).is_file().then(|| std::fs::read_to_string(&to).unwrap_or_default())
}

fn boot(session: Session, disk: &str) -> Ended {
    session.boot(&["--drive", &format!("d={disk}")])
}

#[test]
fn c38_c39_files_are_renamed_replaced_and_deleted() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "64M", &["a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"]);
    let pairs = [
        r"\??\D:\a.txt",
        r"\??\D:\moved.txt",
        r"\??\D:\b.txt",
        r"!\??\D:\c.txt",
        r"\??\D:\d.txt",
        r"\??\D:\e.txt",
        r"@\??\D:\f.txt",
        "",
    ];
    let ended = boot(Session::new().own(&strings("PendingFileRenameOperations", &pairs)), &disk);
    let renames = ended.told("Smss.FileRename");
    let statuses: Vec<u64> = renames.iter().map(|&(_, status)| status).collect();
    assert_eq!(statuses, [0, 0, NAME_COLLISION, 0], "{renames:?}");
    for (name, expected) in [
        ("a.txt", None),
        ("moved.txt", Some("a.txt")),
        ("b.txt", None),
        ("c.txt", Some("b.txt")),
        ("d.txt", Some("d.txt")),
        ("e.txt", Some("e.txt")),
        ("f.txt", None),
    ] {
        assert_eq!(content(&folder, &disk, name).as_deref(), expected, "{name}: {renames:?}");
    }
}

#[test]
fn c52_c60_the_kernel_is_asked_for_what_a_line_says() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "128M", &[]);
    let lines = strings("PagingFiles", &[r"d:\pagefile.sys 16 64"]);
    let ended = boot(Session::new().key("Memory Management", &lines), &disk);
    let made: Vec<_> = ended.boot.events("Smss.PagingFile").map(|event| event["args"].clone()).collect();
    let first = made.first().unwrap_or_else(|| panic!("no paging file: {:#?}", ended.boot));
    assert_eq!(first["name"], r"\??\D:\pagefile.sys");
    assert_eq!((first["min"].as_u64(), first["max"].as_u64()), (Some(16 << 20), Some(64 << 20)));
    ended.assert_went_on();
}

#[test]
fn c53_the_system_chooses_what_fits() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "256M", &[]);
    let ended = boot(Session::new(), &disk);
    let made: Vec<_> = ended.boot.events("Smss.PagingFile").map(|event| event["args"].clone()).collect();
    let min = made.first().and_then(|made| made["min"].as_u64()).expect("a paging file");
    // 1.5 times 64 MB, of which the machine keeps a little for itself.
    assert!((90 << 20..=96 << 20).contains(&min), "{made:?}");
    assert_eq!(made[0]["name"], r"\??\D:\pagefile.sys");
}
