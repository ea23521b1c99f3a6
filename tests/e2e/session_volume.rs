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
    assert_eq!(asked(&ended), [(r"\??\D:\pagefile.sys".to_owned(), 16 << 20, 64 << 20)], "{:#?}", ended.boot);
    ended.assert_went_on();
    // The file is as large as it is to begin with.
    let list = image(&["ls", &disk]);
    let line = list.lines().find(|line| line.to_lowercase().contains("pagefile.sys"));
    assert!(line.is_some_and(|line| line.contains("16777216")), "{list}");
}

/// What the kernel was asked for: name, bytes at least, bytes at most.
fn asked(ended: &Ended) -> Vec<(String, u64, u64)> {
    let number = |value: &serde_json::Value| value.as_u64().unwrap_or_default();
    let calls = ended.boot.events("Smss.PagingFile").map(|event| &event["args"]);
    calls
        .map(|args| {
            (args["name"].as_str().unwrap_or_default().to_owned(), number(&args["min"]), number(&args["max"]))
        })
        .collect()
}

fn with_lines(lines: &[&str]) -> Session {
    Session::new().key("Memory Management", &strings("PagingFiles", lines))
}

#[test]
fn c56_sixteen_files_and_no_more() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "64M", &[]);
    let lines: Vec<String> = (1..=17).map(|number| format!(r"D:\page{number}.sys 1")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let ended = boot(with_lines(&lines), &disk);
    let asked: Vec<String> = asked(&ended).into_iter().map(|(name, ..)| name).collect();
    let expected: Vec<String> = (1..=16).map(|number| format!(r"\??\D:\page{number}.sys")).collect();
    assert_eq!(asked, expected, "{:#?}", ended.boot);
    ended.assert_went_on();
}

#[test]
fn c60_a_disk_that_cannot_be_written_to_stops_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "64M", &[]);
    let ended = with_lines(&[r"D:\pagefile.sys 16 64"]).boot(&["--drive", &format!("d={disk},ro")]);
    assert_eq!(asked(&ended), [], "{:#?}", ended.boot);
    assert!(
        ended.told("Smss.Skipped").iter().any(|(line, _)| line == r"D:\pagefile.sys"),
        "{:#?}",
        ended.boot
    );
    ended.assert_went_on();
}

/// Spec 2.4: one `?`, an emergency file when no line is any use, none when none is wanted.
#[test]
fn any_drive_and_emergencies() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "64M", &[]);
    let names = |lines: &[&str]| -> Vec<String> {
        let ended = boot(with_lines(lines), &disk);
        ended.assert_went_on();
        asked(&ended).into_iter().map(|(name, ..)| name).collect()
    };
    assert_eq!(names(&[r"?:\one.sys 2", r"?:\two.sys 2"]), [r"\??\D:\one.sys"]);
    assert_eq!(names(&[r"D:\bad.sys sixteen"]), [r"\??\D:\pagefile.sys"]);
    assert_eq!(names(&[]), [""; 0]);
}

#[test]
fn c53_the_system_chooses_what_fits() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = disk(&folder, "256M", &[]);
    let ended = boot(Session::new(), &disk);
    let all = asked(&ended);
    let (name, min, max) =
        all.first().cloned().unwrap_or_else(|| panic!("no paging file: {:#?}", ended.boot));
    // 1.5 and 3 times 64 MB.
    assert_eq!((name.as_str(), min, max), (r"\??\D:\pagefile.sys", 96 << 20, 192 << 20));
    // A line with zeros is as much.
    let folder = TempDir::new().expect("a temporary folder");
    let ended = boot(with_lines(&[r"D:\other.sys 0 0"]), &self::disk(&folder, "256M", &[]));
    assert_eq!(asked(&ended)[0], (r"\??\D:\other.sys".to_owned(), min, max));
}

/// C53: from 1 GB on the least is what there is of memory.
#[test]
fn c53_with_a_gigabyte_the_least_is_the_memory() {
    let folder = TempDir::new().expect("a temporary folder");
    let place = folder.path().display().to_string();
    let ended = Session::new().boot(&["--memory", "1G", "--pagefile-dir", &place]);
    assert_eq!(asked(&ended)[0], (r"\??\Z:\pagefile.sys".to_owned(), 1 << 30, 3 << 30), "{:#?}", ended.boot);
}
