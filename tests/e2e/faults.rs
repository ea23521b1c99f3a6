//! Drives that misbehave when they are told to, and a host that is full: what was written and flushed is there, and nothing hangs.

use std::path::{Path, PathBuf};
use std::process::Command;

use smvm_tests::{Boot, fsck, qemu_img, smvm, to_qcow2};
use tempfile::TempDir;

/// A drive D: with an empty FAT volume, in a folder.
pub struct Disk {
    folder: PathBuf,
    file: &'static str,
}

impl Disk {
    pub fn new(folder: &Path, qcow2: bool, size: &str) -> Self {
        let raw = folder.join("disk.img");
        let mut command = Command::new(smvm());
        let made = command.args(["image", "create", "--size", size]).arg(&raw).status();
        assert!(made.expect("smvm starts").success());
        if qcow2 {
            to_qcow2(&raw, &folder.join("disk.qcow2"));
            std::fs::remove_file(raw).expect("the image is there");
        }
        Self { folder: folder.into(), file: if qcow2 { "disk.qcow2" } else { "disk.img" } }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(self.file)
    }

    /// Runs `diary` with words, and faults. It must come to its end.
    pub fn diary(&self, words: &str, faults: &[String]) -> Boot {
        let drive = format!("d={}", self.path().display());
        let mut arguments = vec!["--drive", &*drive, "--deadline", "60s"];
        faults.iter().for_each(|fault| arguments.extend(["--fault", fault]));
        let boot = Boot::boot_execute(&[&format!("diary {words}")], &[], &arguments);
        assert_eq!(boot.code, 0, "{faults:?} {boot:#?}");
        boot
    }

    /// Without faults, every file that the system has promised to keep is as it was written.
    fn assert_kept(&self, promised: &Boot, words: &str, faults: &[String]) {
        let kept: Vec<&str> = said(promised, "kept ");
        let after = self.diary(&format!("look {words}"), &[]);
        for number in &kept {
            let number = number.split(':').next().unwrap_or_default();
            assert!(said(&after, "right ").contains(&number), "{faults:?} {number}: {}", after.console());
        }
        // And there is room for new ones.
        let more = self.diary("keep 90 2 8", &[]);
        assert_eq!(said(&more, "kept ").len(), 2, "{faults:?} {}", more.console());
        let after = self.diary("look 90 2 8", &[]);
        assert_eq!(said(&after, "right "), ["90", "91"], "{faults:?} {}", after.console());
        if self.file.ends_with("qcow2") {
            // Clusters that nobody uses are no damage.
            self.check_qcow2();
        }
    }

    pub fn check_qcow2(&self) {
        let checked = smvm_tests::other("qemu-img", &["check", &self.path().display().to_string()]);
        if let Some(checked) = checked {
            let code = checked.status.code();
            assert!(matches!(code, Some(0 | 3)), "{}", String::from_utf8_lossy(&checked.stdout));
        }
    }
}

/// What is behind a word at the beginning of lines.
pub fn said<'a>(boot: &'a Boot, word: &str) -> Vec<&'a str> {
    boot.console().lines().filter_map(|line| line.strip_prefix(word)).collect()
}

fn rule(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

const FILES: &str = "0 12 40";

/// On a qcow2 image or a raw one, how, and which write goes wrong. Few of them have some of everything.
fn bad_writes() -> impl Iterator<Item = (bool, &'static str, u32)> {
    let qcow2 = [17, 6, 2].map(|nth| (true, nth));
    let raw = [13, 2, 5, 1, 3, 8, 21, 34].map(|nth| (false, nth));
    let places = [qcow2[0], raw[0], qcow2[1], raw[1], qcow2[2]].into_iter().chain(raw.into_iter().skip(2));
    let places: Vec<_> = places.enumerate().collect();
    (0..2).flat_map(move |pass| {
        let kind = move |n: usize| ["error", "torn"][(n + pass) % 2];
        places.clone().into_iter().map(move |(n, (is_qcow2, nth))| (is_qcow2, kind(n), nth))
    })
}

/// How many of them are tried: all, unless `$SMVM_EFFORT` asks for fewer.
const BAD_WRITES: u32 = 22;

#[test]
fn what_was_flushed_is_there_after_writes_that_failed_or_were_torn() {
    let folder = TempDir::new().expect("a temporary folder");
    let tried = effort::times(BAD_WRITES).clamp(2, BAD_WRITES) as usize;
    for (qcow2, kind, nth) in bad_writes().take(tried) {
        let disk = Disk::new(&tempfile::tempdir_in(&folder).expect("a folder").keep(), qcow2, "8M");
        let faults = [format!("drive=d,op=write,nth={nth},kind={kind}")];
        let boot = disk.diary(&format!("keep {FILES}"), &faults);
        let (kept, failed) = (said(&boot, "kept ").len(), said(&boot, "failed ").len());
        assert!(kept >= 10 && failed > 0, "qcow2 {qcow2}, {faults:?}: {}", boot.console());
        disk.assert_kept(&boot, FILES, &faults);
    }
}

#[test]
fn a_flush_that_fails_is_told() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = Disk::new(folder.path(), false, "8M");
    let faults = rule("drive=d,op=flush,nth=2,times=3,kind=error");
    let boot = disk.diary(&format!("keep {FILES}"), &faults);
    assert!(!said(&boot, "failed ").is_empty(), "{}", boot.console());
    disk.assert_kept(&boot, FILES, &faults);
}

