//! A system that boots from a disk, keeps there what it changes, and stands power cuts.

use std::path::PathBuf;
use std::process::{Command, Output};

use smvm_tests::{Boot, SESSION_MANAGER, fsck, other, program, smvm, strings};
use tempfile::TempDir;

/// A disk with the system, which runs `lasting` before and after the other hives are there.
struct SystemDisk(TempDir);

impl SystemDisk {
    fn new(options: &[&str]) -> Self {
        let disk = Self(TempDir::new().expect("a temporary folder"));
        let (reg, exe) = (disk.host("lasting.reg"), disk.host("lasting.exe"));
        let lines = strings("BootExecute", &["lasting"])
            + &strings("SetupExecute", &["lasting software", "lasting letters"]);
        let paging = format!("[{SESSION_MANAGER}\\Memory Management]\n{}", strings("PagingFiles", &[]));
        let text = format!("Windows Registry Editor Version 5.00\n\n[{SESSION_MANAGER}]\n{lines}\n{paging}");
        std::fs::write(&reg, text).expect("room for a text");
        std::fs::write(&exe, program("lasting")).expect("room for a program");
        let file = format!(r"C:\Windows\System32\lasting.exe={}", exe.display());
        let arguments = ["create", &disk.path(), "--system", "--size", "16M", "--file", &file, "--reg"];
        let made = image(&[&arguments[..], &[&reg.display().to_string()], options].concat());
        assert!(made.status.success(), "{made:?}");
        disk
    }

