//! `smvm reg`: hives made, changed, imported and exported, and what is refused.

mod common;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Run, run_args, smvm};
use regf::{FileTime, HiveFile, HiveMut, RegType, Step};

const TEXT: &str = "Windows Registry Editor Version 5.00\r\n\
    \r\n\
    ; All that a value can be.\r\n\
    [HKEY_LOCAL_MACHINE\\SYSTEM\\Select]\r\n\
    \"Current\"=dword:00000002\r\n\
    [HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet002\\Control\\Session Manager]\r\n\
    @=\"the \\\"default\\\" value\"\r\n\
    \"BootExecute\"=hex(7):61,00,75,00,74,00,6f,00,00,00,62,00,00,00,00,00\r\n\
    \"Path\"=hex(2):25,00,78,00,25,00,00,00\r\n\
    \"Big\"=hex(b):ff,ee,dd,cc,bb,aa,99,88\r\n\
    \"Bytes\"=hex:01,02,\\\r\n  \
    03\r\n\
    \"Odd\"=hex(3f):aa\r\n\
    \"Gr\u{fc}\u{df}e \u{65e5}\u{672c}\"=\"\u{1f600}\"\r\n\
    [HKEY_LOCAL_MACHINE\\SYSTEM\\Empty]\r\n";

const MANAGER: &str = r"ControlSet002\Control\Session Manager";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(common::folder())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).into_os_string().into_string().expect("a path of text")
    }

    fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), contents).expect("room for a file");
        self.path(name)
    }

    /// A SYSTEM hive with what is in [`TEXT`].
    fn system(&self) -> String {
        let (hive, text) = (self.path("SYSTEM"), self.file("system.reg", TEXT));
        ok(&["reg", "import", &hive, &text, "--create"]);
        hive
    }

    /// Nothing is left behind under another name.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn ok(args: &[&str]) -> String {
    let run = run_args(args);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}: {run:?}");
    run.stdout
}

/// Is refused with code 2, and says all of this.
fn refused(args: &[&str], words: &[&str]) {
    let run = run_args(args);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{args:?}: no {word:?} in {}", run.stderr);
    }
}

