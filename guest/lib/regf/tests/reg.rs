//! `.reg` text: every form of line, every fault with its place, and back to text.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use common::model::{Edit, Node, hive_of, read_file};
use regf::reg::{ApplyError, Encoding, ExportError, Mapping, RegFault, RegFile, Version, export};
use regf::{EditError, HiveMut, KeyFlags, RegType};

const V5: &str = "Windows Registry Editor Version 5.00\r\n";

fn wide(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn string(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The value of the only line of a text.
fn value(line: &str) -> Option<(RegType, Vec<u8>)> {
    let file = RegFile::parse(format!("{V5}[A]\n{line}").as_bytes())
        .unwrap_or_else(|error| panic!("{line}: {error}"));
    file.entries[0].values[0].data.clone()
}

#[test]
fn data_of_every_form() {
    for (line, kind, data) in [
        (r#""a"="text""#, RegType::SZ, string("text\0")),
        (r#""a" = "C:\\x \"y\"" ; comment"#, RegType::SZ, string("C:\\x \"y\"\0")),
        ("\"a\"=\"two\r\nlines\"", RegType::SZ, string("two\r\nlines\0")),
        ("@=\"größe\"", RegType::SZ, string("größe\0")),
        ("\"a\"=dword:0000002a", RegType::DWORD, vec![42, 0, 0, 0]),
        ("\"a\"=DWORD:7", RegType::DWORD, vec![7, 0, 0, 0]),
        ("\"a\"=hex:", RegType::BINARY, vec![]),
        ("\"a\"=hex:01,2,Ff", RegType::BINARY, vec![1, 2, 255]),
        ("\"a\"=hex:01,02,\\\r\n  03,\\\n04\n", RegType::BINARY, vec![1, 2, 3, 4]),
        ("\"a\"=hex:01,\\ ; why\n  02,", RegType::BINARY, vec![1, 2]),
        ("\"a\"=hex(b):01,00,00,00,00,00,00,00", RegType::QWORD, vec![1, 0, 0, 0, 0, 0, 0, 0]),
        ("\"a\"=hex(2):25,00", RegType::EXPAND_SZ, vec![0x25, 0]),
        ("\"a\"=hex(ffff0012):01", RegType(0xFFFF_0012), vec![1]),
        ("\"a\"=hex(0):", RegType::NONE, vec![]),
        (r#""a"=str(1):"x""#, RegType::SZ, string("x\0")),
        (r#""a"=str(2):"%SystemRoot%\\x" ; why"#, RegType::EXPAND_SZ, string("%SystemRoot%\\x\0")),
        (r#""a"=str(7):"C:\\0\0two\0""#, RegType::MULTI_SZ, string("C:\\0\0two\0\0")),
        (r#""a"=str(7):"one\0two""#, RegType::MULTI_SZ, string("one\0two\0\0")),
        (r#""a"=str(7):"from\0\0""#, RegType::MULTI_SZ, string("from\0\0\0")),
        (r#""a"=str(7):"""#, RegType::MULTI_SZ, string("\0")),
    ] {
        assert_eq!(value(line), Some((kind, data)), "{line}");
    }
    assert_eq!((value("\"a\"=-"), value("@=-")), (None, None));
}

#[test]
fn version_4_is_latin_1() {
    let text = b"REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\X\\Gr\xF6\xDFe]\n\"\xC4\"=\"\xE4\"\n\"e\"=hex(2):41,e4,00\n\"b\"=hex:e4\n";
    let file = RegFile::parse(text).unwrap();
    assert_eq!(file.version, Version::V4);
    assert_eq!(String::from_utf16(&file.entries[0].path).unwrap(), r"HKEY_LOCAL_MACHINE\X\Größe");
    let data: Vec<_> = file.entries[0].values.iter().map(|edit| edit.data.clone().unwrap().1).collect();
    assert_eq!(data, [string("ä\0"), string("Aä\0"), vec![0xE4]]);
}

#[test]
fn encodings_of_version_5() {
    let text = format!("{V5}\r\n[HKLM\\Ключ]\r\n\"имя\"=\"😀\"\r\n");
    let files = [text.clone().into_bytes(), wide(&text), [b"\xEF\xBB\xBF", text.as_bytes()].concat()];
    let parsed: Vec<_> = files.iter().map(|bytes| RegFile::parse(bytes).unwrap()).collect();
    assert!(parsed[0] == parsed[1] && parsed[1] == parsed[2]);
    assert_eq!(parsed[0].entries[0].values[0].line, 4);
}

#[test]
fn faults_have_a_place() {
    let v5 = |text: &str| format!("{V5}{text}").into_bytes();
    for (text, fault, line, column) in [
        (b"".to_vec(), RegFault::Header, 1, 1),
        (b"REGEDIT\n".to_vec(), RegFault::Header, 1, 1),
        (b"REGEDIT5".to_vec(), RegFault::Header, 1, 1),
        (v5("[A]\nnonsense"), RegFault::Line, 3, 1),
        (v5("[A"), RegFault::Key, 2, 1),
        (v5("  []"), RegFault::Key, 2, 3),
        (v5("[A] x"), RegFault::Key, 2, 1),
        (v5("\"a\"=-"), RegFault::NoKey, 2, 1),
        (v5("[-A]\n\"a\"=-"), RegFault::NoKey, 3, 1),
        (v5("[A]\n\"a\"=\"b\nc"), RegFault::Unterminated, 3, 5),
        (v5("[A]\n\"a\"=\"C:\\x\""), RegFault::Escape, 3, 8),
        (v5("[A]\n\"a\":1"), RegFault::Equals, 3, 4),
        (v5("[A]\n\"a\"=word:1"), RegFault::Data, 3, 5),
        (v5("[A]\n\"a\"=hex(2)"), RegFault::Data, 3, 11),
        (v5("[A]\n\"a\"=str(3):\"x\""), RegFault::Data, 3, 5),
        (v5("[A]\n\"a\"=str(7)=\"x\""), RegFault::Data, 3, 11),
        (v5("[A]\n\"a\"=str(7):x"), RegFault::Data, 3, 12),
        (v5("[A]\n\"a\"=str(2):\"x\\0\""), RegFault::Escape, 3, 14),
        (v5("[A]\n\"a\"=\"x\\0\""), RegFault::Escape, 3, 7),
        (v5("[A]\n\"a\"=dword:123456789"), RegFault::Number, 3, 11),
        (v5("[A]\n\"a\"=dword:"), RegFault::Number, 3, 11),
        (v5("[A]\n\"a\"=hex:01,\\\n  123"), RegFault::Number, 4, 3),
        (v5("[A]\n\"a\"=hex:01,,02"), RegFault::Number, 3, 12),
        (v5("[A]\n\"a\"=hex:01 02"), RegFault::Number, 3, 12),
        (v5("[A]\n\"a\"=dword:1 x"), RegFault::Trailing, 3, 13),
        ([v5("[A]\n ").as_slice(), b"\xFF"].concat(), RegFault::Encoding, 3, 2),
        ([wide(V5).as_slice(), b"\x41"].concat(), RegFault::Encoding, 2, 1),
    ] {
        let error = RegFile::parse(&text).expect_err("has a fault");
        assert_eq!(
            (error.fault, error.line, error.column),
            (fault, line, column),
            "{}",
            String::from_utf8_lossy(&text)
        );
    }
}

#[test]
fn keys_are_mapped_and_deleted() {
    let text = format!(
        "{V5}; a comment\n[HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\Control]\n\"a\"=\"1\"\n\"gone\"=\"2\"\n\"GONE\"=-\n\
         [hklm\\SYSTEM\\Select\\] ; comment\n\"Current\"=dword:1\n[HKLM\\SYSTEM\\a]b;c]\n[HKLM\\SYSTEM\\Old\\Deep]\n\
         [-HKLM\\SYSTEM\\Old]\n[-HKLM\\SYSTEM\\Never]\n[HKLM\\SOFTWARE\\x]\n[HKEY_CURRENT_USER\\y]\n"
    );
    let mut hive = hive_of(&[]);
    let applied = RegFile::parse(text.as_bytes()).unwrap().apply(&Mapping::system(1), &mut hive).unwrap();
    assert_eq!((applied.elsewhere, applied.values), (2, 4));
    let mut expected = Node::default();
    for edit in [
        Edit::Set(vec!["ControlSet001", "Control"], "a", 1, string("1\0")),
        Edit::Set(vec!["Select"], "Current", 4, vec![1, 0, 0, 0]),
        Edit::Create(vec!["a]b;c"]),
    ] {
        expected.apply(&edit);
    }
    assert_eq!(read_file(hive.bytes()), expected);
    let apply = |line: &str, hive: &mut HiveMut| {
        RegFile::parse(format!("{V5}{line}").as_bytes()).unwrap().apply(&Mapping::system(1), hive)
    };
    assert_eq!(apply("[-HKLM\\SYSTEM]", &mut hive), Err(ApplyError { error: EditError::Protected, line: 2 }));
    assert_eq!(
        apply("\n[HKLM\\SYSTEM\\a\\\\b]", &mut hive),
        Err(ApplyError { error: EditError::Name, line: 3 })
    );
    apply("[HKLM\\SYSTEM\\Link]\n\"symboliclinkvalue\"=hex(6):41,00", &mut hive).unwrap();
    assert!(hive.hive().open("link").unwrap().unwrap().flags().has(KeyFlags::SYMLINK));
}

/// A text as the registry editor writes it comes out as it went in.
#[test]
fn text_comes_out_as_it_went_in() {
    let long: Vec<String> = (0..40).map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "{V5}\r\n[HKEY_LOCAL_MACHINE\\SYSTEM]\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Sub]\r\n@=\"default\"\r\n\
         \"Path\"=\"C:\\\\Windows \\\"x\\\"\"\r\n\"D\"=dword:0000002a\r\n\"Odd\"=hex(4):01,02\r\n\"Zero\"=hex(1):\r\n\
         \"Lines\"=hex(1):0d,00,0a,00,00,00\r\n\"Long\"=hex:{},\\\r\n  {}\r\n",
        long[..22].join(","),
        long[22..].join(",")
    );
    let mut hive = hive_of(&[]);
    RegFile::parse(text.as_bytes()).unwrap().apply(&Mapping::mount(r"HKLM\SYSTEM"), &mut hive).unwrap();
    let root = hive.hive().root().unwrap();
    let again = |encoding| export(root, r"HKEY_LOCAL_MACHINE\SYSTEM", encoding).unwrap();
    assert_eq!(String::from_utf8(again(Encoding::Utf8)).unwrap(), text);
    assert_eq!(again(Encoding::Utf16), wide(&text));
    let latin1 = RegFile::parse(&again(Encoding::Latin1)).unwrap();
    let mut old = hive_of(&[]);
    latin1.apply(&Mapping::mount(r"HKLM\SYSTEM"), &mut old).unwrap();
    assert_eq!(read_file(old.bytes()), read_file(hive.bytes()));
    assert!(text.lines().all(|line| line.len() <= 80));
}

#[test]
fn what_an_encoding_cannot_hold_is_named() {
    let hive = hive_of(&[Edit::Create(vec!["Ключ"])]);
    let root = hive.hive().root().unwrap();
    assert_eq!(export(root, "X", Encoding::Latin1), Err(ExportError::Unencodable { key: r"X\Ключ".into() }));
    let mut hive = hive_of(&[]);
    let top = hive.root();
    hive.create_key(top, &[0xD800][..], None).unwrap();
    let root = hive.hive().root().unwrap();
    assert!(matches!(export(root, "X", Encoding::Utf8), Err(ExportError::Unencodable { .. })));
    let text = export(root, "X", Encoding::Utf16).unwrap();
    let mut again = hive_of(&[]);
    RegFile::parse(&text).unwrap().apply(&Mapping::mount("X"), &mut again).unwrap();
    assert!(again.hive().open(&[0xD800][..]).unwrap().is_some());
}