    fn host(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn path(&self) -> String {
        self.host("disk.img").display().to_string()
    }

    fn boot(&self, options: &str, arguments: &[&str]) -> Boot {
        let drive = format!("c={}{options}", self.path());
        Boot::with(&[&["--drive", &drive, "--deadline", "60s"], arguments].concat())
    }

    fn extract(&self, guest: &str) -> Option<PathBuf> {
        let to = self.host("extracted");
        let output = image(&["extract", &self.path(), guest, &to.display().to_string()]);
        output.status.success().then_some(to)
    }

    /// What a hive on the disk says of the runs.
    fn runs(&self, hive: &str) -> Option<u64> {
        let file = self.extract(&format!(r"\Windows\System32\config\{hive}")).expect("a hive");
        let mut command = Command::new(smvm());
        command.args(["reg", "query"]).arg(file).args(["Lasting", "--value", "Runs", "--json"]);
        let output = command.output().expect("smvm starts");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        json["keys"][0]["values"][0]["data"].as_u64()
    }

    /// Boots with more drives. Which volume has which letter, as in `C1 D2`.
    fn letters(&self, drives: &[String]) -> String {
        let options: Vec<&str> = drives.iter().flat_map(|drive| ["--drive", drive]).collect();
        let boot = self.boot("", &options);
        let lines = boot.console().lines().filter_map(|line| line.split_once(r": \Device\HarddiskVolume"));
        lines.map(|(letter, volume)| format!("{letter}{volume}")).collect::<Vec<_>>().join(" ")
    }

    /// What the hive on the disk says whose a letter is, in hexadecimal digits; `null` for nothing.
    fn remembered(&self, letter: char) -> String {
        let file = self.extract(r"\Windows\System32\config\SYSTEM").expect("a hive");
        let mut command = Command::new(smvm());
        let value = format!(r"\DosDevices\{letter}:");
        command.args(["reg", "query"]).arg(file).args(["MountedDevices", "--value", &value, "--json"]);
        let output = command.output().expect("smvm starts");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        json["keys"][0]["values"][0]["bytes"].to_string()
    }
}

fn image(arguments: &[&str]) -> Output {
    Command::new(smvm()).arg("image").args(arguments).output().expect("smvm starts")
}

/// The session was reached, and the program ran for the n-th time.
fn assert_run(boot: &Boot, system: u64, software: u64) {
    assert_eq!(boot.code, 0, "{boot:#?}");
    let shows = |line: String| boot.console().lines().any(|shown| shown == line);
    assert!(shows(format!("system runs: {system}")), "{}", boot.console());
    assert!(shows(format!("software runs: {software}")), "{}", boot.console());
    assert_eq!(boot.events("Smss.SessionReady").count(), 1, "{boot:#?}");
}

#[test]
fn what_a_boot_changes_is_there_in_the_next_one() {
    let disk = SystemDisk::new(&["--partition", "mbr"]);
    for run in 1..=2 {
        assert_run(&disk.boot("", &[]), run, run);
        fsck(&disk.host("disk.img"), 1 << 20);
        assert_eq!((disk.runs("SYSTEM"), disk.runs("SOFTWARE")), (Some(run), Some(run)));
    }
    let text = disk.extract("lasting.txt").map(|file| std::fs::read(file).expect("a file"));
    assert_eq!(text.as_deref(), Some(&b"run run run run "[..]));
    // Others read the hive that is there now.
    let hive = disk.extract(r"\Windows\System32\config\SYSTEM").expect("a hive").display().to_string();
    if let Some(shown) = other("hivexget", &[&hive, "Lasting", "Runs"]) {
        assert_eq!(String::from_utf8_lossy(&shown.stdout).trim(), "2", "{shown:?}");
    }
}

#[test]
fn a_disk_that_cannot_be_written_boots_and_stays_as_it_is() {
    let disk = SystemDisk::new(&[]);
    let before = std::fs::read(disk.path()).expect("an image");
    let boot = disk.boot(",ro", &[]);
    assert_eq!(boot.events("Smss.SessionReady").count(), 1, "{boot:#?}");
    assert!(std::fs::read(disk.path()).expect("an image") == before, "it was written");
}

/// From the n-th write on nothing gets to the disk; the last one is torn.
fn cut(disk: &SystemDisk, nth: u32) -> Boot {
    let torn = format!("drive=c,op=write,nth={nth},kind=torn");
    let gone = format!("drive=c,op=write,nth={},times=all,kind=error", nth + 1);
    let flush = format!("drive=c,op=flush,nth={},times=all,kind=error", nth + 1);
    disk.boot("", &["--fault", &torn, "--fault", &gone, "--fault", &flush])
}

#[test]
fn a_power_cut_leaves_a_disk_that_boots() {
    for nth in [2, 9, 23] {
        let disk = SystemDisk::new(&[]);
        let boot = cut(&disk, nth);
        assert!(matches!(boot.code, 0 | 1 | 5), "write {nth}: {boot:#?}");
        let (system, software) = (disk.runs("SYSTEM"), disk.runs("SOFTWARE"));
        let boot = disk.boot("", &[]);
        assert_eq!(boot.events("Smss.SessionReady").count(), 1, "write {nth}: {boot:#?}");
        // The hives are old or new, never between.
        for (hive, before) in [("SYSTEM", system), ("SOFTWARE", software)] {
            let now = disk.runs(hive);
            assert!(
                matches!((before, now), (None, Some(1 | 2)) | (Some(1), Some(2))),
                "{nth} {hive}: {before:?} {now:?}"
            );
        }
    }
}

#[test]
fn a_disk_without_a_system_and_options_for_another_are_refused() {
    let refused = |arguments: &[&str], word: &str| {
        let boot = Boot::with(arguments);
        assert!(boot.code == 2 && boot.stderr.contains(word), "{arguments:?}: {boot:#?}");
    };
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("empty.img").display().to_string();
    assert!(image(&["create", &path, "--size", "4M"]).status.success());
    let drive = format!("c={path}");
    refused(&["--drive", &drive], "--system");
    refused(&["--drive", &drive, "--reg", "/dev/null"], "--reg");
    std::fs::write(&path, vec![0; 1 << 20]).expect("an image");
    refused(&["--drive", &drive], "FAT");
    let other = image(&["create", &format!("{path}2"), "--size", "4M", "--reg", "/dev/null"]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("--system"), "{other:?}");
}

/// What a boot with a system disk stops with when no read from the n-th on succeeds: code, parameters, words.
fn stop_without_reads(disk: &SystemDisk, nth: u32) -> (u64, [u64; 4], String) {
    let fault = format!("drive=c,op=read,nth={nth},times=all,kind=error");
    stop_of(&disk.boot("", &["--fault", &fault]))
}

fn stop_of(boot: &Boot) -> (u64, [u64; 4], String) {
    assert_eq!(boot.code, 5, "{boot:#?}");
    let record = &boot.json["outcome"]["record"];
    let params = [0, 1, 2, 3].map(|n| record["params"][n].as_u64().expect("a parameter"));
    (record["code"].as_u64().expect("a code"), params, record["text"].as_str().unwrap_or_default().into())
}

/// STATUS_IO_DEVICE_ERROR.
const IO_DEVICE_ERROR: u64 = 0xC000_0185;

#[test]
fn a_system_disk_that_is_missing_or_cannot_be_read_is_inaccessible() {
    let boot = Boot::with(&["--cmdline", "smvm.drives=c"]);
    let (code, params, text) = stop_of(&boot);
    // STATUS_NO_SUCH_DEVICE.
    assert_eq!((code, params), (0x7B, [0, 0xC000_000E, 0, 0]), "{boot:#?}");
    assert_eq!(text, "the disk with the system cannot be read");
    assert!(boot.console().contains("INACCESSIBLE_BOOT_DEVICE"), "{}", boot.console());

    let disk = SystemDisk::new(&["--partition", "mbr"]);
    let (code, params, _) = stop_without_reads(&disk, 1);
    assert_eq!((code, params), (0x7B, [0, IO_DEVICE_ERROR, 0, 0]));
    // The partitions are known, the volume is not.
    let (code, params, text) = stop_without_reads(&disk, 2);
    assert_eq!((code, params), (0xED, [0, IO_DEVICE_ERROR, 0, 0]));
    assert_eq!(text, "the volume with the system cannot be mounted");
}

#[test]
fn reads_that_fail_are_not_called_damage() {
    let disk = SystemDisk::new(&[]);
    let mut words = String::new();
    // Wherever the disk fails, the stop says so: in the program, its library, the hives.
    for nth in 3..16 {
        let (code, params, text) = stop_without_reads(&disk, nth);
        assert!(matches!(code, 0x6F | 0xED | 0xC000_0218 | 0xC000_021A), "read {nth}: {code:#x}, {text}");
        assert!(params.contains(&IO_DEVICE_ERROR), "read {nth}: {code:#x} {params:x?}, {text}");
        if code == 0xC000_0218 {
            words = text;
        }
    }
    assert!(words.ends_with(r"\config\SOFTWARE or its log cannot be read or written"), "{words}");
    // A hive that is none is damaged.
    let hive = disk.host("SOFTWARE");
    std::fs::write(&hive, [b'x'; 8192]).expect("a file");
    let file = format!(r"\Windows\System32\config\SOFTWARE={}", hive.display());
    let added = image(&["add", &disk.path(), &file]);
    assert!(added.status.success(), "{added:?}");
    let (code, params, text) = stop_of(&disk.boot("", &[]));
    // STATUS_REGISTRY_CORRUPT.
    assert_eq!((code, params[0]), (0xC000_0218, 0xC000_014C), "{text}");
    assert!(text.ends_with(r"SOFTWARE is damaged"), "{text}");
}

#[test]
fn a_hive_that_could_not_be_read_once_is_there_the_next_time() {
    let disk = SystemDisk::new(&[]);
    assert_run(&disk.boot("", &[]), 1, 1);
    // Programs are read before the hives; the system does without some of them.
    let hive = (3..30).find_map(|nth| {
        let boot = disk.boot(",ro", &["--fault", &format!("drive=c,op=read,nth={nth},kind=error")]);
        let stop = (boot.code == 5).then(|| stop_of(&boot));
        stop.filter(|(code, ..)| *code == 0xC000_0218).map(|(_, params, text)| (params[0], text))
    });
    let (status, text) = hive.expect("a read of a hive");
    assert!(status == IO_DEVICE_ERROR && text.contains("cannot be read"), "{status:#x}, {text}");
    assert_run(&disk.boot("", &[]), 2, 2);
}

#[test]
fn a_slow_system_disk_is_waited_for_until_the_deadline() {
    let disk = SystemDisk::new(&[]);
    let slow = |op: &str, delay: &str| format!("drive=c,op={op},times=all,kind=slow,delay={delay}");
    let faults = ["read", "write", "flush", "discard"].map(|op| slow(op, "3ms"));
    let options: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    assert_run(&disk.boot("", &options), 1, 1);
    fsck(&disk.host("disk.img"), 0);
    // One that does not answer in time is a hang, and what waits for it is told.
    let drive = format!("c={}", disk.path());
    let boot = Boot::with(&["--drive", &drive, "--fault", &slow("read", "20000ms"), "--deadline", "3s"]);
    assert_eq!(boot.code, 6, "{boot:#?}");
    assert!(boot.events("Ke.Phase1").count() == 1 && boot.events("Smss.Start").count() == 0, "{boot:#?}");
    assert_run(&disk.boot("", &[]), 2, 2);
}

/// A disk with a signature and two partitions, without file systems.
fn two_partitions(disk: &SystemDisk, name: &str, signature: u32) -> String {
    let mut bytes = vec![0; 1 << 20];
    bytes[440..444].copy_from_slice(&signature.to_le_bytes());
    for (entry, first) in [(446, 64_u32), (462, 1024)] {
        bytes[entry + 4] = 6;
        bytes[entry + 8..entry + 12].copy_from_slice(&first.to_le_bytes());
        bytes[entry + 12..entry + 16].copy_from_slice(&900_u32.to_le_bytes());
    }
    bytes[510..512].copy_from_slice(&[0x55, 0xAA]);
    let path = disk.host(name);
    std::fs::write(&path, bytes).expect("room for an image");
    path.display().to_string()
}

#[test]
fn letters_stay_those_of_their_volumes() {
    let disk = SystemDisk::new(&[]);
    let (a, b) = (two_partitions(&disk, "a.img", 0xA1A1_A1A1), two_partitions(&disk, "b.img", 0xB2B2_B2B2));
    let letters =
        |first: &str, second: &str| disk.letters(&[format!("d={first},ro"), format!("g={second},ro")]);
    // Volume 1 is the system's; the command line gives D: and G:, the first free ones are E: and F:.
    assert_eq!(letters(&a, &b), "C1 D2 E3 F5 G4");
    assert!(disk.remembered('E').contains("A1A1A1A10000080000000000"), "{}", disk.remembered('E'));
    assert!(disk.remembered('F').contains("B2B2B2B20000080000000000"), "{}", disk.remembered('F'));
    // The disks change places: the command line's letters go with the places, the others with the volumes.
    assert_eq!(letters(&b, &a), "C1 D2 E5 F3 G4");
    assert!(disk.remembered('D').contains("B2B2B2B20080000000000000"), "{}", disk.remembered('D'));
}

/// What the registry calls a disk without a table, in hexadecimal digits.
fn device(serial: &str) -> String {
    let name = format!("_??_VIRTIO#Disk#{serial}#{{53f56307-b6bf-11d0-94f2-00a0c91efb8b}}");
    name.encode_utf16().flat_map(u16::to_le_bytes).map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn letters_of_disks_without_a_table_are_remembered_by_serial_number() {
    let disk = SystemDisk::new(&[]);
    let bare = |name: &str| {
        let path = disk.host(name);
        std::fs::write(&path, vec![0; 1 << 20]).expect("room for an image");
        path.display().to_string()
    };
    let (a, b) = (bare("a.img"), bare("b.img"));
    assert_eq!(disk.letters(&[format!("h={a},serial=A 7"), format!("k={b}")]), "C1 H2 K3");
    let quoted = |serial: &str| format!("\"{}\"", device(serial));
    assert_eq!(disk.remembered('C'), quoted("smvm-c"));
    assert_eq!(disk.remembered('H'), quoted("A_7"));
    assert_eq!(disk.remembered('K'), quoted("smvm-k"));
    // A disk has one letter, and a letter one disk; what is not there keeps its own.
    assert_eq!(disk.letters(&[format!("k={a},serial=A 7")]), "C1 K2");
    assert_eq!((disk.remembered('H'), disk.remembered('K')), ("null".into(), quoted("A_7")));
    assert_eq!(disk.letters(&[format!("d={b}")]), "C1 D2");
    assert_eq!((disk.remembered('K'), disk.remembered('D')), (quoted("A_7"), quoted("smvm-d")));
}