fn query(hive: &str, args: &[&str]) -> serde_json::Value {
    let run: Run = run_args(&[&["reg", "query", hive, "--json"], args].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let json = run.json();
    assert_eq!(json["schema"], 1);
    json
}

#[test]
fn what_is_imported_is_listed_and_exported_to_the_same() {
    let folder = Folder::new();
    let hive = folder.system();
    let text = ok(&["reg", "query", &hive, r"currentcontrolset\control\SESSION MANAGER"]);
    assert_eq!(
        text,
        "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet002\\Control\\Session Manager\n    \
            (Default)    REG_SZ    the \"default\" value\n    \
            BootExecute    REG_MULTI_SZ    auto\\0b\n    \
            Path    REG_EXPAND_SZ    %x%\n    \
            Big    REG_QWORD    0x8899aabbccddeeff\n    \
            Bytes    REG_BINARY    010203\n    \
            Odd    0x3f    AA\n    \
            Gr\u{fc}\u{df}e \u{65e5}\u{672c}    REG_SZ    \u{1f600}\n"
    );
    let root = ok(&["reg", "query", &hive]);
    let keys: Vec<&str> = root.lines().filter(|line| line.starts_with("HKEY")).collect();
    let under = |name: &str| format!(r"HKEY_LOCAL_MACHINE\SYSTEM\{name}");
    assert_eq!(keys[0], r"HKEY_LOCAL_MACHINE\SYSTEM");
    assert_eq!(keys[1..], [under("ControlSet002"), under("Empty"), under("Select")]);

    let json = query(&hive, &["--recursive"]);
    let keys = json["keys"].as_array().expect("an array");
    assert_eq!(keys.len(), 6, "{json}");
    let manager = query(&hive, &[r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"]);
    let values = manager["keys"][0]["values"].as_array().expect("an array");
    let multi = &values[1];
    assert_eq!(multi["data"], serde_json::json!(["auto", "b"]));
    assert_eq!((&multi["type"], &multi["type_number"]), (&"REG_MULTI_SZ".into(), &7.into()));
    assert_eq!((&values[4]["data"], &values[4]["bytes"]), (&serde_json::Value::Null, &"010203".into()));
    let current = query(&hive, &["Select", "--value", "CURRENT"]);
    assert_eq!(current["keys"][0]["values"][0]["data"], 2);

    // Twice through text, both encodings.
    for (name, utf8) in [("copy", false), ("again", true)] {
        let text = folder.path(&format!("{name}.reg"));
        let more: &[&str] = if utf8 { &["--utf8"] } else { &[] };
        ok(&[&["reg", "export", &hive, "-o", &text], more].concat());
        let copy = folder.path(&format!("SYSTEM.{name}"));
        ok(&["reg", "import", &copy, &text, "--create"]);
        assert_eq!(ok(&["reg", "export", &hive, "--utf8"]), ok(&["reg", "export", &copy, "--utf8"]));
        let starts_with_mark = std::fs::read(&text).expect("it is there").starts_with(&[0xFF, 0xFE]);
        assert_eq!(starts_with_mark, !utf8);
    }
    let part = ok(&["reg", "export", &hive, "select", "-o", "-", "--utf8"]);
    assert_eq!(part.matches("\r\n[").count(), 1, "{part}");
    assert!(
        part.contains("[HKEY_LOCAL_MACHINE\\SYSTEM\\Select]\r\n\"Current\"=dword:00000002\r\n"),
        "{part}"
    );
}

#[test]
fn values_and_keys_are_set_and_deleted() {
    let folder = Folder::new();
    let hive = folder.system();
    let set = |args: &[&str]| ok(&[&["reg", "set", &hive], args].concat());
    let bytes = |key: &str, name: &str| {
        query(&hive, &[key, "--value", name])["keys"][0]["values"][0]["bytes"].as_str().map(str::to_owned)
    };
    for (kind, data, expected) in [
        ("REG_SZ", &["-a"][..], "2D0061000000"),
        ("REG_EXPAND_SZ", &["%a%"], "25006100250000 00"),
        ("REG_MULTI_SZ", &["a", "b"], "610000006200000000 00"),
        ("REG_MULTI_SZ", &[], "0000"),
        ("REG_DWORD", &["4294967295"], "FFFFFFFF"),
        ("reg_qword", &["0x102"], "0201000000000000"),
        ("REG_BINARY", &["de ad,BEEF"], "DEADBEEF"),
        ("REG_BINARY", &[], ""),
    ] {
        let data: Vec<&str> = data.iter().flat_map(|word| ["--data", *word]).collect();
        set(&[&[r"New\Key", "--value", "It", "--type", kind], &data[..]].concat());
        assert_eq!(bytes(r"New\Key", "it"), Some(expected.replace(' ', "")), "{kind} {data:?}");
    }
    set(&["New", "--value", "", "--type", "REG_SZ", "--data", "x"]);
    assert!(ok(&["reg", "query", &hive, "New"]).contains("    (Default)    REG_SZ    x\n"));
    set(&["New", "--value", "", "--delete"]);
    refused(&["reg", "query", &hive, "New", "--value", ""], &["no value"]);
    set(&[r"New\Other"]);
    assert_eq!(query(&hive, &["New"])["keys"][0]["subkeys"], serde_json::json!(["Key", "Other"]));
    set(&["New", "--delete"]);
    refused(&["reg", "query", &hive, "New"], &["New: no such key"]);

    let before = std::fs::read(&hive).expect("it is there");
    let set: &[&str] = &["reg", "set", &hive];
    refused(&[set, &["New", "--delete"]].concat(), &["no such key"]);
    refused(&[set, &["Select", "--value", "no", "--delete"]].concat(), &["no value"]);
    refused(&[set, &["", "--delete"]].concat(), &["root", "protected"]);
    refused(&[set, &[r"a\\b"]].concat(), &["name"]);
    refused(&[set, &[r"HKLM\SOFTWARE\x"]].concat(), &[r"HKEY_LOCAL_MACHINE\SYSTEM"]);
    refused(&[set, &["x", "--value", "v"]].concat(), &["--type"]);
    refused(&[set, &["x", "--value", "v", "--type", "REG_DWORD", "--data", "1x"]].concat(), &["1x"]);
    refused(&[set, &["x", "--value", "v", "--type", "REG_LINK", "--data", "1"]].concat(), &["REG_LINK"]);
    refused(&[set, &["x", "--value", "v", "--type", "REG_SZ", "--data", "1", "--delete"]].concat(), &[]);
    assert_eq!(std::fs::read(&hive).expect("it is there"), before);
}

#[test]
fn texts_of_both_versions_are_merged_and_deletions_made() {
    let folder = Folder::new();
    let hive = folder.system();
    let old = folder.file(
        "old.reg",
        "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Old]\n\"a\"=hex(2):25,00\n[-HKEY_LOCAL_MACHINE\\SYSTEM\\Empty]\n",
    );
    let new = folder.file(
        "new.reg",
        "Windows Registry Editor Version 5.00\n[HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager]\n\"Path\"=-\n",
    );
    ok(&["reg", "import", &hive, &old, &new]);
    let root = query(&hive, &[]);
    assert_eq!(root["keys"][0]["subkeys"], serde_json::json!(["ControlSet002", "Old", "Select"]));
    assert_eq!(query(&hive, &["Old"])["keys"][0]["values"][0]["bytes"], "25000000");
    refused(&["reg", "query", &hive, MANAGER, "--value", "Path"], &["no value"]);

    let before = std::fs::read(&hive).expect("it is there");
    // The first text is good, the second is not: neither is merged.
    let good =
        folder.file("good.reg", "Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Good]\n");
    let bad = folder.file("bad.reg", "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Bad]\n\"a\"=dword:xyz\n");
    refused(&["reg", "import", &hive, &good, &bad], &["bad.reg: line 3, column", "number"]);
    let elsewhere = folder.file("else.reg", "REGEDIT4\n[HKEY_CURRENT_USER\\Console]\n");
    refused(&["reg", "import", &hive, &good, &elsewhere], &["else.reg: line 2", "--root"]);
    let root = folder.file("root.reg", "REGEDIT4\n[-HKEY_LOCAL_MACHINE\\SYSTEM]\n");
    refused(&["reg", "import", &hive, &good, &root], &["root.reg: line 2", "protected"]);
    refused(&["reg", "import", &hive, &folder.path("none.reg")], &["none.reg"]);
    refused(&["reg", "import", &folder.path("none"), &good], &["none: no such file; --create"]);
    assert_eq!(std::fs::read(&hive).expect("it is there"), before);

    let both = folder.file("both.reg", "REGEDIT4\n[HKEY_CURRENT_USER\\A]\n[HKEY_LOCAL_MACHINE\\SYSTEM\\B]\n");
    let run = run_args(&["reg", "import", &hive, &both]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    assert!(run.stderr.contains("1 keys are not in this hive"), "{run:?}");
}

#[test]
fn the_root_follows_from_the_name_or_is_given() {
    let folder = Folder::new();
    for (name, root) in [
        ("software", r"HKEY_LOCAL_MACHINE\SOFTWARE"),
        ("NTUSER.DAT", "HKEY_CURRENT_USER"),
        ("mine.hiv", r"HKEY_LOCAL_MACHINE\MINE"),
    ] {
        let (hive, text) = (folder.path(name), folder.file("text.reg", format!("REGEDIT4\n[{root}\\Key]\n")));
        ok(&["reg", "import", &hive, &text, "--create"]);
        assert!(ok(&["reg", "query", &hive, "key"]).starts_with(&format!("{root}\\Key\n")));
    }
    // Under another name, a hive still knows its own.
    std::fs::rename(folder.path("NTUSER.DAT"), folder.path("copy")).expect("a rename");
    assert!(ok(&["reg", "query", &folder.path("copy")]).starts_with("HKEY_CURRENT_USER\n"));
    let given = ok(&["reg", "query", &folder.path("copy"), r"hku\S-1-5\Key", "--root", r"HKU\S-1-5\"]);
    assert!(given.starts_with("HKEY_USERS\\S-1-5\\Key\n"), "{given}");
}

#[test]
fn the_file_keeps_its_mode_and_is_replaced() {
    let folder = Folder::new();
    let hive = folder.system();
    let link = folder.path("link");
    std::os::unix::fs::symlink("SYSTEM", &link).expect("a symbolic link");
    std::fs::set_permissions(&hive, PermissionsExt::from_mode(0o640)).expect("the mode");
    let before = std::fs::metadata(&hive).expect("it is there");
    ok(&["reg", "set", &link, "Through", "--root", r"HKLM\SYSTEM"]);
    let after = std::fs::metadata(&hive).expect("it is there");
    assert_eq!((before.mode(), before.uid(), before.gid()), (after.mode(), after.uid(), after.gid()));
    assert_ne!(before.ino(), after.ino(), "another file under the same name");
    assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert_eq!(folder.names(), ["SYSTEM", "link", "system.reg"]);
    ok(&["reg", "query", &hive, "Through"]);
}

#[test]
fn changes_at_the_same_time_are_all_made() {
    let folder = Folder::new();
    let hive = folder.system();
    let set = |number: usize| smvm().args(["reg", "set", &hive, &format!(r"Many\{number}")]).spawn();
    let children: Vec<_> = (0..16).map(|number| set(number).expect("smvm starts")).collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let many = query(&hive, &["Many"]);
    assert_eq!(many["keys"][0]["subkeys"].as_array().map(Vec::len), Some(16), "{many}");
}

#[test]
fn damaged_files_are_refused_and_stay() {
    let folder = Folder::new();
    let hive = folder.system();
    let good = std::fs::read(&hive).expect("it is there");
    let with = |at: usize, bytes: &[u8]| {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        bad
    };
    let root = u32::from_le_bytes(good[36..40].try_into().expect("four bytes"));
    let cases = [
        (vec![], "cut short (at byte 0x0)"),
        (good[..5000].to_vec(), "cut short (at byte 0x1388)"),
        (with(0, b"REGF"), "not a hive (at byte 0x0)"),
        (with(4096 + root as usize + 4, b"xx"), "malformed key (at byte 0x10"),
    ];
    for (bytes, word) in cases {
        let bad = folder.file("SYSTEM", &bytes);
        for args in [
            &["query", &bad, "--recursive"][..],
            &["query", &bad, "Select", "--json"],
            &["export", &bad],
            &["set", &bad, "Key"],
            &["set", &bad, "Select", "--delete"],
            &["import", &bad, &folder.path("system.reg"), "--create"],
        ] {
            refused(&[&["reg"], args].concat(), &["SYSTEM: ", word]);
        }
        assert_eq!(std::fs::read(&bad).expect("it is there"), bytes);
    }
    // Damage that the edit itself would not come upon.
    let list = good.windows(4).position(|bytes| bytes == b"vk\x0B\0").expect("BootExecute");
    let bad = folder.file("SYSTEM", with(list + 8, &[0xF8, 0xFF, 0xFF, 0x7F]));
    refused(&["reg", "set", &bad, "Key"], &["a damaged hive is not changed", "at byte 0x"]);
    // No byte that is wrong makes anything but a listing or a refusal.
    for at in (4096..good.len().min(4096 + 2048)).step_by(61) {
        let bad = folder.file("SYSTEM", with(at, &[0xFF; 3]));
        let run = run_args(&["reg", "query", &bad, "--recursive"]);
        assert!([0, 2].contains(&run.code), "{at:#x}: {run:?}");
    }
    refused(&["reg", "query", "/dev/null"], &["not a regular file"]);
    refused(&["reg", "query", &folder.path("")], &["not a regular file"]);
}

/// Flushes a change to files as far as step `until` of the plan, as if the power failed then.
fn flush_until(hive: &mut HiveMut, primary: &mut Vec<u8>, log: &mut Vec<u8>, until: usize) {
    let mut steps = 0;
    let _ = hive.flush(|step| {
        steps += 1;
        if steps > until {
            return Err(());
        }
        if let Step::Write { file, offset, bytes } = step {
            let to = if file == HiveFile::Primary { &mut *primary } else { &mut *log };
            let end = offset as usize + bytes.len();
            to.resize(to.len().max(end), 0);
            to[offset as usize..end].copy_from_slice(bytes);
        }
        Ok(())
    });
}

#[test]
fn a_dirty_hive_is_recovered_from_its_log_or_refused() {
    let folder = Folder::new();
    let mut hive = HiveMut::create("SYSTEM", FileTime(1)).expect("memory");
    let (mut primary, mut log) = (Vec::new(), Vec::new());
    flush_until(&mut hive, &mut primary, &mut log, usize::MAX);
    let key = hive.create_path(hive.root(), "Late").expect("room");
    hive.set_value(key, "Number", RegType::DWORD, &[1, 2, 3, 4]).expect("room");
    // The log and its barrier, and the base block that says so.
    flush_until(&mut hive, &mut primary, &mut log, 3);
    let path = folder.file("SYSTEM", &primary);
    for args in [&["query", &path][..], &["export", &path], &["set", &path, "Key"]] {
        refused(
            &[&["reg"], args].concat(),
            &["SYSTEM: the hive is dirty", "2 at byte 0x4, 1 at", "SYSTEM.LOG1"],
        );
    }
    folder.file("SYSTEM.LOG1", &log);
    let run = run_args(&["reg", "query", &path, "Late"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("recovered from its log"), "{run:?}");
    assert!(run.stdout.contains("    Number    REG_DWORD    0x4030201\n"), "{run:?}");
    assert_eq!(std::fs::read(&path).expect("it is there"), primary, "a query changes nothing");
    assert_eq!(run_args(&["reg", "set", &path, "Key"]).code, 0);
    // From now on the log is not needed, and does no harm.
    assert_eq!(query(&path, &[])["keys"][0]["subkeys"], serde_json::json!(["Key", "Late"]));
    std::fs::remove_file(folder.path("SYSTEM.LOG1")).expect("it was there");
    assert_eq!(query(&path, &[])["keys"][0]["subkeys"], serde_json::json!(["Key", "Late"]));
}

#[test]
fn a_full_disk_is_75_and_the_hive_stays() {
    let folder = Folder::new();
    let hive = folder.system();
    let run = run_args(&["reg", "export", &hive, "-o", "/dev/full"]);
    assert_eq!((run.code, run.stdout.as_str()), (75, ""), "{run:?}");
    assert!(run.stderr.contains("/dev/full: No space left"), "{run:?}");

    if std::fs::metadata("/proc/self").expect("procfs").uid() != 0 {
        eprintln!("needs root for a small file system, not run");
        return;
    }
    // Room for one copy of the hive, not for two.
    let data = "61".repeat(40_000);
    ok(&["reg", "set", &hive, "Large", "--value", "v", "--type", "REG_BINARY", "--data", &data]);
    let script = "mount -t tmpfs -o size=80k none \"$MNT\" && cp \"$HIVE\" \"$MNT/SYSTEM\" && \
        { \"$SMVM\" reg set \"$MNT/SYSTEM\" Key; echo code $?; ls -A \"$MNT\"; cmp \"$HIVE\" \"$MNT/SYSTEM\"; }";
    let mount = folder.path("mnt");
    std::fs::create_dir(&mount).expect("a folder");
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", script])
        .envs([("MNT", mount.as_str()), ("HIVE", &hive), ("SMVM", env!("CARGO_BIN_EXE_smvm"))])
        .stdin(Stdio::null())
        .output()
        .expect("unshare");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&output.stdout), "code 75\nSYSTEM\n", "{}", text(&output.stderr));
    assert!(output.status.success() && text(&output.stderr).contains("No space left"), "{output:?}");
}

#[test]
fn hivex_reads_what_is_written() {
    let folder = Folder::new();
    let hive = folder.system();
    ok(&["reg", "set", &hive, MANAGER, "--value", "Set", "--type", "REG_SZ", "--data", "by hand"]);
    let xml = hivexml(Path::new(&hive));
    for word in [
        "name=\"Session Manager\"",
        "by hand",
        "key=\"BootExecute\"",
        "<string>auto</string>",
        "\u{65e5}\u{672c}",
    ] {
        assert!(xml.contains(word), "no {word} in {xml}");
    }
    let listed = query(&hive, &["--recursive"]);
    let keys = listed["keys"].as_array().expect("an array");
    let values: usize = keys.iter().filter_map(|key| Some(key["values"].as_array()?.len())).sum();
    assert_eq!(
        (xml.matches("<node ").count(), xml.matches("<value ").count()),
        (keys.len(), values),
        "{xml}"
    );
}

fn hivexml(path: &Path) -> String {
    let output = Command::new("hivexml").arg(path).env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("hivexml: {error}: apt-get install -y libhivex-bin"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("XML in UTF-8")
}

#[test]
fn text_comes_from_standard_input_and_goes_to_a_pipe() {
    let folder = Folder::new();
    let hive = folder.path("SYSTEM");
    let text = std::fs::File::open(folder.file("in.reg", TEXT)).expect("it is there");
    let import = smvm().args(["reg", "import", &hive, "-", "--create"]).stdin(text).output();
    let import = import.expect("smvm runs");
    assert_eq!(import.status.code(), Some(0), "{import:?}");
    let export = smvm().args(["reg", "export", &hive, "-o", "/dev/stdout"]).output().expect("smvm runs");
    assert_eq!(export.status.code(), Some(0), "{export:?}");
    let plain = smvm().args(["reg", "export", &hive]).output().expect("smvm runs");
    assert!(plain.stdout.starts_with(&[0xFF, 0xFE, b'W', 0]) && plain.stdout == export.stdout);
    assert_eq!(folder.names(), ["SYSTEM", "in.reg"].map(String::from));
    assert!(PathBuf::from(&hive).is_file());
}
