//! Bad input: a clear error, the right exit code, nothing half-written.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use smvm_tests::{Boot, smvm};

fn assert_usage(boot: &Boot, words: &[&str]) {
    assert_eq!(boot.code, 2, "{boot:#?}");
    for word in words {
        assert!(boot.stderr.contains(word), "no {word:?} in {}", boot.stderr);
    }
}

#[test]
fn memory_sizes_that_make_no_sense() {
    for size in ["1K", "0", "1T", "-5M", "12Q", "99999999999999999999G", ""] {
        assert_usage(&Boot::with(&[&format!("--memory={size}")]), &["memory"]);
    }
}

#[test]
fn releases_that_there_are() {
    assert_eq!(Boot::with(&["--release", "xp"]).code, 0);
    assert_usage(&Boot::with(&["--release", "nt99"]), &["nt99", "xp"]);
}

/// Names of files are bytes; what the guest is told is text.
#[test]
fn files_whose_names_are_not_utf_8() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    let word = |before: &str, path: &Path| {
        let mut word = OsString::from(before);
        word.push(path);
        word
    };
    let (com, lpt, disk, text) =
        (place(b"com\xFF"), place(b"lpt\xE4"), place(b"disk\xC3"), place(b"text\x80="));
    fs::write(&disk, vec![0; 1 << 20]).expect("room");
    fs::write(&text, "hello").expect("room");
    let run = |words: &[OsString]| {
        let output = Command::new(smvm())
            .args(["boot", "--deadline", "60s"])
            .args(words)
            .output()
            .expect("smvm starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let words = [
        word("--com=2=file:", &com),
        word("--lpt=1=file:", &lpt),
        word("--drive=d=", &disk),
        word(r"--file=\SystemRoot\hello.txt=", &text),
    ];
    assert_eq!(run(&words), (Some(0), String::new()));
    assert!(com.exists() && lpt.exists());
    for bad in [
        word(r"--file=\SystemRoot\", Path::new(OsStr::from_bytes(b"\xFF=/etc/passwd"))),
        word("--lpt=1=exec:", &lpt),
    ] {
        let (code, stderr) = run(&[bad]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("is UTF-8"), "{stderr}");
    }
}

#[test]
fn a_port_has_one_back_end() {
    let two = ["--com", "2=null", "--com", "3=null", "--com", "2=file:/nonexistent/x"];
    assert_usage(&Boot::with(&two), &["--com 2 is there twice", "+"]);
    assert_usage(&Boot::with(&["--com", "1=stderr", "--com", "1=stderr"]), &["--com 1 is there twice"]);
    assert_usage(&Boot::with(&["--lpt", "3=null", "--lpt", "3=null"]), &["--lpt 3 is there twice"]);
    assert_eq!(Boot::with(&["--com", "2=null", "--com", "3=null", "--lpt", "2=null"]).code, 0);
}

#[test]
fn files_that_are_not_there_or_not_readable() {
    assert_usage(&Boot::with(&["--kernel", "/nonexistent/kernel"]), &["/nonexistent/kernel"]);
    assert_usage(&Boot::with(&["--kernel", "/"]), &["/"]);
    assert_usage(&Boot::with(&["--file", r"\SystemRoot\x=/nonexistent/x"]), &["/nonexistent/x"]);
    assert_usage(&Boot::with(&["--image", "/nonexistent"]), &["/nonexistent"]);
    assert_usage(&Boot::with(&["--events", "/nonexistent/events"]), &["/nonexistent/events"]);
    // A file is where the folder was to be, or on the way to it.
    assert_usage(&Boot::with(&["--save-hives", "/etc/passwd"]), &["/etc/passwd"]);
    assert_usage(&Boot::with(&["--save-hives", "/etc/passwd/hives"]), &["/etc/passwd/hives"]);
}

#[test]
fn kernels_and_archives_cut_short_or_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kernel.elf");
    let kernel = smvm_images::KERNEL;
    for len in [0, 1, 63, 64, 100, 200, 4096, kernel.len() / 2] {
        fs::write(&path, &kernel[..len]).expect("room");
        assert_usage(&Boot::with(&["--kernel", path.to_str().expect("UTF-8")]), &["kernel.elf"]);
    }
    fs::write(folder.path().join("kernel.elf"), kernel).expect("room");
    for len in [1, 31, 100, smvm_images::ARCHIVE.len() / 2] {
        fs::write(folder.path().join("boot.img"), &smvm_images::ARCHIVE[..len]).expect("room");
        assert_usage(&Boot::with(&["--image", folder.path().to_str().expect("UTF-8")]), &["boot.img"]);
    }
}

#[test]
fn a_full_disk_under_events_is_an_error_and_leaves_no_file_that_looks_whole() {
    let output = Command::new("sh")
        .arg("-c")
        .arg(
            r#"exec unshare -m sh -c 'd=$(mktemp -d) && mount -t tmpfs -o size=4k none "$d" && dd if=/dev/zero of="$d/fill" bs=4096 2>/dev/null
               "$SMVM" boot --deadline 20s --events "$d/events.ndjson" >/dev/null; code=$?
               if [ -e "$d/events.ndjson" ]; then exit 99; fi; exit $code'"#,
        )
        .env("SMVM", smvm())
        .output()
        .expect("a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(70 | 75 | 2)), "{:?} {stderr}", output.status);
    assert!(stderr.contains("events.ndjson") && stderr.contains("space"), "{stderr}");
}

#[test]
fn a_closed_standard_output_is_an_error_without_a_panic() {
    for script in
        [r#""$SMVM" boot --json --deadline 20s >&-"#, r#""$SMVM" boot --json --deadline 20s >/dev/full"#]
    {
        let output = Command::new("sh").arg("-c").arg(script).env("SMVM", smvm()).output().expect("a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(1..=75)), "{script}: {:?} {stderr}", output.status);
        assert!(!stderr.contains("panicked"), "{script}: {stderr}");
        assert!(!stderr.is_empty(), "{script}: silent");
    }
}
