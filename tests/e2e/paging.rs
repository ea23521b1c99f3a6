//! Paging files, by a program that needs four times the machine's memory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use smvm_tests::{Ended, Session, fsck, program, qemu_img, smvm, strings, to_qcow2};
use tempfile::TempDir;

/// A disk of 128 MiB with an empty volume.
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        let disk = Self(TempDir::new().expect("a temporary folder"));
        let mut command = Command::new(smvm());
        let made = command.args(["image", "create", "--size", "128M"]).arg(disk.raw()).status();
        assert!(made.expect("smvm starts").success());
        disk
    }

    fn raw(&self) -> PathBuf {
        self.0.path().join("disk.img")
    }
}

/// Boots with drive D: and paging files, and runs `pagestress` with words once they are there.
fn stress(drive: &Path, words: &str, files: &[&str], arguments: &[&str]) -> Ended {
    let drive = format!("d={}", drive.display());
    let memory: &[&str] = if arguments.contains(&"--memory") { &[] } else { &["--memory", "6M"] };
    let session = Session::new()
        .file("pagestress.exe", program("pagestress"))
        .key("Memory Management", &strings("PagingFiles", files))
        .own(&strings("SetupExecute", &[&format!("pagestress {words}")]));
    session.boot(&[&["--drive", &drive, "--deadline", "240s"], memory, arguments].concat())
}

/// The programs have found everything right, this many of them.
fn assert_right(ended: &Ended, programs: usize) {
    let console = ended.boot.console();
    assert_eq!(ended.boot.code, 0, "{:#?}", ended.boot);
    assert!(!console.contains("FAIL"), "{console}");
    assert_eq!(console.matches(", 0 failed").count(), programs, "{console}");
}

/// Four processes with 5 MiB each and 4 MiB that they share, on a machine of 6 MiB; the file grows on the way.
const FOUR_TIMES: &str = "run 4 5 4";

#[test]
fn four_times_the_memory_is_right_to_the_byte_on_a_raw_image() {
    let disk = Disk::new();
    let ended = stress(&disk.raw(), FOUR_TIMES, &[r"D:\pagefile.sys 4 64"], &[]);
    assert_right(&ended, 5);
    fsck(&disk.raw(), 0);
    let stats = &ended.boot.json["drives"][0];
    let (written, read) = (stats["bytes_written"].as_u64(), stats["bytes_read"].as_u64());
    assert!(written > Some(18 << 20) && read > Some(12 << 20), "it was not paged: {stats}");
}

#[test]
fn four_times_the_memory_is_right_to_the_byte_on_qcow2() {
    let disk = Disk::new();
    let image = disk.0.path().join("disk.qcow2");
    to_qcow2(&disk.raw(), &image);
    assert_right(&stress(&image, FOUR_TIMES, &[r"D:\pagefile.sys 4 64"], &[]), 5);
    qemu_img(&["check", &image.display().to_string()]);
}

#[test]
fn memory_that_cannot_be_promised_is_an_error_and_no_hang() {
    let disk = Disk::new();
    let ended = stress(&disk.raw(), "limit", &[r"D:\pagefile.sys 4 32"], &[]);
    assert_right(&ended, 1);
    let kib = limit(&ended);
    // All that the file may grow to, and some memory.
    assert!((32 << 10..38 << 10).contains(&kib), "{kib} KiB");
}

#[test]
fn there_are_up_to_sixteen_paging_files() {
    let disk = Disk::new();
    assert_right(&stress(&disk.raw(), "files", &[], &[]), 1);
}

#[test]
fn a_page_that_cannot_be_read_is_an_error_for_who_wants_it_alone() {
    let disk = Disk::new();
    let fault = "drive=d,op=read,nth=60,times=2,kind=error";
    let ended = stress(&disk.raw(), "error 8", &[r"D:\pagefile.sys 4 64"], &["--fault", fault]);
    assert_right(&ended, 1);
    assert_eq!(ended.boot.events("Smss.SessionReady").count(), 1, "{:#?}", ended.boot);
    fsck(&disk.raw(), 0);
}

