//! Hives that others have made, that others read, that are damaged or not there, and that come and go at run time.

use std::process::Command;

use regf::{FileTime, HiveFile, HiveMut, RegType, Step};
use smvm_tests::{Boot, smvm};
use tempfile::TempDir;

/// Where the system's hives are in the guest.
const CONFIG: &str = r"\SystemRoot\System32\config";
const SYSTEM_ROOT: &str = r"HKEY_LOCAL_MACHINE\SYSTEM";
const MANAGER: &str = r"ControlSet001\Control\Session Manager";
const HELLO: &str = "hello from a stranger";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), contents).expect("room for a file");
        self.path(name)
    }

    /// The hives of a boot as they stand at its end.
    fn saved(&self, arguments: &[&str]) -> Boot {
        let boot = Boot::with(&[arguments, &["--save-hives", &self.path("")]].concat());
        assert_eq!(boot.code, 0, "{boot:#?}");
        boot
    }

    /// Options for a boot with this file as hive SYSTEM, and the program `hello`.
    fn with_system(&self, hive: &str) -> Vec<String> {
        let mut options = Boot::prepare(&self.0, &[], &["hello"]);
        // Its registry text would replace the BootExecute that the hive has.
        options.truncate(2);
        options.extend(["--file".into(), format!(r"{CONFIG}\SYSTEM={hive}")]);
        options
    }

    fn boot_with_system(&self, hive: &str) -> Boot {
        let options = self.with_system(hive);
        Boot::with(&options.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// Runs a program; what it printed.
fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let folder = TempDir::new().expect("a temporary folder");
    let script = folder.path().join("input");
    std::fs::write(&script, input).expect("room for the input");
    let input = std::fs::File::open(script).expect("the input");
    let output = Command::new(program).args(arguments).stdin(input).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; run tests/setup test"));
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn own(arguments: &[&str]) -> String {
    run(&smvm().display().to_string(), arguments, "")
}

fn lines(lines: &[&str]) -> Vec<u8> {
    lines
        .iter()
        .chain(&[""])
        .flat_map(|line| line.encode_utf16().chain([0]))
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// The program that BootExecute of the foreign hive names has run.
fn says_hello(boot: &Boot) {
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(boot.console().contains(HELLO), "{boot:#?}");
}

/// Tests that need programs of other people; the box does not have them.
mod with_other_programs {
    use super::*;

    #[test]
    fn a_system_hive_that_hivex_has_filled_boots() {
        let folder = Folder::new();
        folder.saved(&[]);
        let text = folder.path("all.reg");
        own(&["reg", "export", &folder.path("SYSTEM"), "--utf8", "--root", SYSTEM_ROOT, "-o", &text]);
        // A hive with no more than a root, which hivex fills.
        let hive = HiveMut::create("FOREIGN", FileTime(0)).expect("a hive");
        let foreign = folder.write("FOREIGN", hive.into_image());
        run("hivexregedit", &["--merge", "--prefix", SYSTEM_ROOT, &foreign, &text], "");
        let line: String = lines(&["hello"]).iter().map(|byte| format!("{byte:02x},")).collect();
        let line = format!(
            "Windows Registry Editor Version 5.00\n\n[{SYSTEM_ROOT}\\{MANAGER}]\n\"BootExecute\"=hex(7):{}\n",
            line.trim_end_matches(',')
        );
        let change = folder.write("change.reg", line);
        run("hivexregedit", &["--merge", "--prefix", SYSTEM_ROOT, &foreign, &change], "");
        says_hello(&folder.boot_with_system(&foreign));
    }

    #[test]
    fn a_hive_changed_by_hivexsh_boots_and_hivex_reads_what_the_guest_wrote() {
        let folder = Folder::new();
        folder.saved(&[]);
        let hive = folder.path("SYSTEM");
        let script =
            format!("cd \\{MANAGER}\nadd Probe\ncd Probe\nsetval 1\nMarker\nstring:by hivexsh\ncommit\n");
        run("hivexsh", &["-w", &hive], &script);
        // A stranger writes values into it in the guest; what the monitor saves is read by strangers.
        let mut options = Boot::prepare(&folder.0, &["registry keep"], &[]);
        options.extend(["--file".into(), format!(r"{CONFIG}\SYSTEM={hive}")]);
        let after = Folder::new();
        let boot = after.saved(&options.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(boot.console().contains("registry done"), "{}", boot.console());
        let saved = after.path("SYSTEM");
        let key = format!("\\{MANAGER}");
        assert_eq!(run("hivexget", &[&saved, &format!("{key}\\Probe"), "Marker"], "").trim(), "by hivexsh");
        let stranger = run("hivexget", &[&saved, &format!("{key}\\Stranger")], "");
        assert!(stranger.contains("written by a stranger"), "{stranger}");
        let listed = run("reglookup", &["-p", "/ControlSet001/Control/Session Manager", &saved], "");
        assert!(listed.contains("written by a stranger"), "{listed}");
    }

    #[test]
    fn chntpw_changes_a_hive_that_boots() {
        let folder = Folder::new();
        folder.saved(&[]);
        let hive = folder.path("SYSTEM");
        let script = format!("cd \\{MANAGER}\nnk Probe\ncd Probe\nnv 4 Number\ned Number\n17\nq\ny\n");
        let output = Command::new("sh")
            .args(["-c", "printf '%s' \"$1\" | chntpw -e \"$2\"", "sh", &script, &hive])
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout);
        let key = format!("{MANAGER}\\Probe");
        assert!(own(&["reg", "query", &hive, &key]).contains("0x11"), "{said}");
        let boot = folder.boot_with_system(&hive);
        assert_eq!(boot.code, 0, "{boot:#?}");
    }

    #[test]
    fn a_key_saved_by_the_guest_is_read_by_hivex() {
        let (folder, console) = load_and_save();
        let mut bytes: Vec<u8> = Vec::new();
        for hex in console.lines().filter_map(|line| line.strip_prefix("HIVE ")) {
            let (hex, repeats) = hex.split_at(hex.find('*').unwrap_or(hex.len()));
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("a byte");
            bytes.extend((0..hex.len()).step_by(2).map(byte));
            for _ in repeats.chars() {
                bytes.extend_from_within(bytes.len() - 64..);
            }
        }
        let file = folder.write("SAVED", &bytes);
        assert!(run("hivexget", &[&file, "\\"], "").contains("a text"));
        assert!(run("hivexget", &[&file, "\\Sub"], "").to_lowercase().contains("dword:0000002a"));
        let all = run("hivexsh", &[&file], "cd \\\nls\n");
        assert!(all.contains("Sub") && !all.contains("Volatile"), "{all}");
        let hive = regf::Hive::clean(&bytes).expect("a clean hive");
        let big = hive.root().expect("a root").value("Big").expect("readable").expect("there");
        assert!(big.data().expect("data").is(&[0xA5; 20_000]).expect("readable"));
        regf::verify(hive).expect("a hive without a fault");
    }
}

/// Boots the probe that loads, saves and unloads hives, with a hive for it; what it printed.
fn load_and_save() -> (Folder, String) {
    let folder = Folder::new();
    let mut hive = HiveMut::create("EXTRA", FileTime(0)).expect("a hive");
    let root = hive.root();
    hive.set_value(root, "Number", RegType::DWORD, &7_u32.to_le_bytes()).expect("room");
    hive.create_path(root, "Sub").expect("room");
    let extra = folder.write("EXTRA", hive.into_image());
    let boot = Boot::probe("registry-load", &["--file", &format!(r"{CONFIG}\EXTRA={extra}")]);
    boot.assert_passes(48);
    let console = boot.console().replace("\r\n", "\n");
    (folder, console)
}

#[test]
fn hives_are_loaded_saved_and_unloaded() {
    load_and_save();
}

/// Files of a hive after a power cut, when this many steps of a flush were done: the hive and its log.
fn cut_after(
    steps: usize,
    primary: Vec<u8>,
    log: Vec<u8>,
    hive: &mut HiveMut<Vec<u8>>,
) -> (Vec<u8>, Vec<u8>) {
    let (mut primary, mut log, mut left) = (primary, log, steps);
    let _: Result<(), ()> = hive.flush(|step| {
        left = left.checked_sub(1).ok_or(())?;
        if let Step::Write { file, offset, bytes } = step {
            let to = if file == HiveFile::Primary { &mut primary } else { &mut log };
            let (start, end) = (offset as usize, offset as usize + bytes.len());
            to.resize(to.len().max(end), 0);
            to[start..end].copy_from_slice(bytes);
        }
        Ok(())
    });
    (primary, log)
}

fn damaged(folder: &Folder) -> (String, String) {
    folder.saved(&[]);
    let file = std::fs::read(folder.path("SYSTEM")).expect("the hive");
    let mut hive = HiveMut::open(file.clone()).expect("a clean hive");
    let manager = hive.hive().open(MANAGER).expect("readable").expect("there").id();
    hive.set_value(manager, "BootExecute", RegType(7), &lines(&["hello"])).expect("room");
    // The log is whole, and the hive marked as not.
    let (primary, log) = cut_after(4, file, Vec::new(), &mut hive);
    assert!(regf::Hive::clean(&primary).is_err(), "it should be dirty");
    (folder.write("DIRTY", primary), folder.write("DIRTY.LOG1", log))
}

#[test]
fn a_hive_whose_flush_was_cut_boots_as_its_log_says() {
    let folder = Folder::new();
    let (dirty, log) = damaged(&folder);
    let mut options = folder.with_system(&dirty);
    options.extend(["--file".into(), format!(r"{CONFIG}\SYSTEM.LOG1={log}")]);
    says_hello(&Boot::with(&options.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[test]
fn a_dirty_hive_without_its_log_stops_the_system() {
    let folder = Folder::new();
    let (dirty, _) = damaged(&folder);
    stops(&folder.boot_with_system(&dirty));
}

#[test]
fn no_hive_at_all_in_its_file_stops_the_system() {
    let folder = Folder::new();
    let nothing = folder.write("NOTHING", "");
    stops(&folder.boot_with_system(&nothing));
}

/// Bugcheck 0x74.
/// A boot of the image without some of its files.
fn boot_without(paths: &[&str], arguments: &[&str]) -> Boot {
    let folder = Folder::new();
    let archive = bootarchive::Archive::parse(smvm_images::ARCHIVE).expect("the archive");
    let mut builder = bootarchive::write::Builder::new();
    let mut left_out = 0;
    for file in archive.files() {
        match paths.iter().any(|path| archive.find(path).is_some_and(|found| found.path() == file.path())) {
            true => left_out += 1,
            false => {
                builder.add(file.path(), file.data());
            }
        }
    }
    assert_eq!(left_out, paths.len());
    folder.write("boot.img", builder.build().expect("an archive"));
    folder.write("kernel.elf", smvm_images::KERNEL);
    Boot::with(&[arguments, &["--image", &folder.path("")]].concat())
}

/// There is an empty key in its place (docs/executive.md): the kernel does without, the session manager does not. Its own
/// initialisation fails with OBJECT_NAME_NOT_FOUND, which is fatal (spec/smss.md 1.3, 4.2).
#[test]
fn without_its_hive_the_system_comes_as_far_as_the_session_manager() {
    let system = format!(r"{CONFIG}\SYSTEM");
    let boot = boot_without(&[&system], &[]);
    assert_eq!(boot.code, 5, "{boot:#?}");
    let stop = boot.console().lines().find(|line| line.starts_with("*** STOP: 0xC000021A"));
    assert!(stop.is_some_and(|line| line.contains("0x00000000C0000034")), "{boot:#?}");
    assert!(boot.console().starts_with("Session Manager"), "{boot:#?}");
}

#[test]
fn programs_run_without_any_hive() {
    let (system, software) = (format!(r"{CONFIG}\SYSTEM"), format!(r"{CONFIG}\SOFTWARE"));
    let folder = Folder::new();
    let hello = folder.write("hello.exe", smvm_tests::program("hello"));
    let file = format!(r"\SystemRoot\System32\hello.exe={hello}");
    let init = r"smvm.init=\SystemRoot\System32\hello.exe";
    let boot = boot_without(&[&system, &software], &["--file", &file, "--cmdline", init]);
    assert!(boot.console().contains(HELLO), "{boot:#?}");
}

#[test]
fn the_session_is_ready_without_software() {
    let boot = boot_without(&[&format!(r"{CONFIG}\SOFTWARE")], &[]);
    assert!(boot.code == 0 && boot.json["session_ready"] == true, "{boot:#?}");
}

fn stops(boot: &Boot) {
    assert_eq!(boot.code, 5, "{boot:#?}");
    assert!(boot.console().contains("BAD_SYSTEM_CONFIG_INFO"), "{boot:#?}");
}
