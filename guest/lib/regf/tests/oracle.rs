//! Other people's programs read what is written here, and what they write is read here.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::model::{Edit, Node, hive_of};
use regf::reg::{Encoding, Mapping, RegFile, export};
use regf::{FileTime, Hive, HiveMut, RegType};

const INSTALL: &str = "apt-get install -y libhivex-bin libwin-hivex-perl reglookup chntpw";

/// Runs a program, which must be there and succeed.
fn run(program: &str, arguments: &[&str], input: &str) -> Output {
    use std::io::Write;
    let spawned = Command::new(program)
        .args(arguments)
        .envs([
            ("PERL_UNICODE", "S"),
            ("LC_ALL", "C.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"),
        ])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let mut child = spawned.unwrap_or_else(|error| panic!("{program}: {error}; install it: {INSTALL}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let shown =
        |bytes: &[u8]| String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(2000)..]).into_owned();
    // reged says 2 when it has changed a hive.
    assert!(
        output.status.success() || program == "reged" && output.status.code() == Some(2),
        "{program} {arguments:?}: {}\n{}\n{}",
        output.status,
        shown(&output.stdout),
        shown(&output.stderr)
    );
    output
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Keys and values of all kinds. `names` go beyond ASCII or not.
fn rich(names: &[&'static str]) -> HiveMut {
    let bytes = |len: usize| (0..len).map(|at| (at % 251) as u8).collect::<Vec<u8>>();
    let string = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut edits = Vec::new();
    for name in names {
        let path = vec!["ControlSet001", *name];
        let mut set =
            |value, kind: RegType, data: Vec<u8>| edits.push(Edit::Set(path.clone(), value, kind.0, data));
        set("", RegType::SZ, string("default\0"));
        set(name, RegType::SZ, string("C:\\a \"quoted\" one\0"));
        set("Expand", RegType::EXPAND_SZ, string("%SystemRoot%\\x\0"));
        set("Multi", RegType::MULTI_SZ, string("autocheck autochk *\0second\0\0"));
        set("Dword", RegType::DWORD, bytes(4));
        set("Qword", RegType::QWORD, bytes(8));
        set("Short", RegType::BINARY, bytes(3));
        set("Medium", RegType::BINARY, bytes(700));
        set("Edge", RegType::BINARY, bytes(16344));
        set("Big", RegType::BINARY, bytes(16345));
        set("Bigger", RegType::BINARY, bytes(100_001));
        set("None", RegType::NONE, Vec::new());
    }
    let mut hive = hive_of(&edits);
    let root = hive.root();
    hive.set_clock(FileTime::from_unix(1_700_000_000, 0));
    let many = hive.create_path(root, "Many").unwrap();
    for index in 0..1200 {
        hive.create_key(many, format!("Key {index}").as_str(), None).unwrap();
    }
    let class: Vec<u16> = "Shell".encode_utf16().collect();
    let child = hive.create_key(many, "WithClass", Some(&class)).unwrap().id();
    hive.set_security(child, &regf::default_descriptor()).unwrap();
    regf::verify(hive.hive()).unwrap();
    hive
}

const ASCII: &[&str] = &["Session Manager", "x"];
const ALL: &[&str] = &["Session Manager", "Größe", "Ключ", "日本語"];

/// What a hive holds, with values in the order of their names.
fn sorted(hive: &HiveMut) -> Node {
    fn sort(node: &mut Node) {
        node.values.sort();
        node.children.values_mut().for_each(|(_, child)| sort(child));
    }
    let mut node = Node::read(hive.hive().root().unwrap());
    sort(&mut node);
    node
}

/// What a text makes of an empty hive.
fn from_text(bytes: &[u8]) -> Node {
    let mut hive = hive_of(&[]);
    let file = RegFile::parse(bytes).unwrap();
    let applied = file.apply(&Mapping::mount(r"HKLM\X"), &mut hive).unwrap();
    assert_eq!(applied.elsewhere, 0);
    sorted(&hive)
}

#[test]
fn hivex_exports_every_byte() {
    let (folder, hive) = (Folder::new(), rich(ALL));
    let path = folder.file("hive", hive.bytes());
    let output =
        run("hivexregedit", &["--export", "--prefix", r"HKEY_LOCAL_MACHINE\X", text(&path), "\\"], "");
    assert!(from_text(&output.stdout) == sorted(&hive));
}

#[test]
fn hivexml_finds_every_key_and_value() {
    let (folder, hive) = (Folder::new(), rich(ALL));
    let census = regf::verify(hive.hive()).unwrap();
    let output = run("hivexml", &[text(&folder.file("hive", hive.bytes()))], "");
    let xml = String::from_utf8(output.stdout).unwrap();
    assert_eq!((xml.matches("<node ").count(), xml.matches("<value ").count()), (census.keys, census.values));
    assert!(xml.contains("<mtime>2023-11-14T22:13:20Z</mtime>") && xml.contains("name=\"日本語\""));
    assert!(xml.contains(r#"value="C:\a &quot;quoted&quot; one""#));
}

#[test]
fn hivexsh_walks_and_lists() {
    let (folder, hive) = (Folder::new(), rich(ALL));
    let script = "cd ControlSet001\\Session Manager\nlsval Dword\ncd \\Many\nls\n";
    let output = run("hivexsh", &[text(&folder.file("hive", hive.bytes()))], script);
    let listed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(listed.lines().next(), Some("50462976"));
    assert_eq!(listed.lines().filter(|line| line.starts_with("Key ")).count(), 1200);
}

#[test]
fn reglookup_reads_every_byte_and_the_security() {
    let (folder, hive) = (Folder::new(), rich(ASCII));
    let output = run("reglookup", &["-s", text(&folder.file("hive", hive.bytes()))], "");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let lines = String::from_utf8(output.stdout).unwrap();
    let census = regf::verify(hive.hive()).unwrap();
    assert_eq!(lines.lines().count(), 1 + census.keys + census.values);
    assert_eq!(lines.matches(",S-1-5-32-544,S-1-5-18,,S-1-5-18:ALLOW:").count(), census.keys);
    let field = |name: &str| {
        let path = format!("/ControlSet001/Session Manager/{name},");
        let line =
            lines.lines().find_map(|line| line.strip_prefix(&path)).unwrap_or_else(|| panic!("no {path}"));
        line.split(',').take(2).map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(field(""), ["SZ", "default"]);
    assert_eq!(field("Expand"), ["EXPAND_SZ", r"%25SystemRoot%25\x"]);
    assert_eq!(field("Dword"), ["DWORD", "0x03020100"]);
    assert_eq!(field("Qword"), ["QWORD", "0x0706050403020100"]);
    assert!(field("Multi")[1].starts_with("autocheck autochk *|second"));
    for (name, len) in [("Short", 3), ("Medium", 700), ("Edge", 16344), ("Big", 16345), ("Bigger", 100_001)] {
        let [kind, data] = <[String; 2]>::try_from(field(name)).unwrap();
        assert_eq!(kind, "BINARY");
        let expected: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        assert!(unquote(&data) == expected, "{name}");
    }
    assert!(lines.lines().any(|line| line.starts_with("/Many/WithClass,KEY,") && line.ends_with(",Shell")));
}

/// Undoes reglookup's `%XX`.
fn unquote(text: &str) -> Vec<u8> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (hex, rest) = piece.split_at(2);
        bytes.push(u8::from_str_radix(hex, 16).unwrap());
        bytes.extend(rest.bytes());
    }
    bytes
}

#[test]
fn chntpw_and_reged_read_it() {
    let (folder, mut hive) = (Folder::new(), rich(ASCII));
    for name in ASCII {
        // They take the record of big data for the data.
        let key = hive.hive().open(["ControlSet001", name].join("\\").as_str()).unwrap().unwrap().id();
        for value in ["Big", "Bigger"] {
            hive.delete_value(key, value).unwrap();
        }
    }
    let path = folder.file("hive", hive.bytes());
    let output = run("chntpw", &["-e", text(&path)], "cd Many\nls\nq\n");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Node has 1201 subkeys and 0 values") && said.contains("<Key 1199>"), "{said}");
    assert!(!said.to_lowercase().contains("error") && !said.contains("WARN"), "{said}");
    let out = folder.0.path().join("out.reg");
    for key in ["ControlSet001", "Many"] {
        run("reged", &["-x", text(&path), r"HKEY_LOCAL_MACHINE\X", key, text(&out)], "");
        let exported = from_text(&std::fs::read(&out).unwrap());
        let name: Vec<u16> = key.to_uppercase().encode_utf16().collect();
        assert!(exported.children[&name] == sorted(&hive).children[&name], "{key}");
    }
}

/// A text that changes a rich hive.
fn changes() -> Vec<u8> {
    let mut changed = rich(ASCII);
    let root = changed.root();
    let session = changed.create_path(root, r"ControlSet001\Session Manager\New").unwrap();
    changed.set_value(session, "Fresh", RegType::BINARY, &[5; 900]).unwrap();
    for index in 0..40 {
        changed.create_path(root, format!("Many\\Added {index}").as_str()).unwrap();
    }
    export(changed.hive().root().unwrap(), r"HKEY_LOCAL_MACHINE\X", Encoding::Utf8).unwrap()
}

#[test]
fn what_reged_changes_is_read() {
    let (folder, mut hive) = (Folder::new(), hive_of(&[Edit::Create(vec!["Control", "Select"])]));
    let path = folder.file("hive", hive.bytes());
    let lines = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\X\\Control\\Select]\r\n\
                 \"Current\"=dword:00000001\r\n\"Name\"=\"text\"\r\n\"Bytes\"=hex:01,02,03,04,05,06\r\n\r\n\
                 [HKEY_LOCAL_MACHINE\\X\\Control\\New]\r\n\r\n";
    let reg = folder.file("changes.reg", lines.as_bytes());
    run("reged", &["-I", "-C", text(&path), r"HKEY_LOCAL_MACHINE\X", text(&reg)], "");
    RegFile::parse(lines.as_bytes()).unwrap().apply(&Mapping::mount(r"HKLM\X"), &mut hive).unwrap();
    let changed = std::fs::read(&path).unwrap();
    assert!(sorted(&HiveMut::open(changed).unwrap()) == sorted(&hive));
}

#[test]
fn what_hivex_changes_is_read() {
    let (folder, mut hive) = (Folder::new(), rich(ASCII));
    let path = folder.file("hive", hive.bytes());
    let reg = folder.file("changes.reg", &changes());
    run("hivexregedit", &["--merge", "--prefix", r"HKEY_LOCAL_MACHINE\X", text(&path), text(&reg)], "");
    RegFile::parse(&changes()).unwrap().apply(&Mapping::mount(r"HKLM\X"), &mut hive).unwrap();
    let merged = std::fs::read(&path).unwrap();
    let view = Hive::clean(&merged).unwrap();
    let census = regf::verify(view).unwrap();
    assert_eq!(census.keys, regf::verify(hive.hive()).unwrap().keys);
    assert!(sorted(&HiveMut::open(merged).unwrap()) == sorted(&hive));
}