#[test]
fn pages_that_cannot_be_written_stay_in_memory() {
    let disk = Disk::new();
    // Two writes of pages fail; then the disk takes them.
    let fault = "drive=d,op=write,nth=40,times=2,kind=error";
    assert_right(&stress(&disk.raw(), "run 1 5 4", &[r"D:\pagefile.sys 4 64"], &["--fault", fault]), 2);
    fsck(&disk.raw(), 0);
}

#[test]
fn a_disk_that_is_full_for_a_while_costs_nothing() {
    let disk = Disk::new();
    // Far more pages than memory could keep are refused at first, and all of them are written in the end: half a second of tries,
    // each of some five writes, is enough.
    let fault = "drive=d,op=write,nth=40,times=40,kind=full";
    assert_right(&stress(&disk.raw(), FOUR_TIMES, &[r"D:\pagefile.sys 4 64"], &["--fault", fault]), 5);
    fsck(&disk.raw(), 0);
}

#[test]
fn a_disk_that_stays_full_ends_who_needs_memory_and_nobody_else() {
    let disk = Disk::new();
    let fault = "drive=d,op=write,nth=60,kind=full";
    let ended = stress(&disk.raw(), "full 4 5 1", &[r"D:\pagefile.sys 24 24"], &["--fault", fault]);
    let console = ended.boot.console();
    assert_eq!(ended.boot.code, 0, "{:#?}", ended.boot);
    assert!(console.contains("pagestress: ") && !console.contains("FAIL"), "{console}");
    assert_eq!(ended.boot.events("Smss.SessionReady").count(), 1, "{:#?}", ended.boot);
}

#[test]
fn a_file_that_cannot_grow_is_the_commit_limit() {
    let disk = Disk::new();
    // What the file has at first is there; the first growth fails, and each one after it.
    let fault = "drive=d,op=write,nth=35,kind=full";
    let ended = stress(&disk.raw(), "limit", &[r"D:\pagefile.sys 4 64"], &["--fault", fault]);
    assert_right(&ended, 1);
    assert!((5 << 10..12 << 10).contains(&limit(&ended)), "{}", ended.boot.console());
    // A volume on which somebody else has taken nearly all that the file was to grow to.
    let disk = Disk::new();
    let ended = stress(&disk.raw(), "limit beside 110", &[r"D:\pagefile.sys 4 64"], &[]);
    assert_right(&ended, 1);
    assert!((12 << 10..22 << 10).contains(&limit(&ended)), "{}", ended.boot.console());
    fsck(&disk.raw(), 0);
}

/// KiB that `pagestress limit` says that it could commit.
fn limit(ended: &Ended) -> u64 {
    let said = ended.boot.console().lines().find_map(|line| line.strip_prefix("limit: "));
    said.and_then(|line| line.split(' ').next()?.parse().ok()).expect("how much there was")
}

#[test]
fn the_host_keeps_paging_files_where_it_is_told() {
    let folder = TempDir::new().expect("a temporary folder");
    let place = folder.path().display().to_string();
    let session = Session::new()
        .file("pagestress.exe", program("pagestress"))
        .own(&strings("SetupExecute", &["pagestress run 1 4 2"]));
    let ended = session.boot(&["--pagefile-dir", &place, "--memory", "6M", "--deadline", "120s"]);
    assert_right(&ended, 2);
    let made = ended.boot.events("Smss.PagingFile").next().map(|event| event["args"]["name"].clone());
    assert_eq!(made, Some(r"\??\Z:\pagefile.sys".into()));
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "it is still there");
    let refused = session_in("/nonexistent");
    assert!(refused.boot.code != 0 && refused.boot.stderr.contains("/nonexistent"), "{:#?}", refused.boot);
}

/// Bytes that a file takes on the host's disk.
fn taken(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    path.metadata().expect("a file").blocks() * 512
}