#[test]
fn a_host_that_is_full_by_name_is_an_error_and_what_is_there_stays() {
    for qcow2 in [false, true] {
        let folder = TempDir::new().expect("a temporary folder");
        let disk = Disk::new(folder.path(), qcow2, "8M");
        let faults = rule("drive=d,op=write,nth=25,kind=full");
        let boot = disk.diary(&format!("keep {FILES}"), &faults);
        let (kept, failed) = (said(&boot, "kept ").len(), said(&boot, "failed ").len());
        assert!(kept > 0 && failed > 0, "{}", boot.console());
        disk.assert_kept(&boot, FILES, &faults);
    }
}

/// A file system in memory with so much room, until it is dropped.
struct Small(TempDir);

impl Small {
    /// Nothing without the right to mount: then the hardware-KVM box tries it, where there is.
    fn new(size: &str) -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder");
        mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], folder.path()).then_some(Self(folder))
    }

    fn grow(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], self.0.path()));
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    Command::new("mount").args(arguments).arg(folder).output().is_ok_and(|done| done.status.success())
}

#[test]
fn a_host_that_is_full_indeed_is_an_error_and_what_is_there_stays() {
    for qcow2 in [false, true] {
        let Some(small) = Small::new("3M") else { return };
        let disk = Disk::new(small.0.path(), qcow2, "16M");
        // More than there is room for.
        let boot = disk.diary("keep 0 40 200", &[]);
        let (kept, failed) = (said(&boot, "kept ").len(), said(&boot, "failed ").len());
        assert!(kept > 3 && failed > 3, "{}", boot.console());
        small.grow("64M");
        disk.assert_kept(&boot, "0 40 200", &[]);
    }
}

#[test]
fn slow_drives_are_waited_for() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = Disk::new(folder.path(), false, "8M");
    let slow = |op: &str| format!("drive=d,op={op},times=all,kind=slow,delay=3ms");
    let faults = [slow("read"), slow("write"), slow("flush"), slow("discard")];
    let boot = disk.diary("keep 0 4 40", &faults);
    assert_eq!(said(&boot, "kept ").len(), 4, "{}", boot.console());
    let boot = disk.diary("look 0 4 40", &faults);
    assert_eq!(said(&boot, "right ").len(), 4, "{}", boot.console());
    fsck(&disk.path(), 0);
}

#[test]
fn a_folder_that_cannot_be_read_is_an_error_that_passes() {
    let folder = TempDir::new().expect("a temporary folder");
    let disk = Disk::new(folder.path(), false, "8M");
    assert_eq!(said(&disk.diary("keep 0 20 4", &[]), "kept ").len(), 20);
    let mut seen = 0;
    for nth in 1..=8 {
        let faults = [format!("drive=d,op=read,nth={nth},kind=error")];
        let boot = disk.diary("list", &faults);
        let line = said(&boot, "list: ").concat();
        let (first, second) = line.split_once(", then ").unwrap_or_else(|| panic!("{}", boot.console()));
        // IO_DEVICE_ERROR, or no such path when there were no partitions to be found.
        match first {
            "00000000" => {}
            "C0000185" => seen += 1,
            _ => assert!(nth <= 2, "{faults:?} {line}"),
        }
        assert!(second == "00000000" || first != "C0000185", "{faults:?} {line}");
    }
    assert!(seen > 0, "the fault has not met the folder");
}

#[test]
fn qcow2_images_stay_whole_when_the_monitor_is_killed() {
    let folder = TempDir::new().expect("a temporary folder");
    let raw = folder.path().join("disk.img");
    let _ = Disk::new(folder.path(), false, "16M");
    let (raw, image) = (raw.display().to_string(), folder.path().join("disk.qcow2").display().to_string());
    if !qemu_img(&["convert", "-f", "raw", "-O", "qcow2", &raw, &image]) {
        return;
    }
    let disk = Disk { folder: folder.path().into(), file: "disk.qcow2" };
    let before = disk.diary(&format!("keep {FILES}"), &[]);
    // The deadline ends the run in the middle of whatever it was doing.
    for deadline in ["150ms", "200ms", "260ms"] {
        let drive = format!("d={image}");
        let _ =
            Boot::boot_execute(&["diary keep 20 60 100"], &[], &["--drive", &drive, "--deadline", deadline]);
        disk.check_qcow2();
        disk.assert_kept(&before, FILES, &[]);
    }
}