/// Much was paged, and little of it is left on the host once the programs are gone.
fn assert_given_back(ended: &Ended, before: u64, after: u64) {
    let written = ended.boot.json["drives"][0]["bytes_written"].as_u64().unwrap_or(0);
    assert!(written > 12 << 20, "it was not paged: {}", ended.boot.json["drives"]);
    assert!(after < before + (1 << 20), "{before} bytes before, {after} after {written} were written");
}

#[test]
fn slots_that_are_free_take_no_room_on_a_raw_image() {
    let disk = Disk::new();
    let before = taken(&disk.raw());
    let ended = stress(&disk.raw(), FOUR_TIMES, &[r"D:\pagefile.sys 4 64"], &[]);
    assert_right(&ended, 5);
    assert_given_back(&ended, before, taken(&disk.raw()));
    fsck(&disk.raw(), 0);
}

#[test]
fn slots_that_are_free_take_no_room_on_qcow2() {
    let disk = Disk::new();
    let image = disk.0.path().join("disk.qcow2");
    to_qcow2(&disk.raw(), &image);
    let before = taken(&image);
    let ended = stress(&image, FOUR_TIMES, &[r"D:\pagefile.sys 4 64"], &[]);
    assert_right(&ended, 5);
    assert_given_back(&ended, before, taken(&image));
    qemu_img(&["check", &image.display().to_string()]);
}

#[test]
fn slots_that_are_free_take_no_room_where_the_host_keeps_paging_files() {
    let folder = TempDir::new().expect("a temporary folder");
    let place = folder.path().to_owned();
    let (stop, stopped) = mpsc::channel::<()>();
    // The file has no name: it is looked at as somebody's open file for as long as the machine runs.
    let watch = std::thread::spawn(move || {
        let (mut most, mut last) = (0, 0);
        while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(Duration::from_millis(20)) {
            if let Some(taken) = unnamed(&place) {
                (most, last) = (taken.max(most), taken);
            }
        }
        (most, last)
    });
    let session = Session::new()
        .file("pagestress.exe", program("pagestress"))
        .own(&strings("SetupExecute", &["pagestress run 2 4 2", "pagestress run 0 0 1 rest"]));
    let memory = ["--memory", "6M", "--deadline", "120s"];
    let ended =
        session.boot(&[&["--pagefile-dir", &folder.path().display().to_string()], &memory[..]].concat());
    drop(stop);
    let (most, last) = watch.join().expect("it only looks");
    assert_right(&ended, 4);
    assert!(most > 3 << 20 && last < 1 << 20, "{most} bytes at most, {last} at last");
}

/// Bytes that an open file without a name below a folder takes.
fn unnamed(folder: &Path) -> Option<u64> {
    let open = std::fs::read_dir("/proc").ok()?.flatten().filter_map(|process| {
        let files = std::fs::read_dir(process.path().join("fd")).ok()?;
        files
            .flatten()
            .map(|file| file.path())
            .find(|file| std::fs::read_link(file).is_ok_and(|target| target.starts_with(folder)))
    });
    open.map(|file| taken(&file)).next()
}

#[test]
fn what_is_in_use_is_never_discarded() {
    let disk = Disk::new();
    let ended = stress(&disk.raw(), "keep 7", &[r"D:\pagefile.sys 4 64"], &[]);
    assert_right(&ended, 2);
    fsck(&disk.raw(), 0);
}

/// What `docs/testing.md` has under "Rates". The program's own clock says how long it took; nothing is asserted about that.
#[test]
#[ignore = "a measurement"]
fn rates() {
    for format in ["raw", "qcow2"] {
        let disk = Disk::new();
        let image = match format {
            "raw" => disk.raw(),
            _ => disk.0.path().join("disk.qcow2"),
        };
        if format != "raw" {
            to_qcow2(&disk.raw(), &image);
        }
        let ended = stress(&image, "rates 32 64 12", &[r"D:\pagefile.sys 100 100"], &["--memory", "24M"]);
        assert_right(&ended, 1);
        for line in ended.boot.console().lines().filter(|line| line.starts_with("page-")) {
            println!("{format}: {line}");
        }
    }
}

fn session_in(folder: &str) -> Ended {
    Session::new().boot(&["--pagefile-dir", folder])
}
