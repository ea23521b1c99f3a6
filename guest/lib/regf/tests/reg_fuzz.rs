//! `.reg` text of any kind: a fault has a place in the text, and what can be applied survives the way to text and back.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use common::model::{hive_of, read_file};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regf::reg::{Encoding, Mapping, RegFile, export};
use regf::{Hive, verify};

/// Pieces of which lines are made: mostly such as belong there.
const PIECES: [&str; 46] = [
    "\r\n",
    "\n",
    "\r\n\r\n",
    "[HKLM\\SYSTEM]",
    "[HKLM\\SYSTEM\\a\\b]",
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\a]b;c]",
    "[-HKLM\\SYSTEM\\a]",
    "[HKLM\\SYSTEM\\",
    "]",
    "[",
    "-",
    "\"a\"",
    "\"\\\\\\\"\"",
    "\"größe\"",
    "@",
    "=",
    " = ",
    "\"text\"",
    "\"C:\\\\x\"",
    "\"",
    "\\",
    "\\\r\n  ",
    "dword:",
    "dword:0000002a",
    "dword:123456789",
    "hex:",
    "hex:01,02,03",
    "hex(2):25,00",
    "hex(7):",
    "hex(ffffffff):",
    "hex(1):41",
    "hex(",
    "):",
    ",",
    "0",
    "ff",
    "; comment",
    "str(2):",
    "str(7):\"a\\0b\"",
    "str(",
    "\0",
    "Ж",
    "日本",
    "\t",
    "\u{1F600}",
    "Windows Registry Editor Version 5.00",
];

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        3 => select(vec!["[HKLM\\SYSTEM]", "[HKLM\\SYSTEM\\a]", "[HKLM\\SYSTEM\\a\\b]", "[-HKLM\\SYSTEM\\a]"]).prop_map(String::from),
        6 => (select(vec!["@", "\"a\"", "\"b c\"", "\"Ä\""]), select(vec!["\"x\"", "dword:7", "hex:1,2", "hex(b):", "hex(1):41,00", "-", "str(2):\"%a%\""]))
            .prop_map(|(name, data)| format!("{name}={data}")),
        3 => vec(select(&PIECES[..]), 0..8).prop_map(|pieces| pieces.concat()),
    ];
    vec(line, 0..16)
        .prop_map(|lines| format!("Windows Registry Editor Version 5.00\r\n\r\n{}", lines.join("\r\n")))
}

/// How the text is stored.
fn encode(text: &str, encoding: u8) -> Vec<u8> {
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        _ => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
    }
}

fn check(file: &[u8]) -> Result<(), TestCaseError> {
    let parsed = match RegFile::parse(file) {
        Ok(parsed) => parsed,
        Err(error) => {
            prop_assert!(error.line >= 1 && error.line as usize <= file.len() + 1, "{error}");
            prop_assert!(error.column as usize <= file.len() + 1, "{error}");
            return Ok(());
        }
    };
    let mapping = Mapping::mount(r"HKLM\SYSTEM");
    let mut hive = hive_of(&[]);
    // What was applied before a fault stays: the hive must be sound either way.
    let applied = parsed.apply(&mapping, &mut hive);
    verify(Hive::clean(hive.bytes()).unwrap()).unwrap();
    for encoding in [Encoding::Utf8, Encoding::Utf16] {
        let Ok(text) = export(hive.hive().root().unwrap(), r"HKEY_LOCAL_MACHINE\SYSTEM", encoding) else {
            continue;
        };
        let mut again = hive_of(&[]);
        RegFile::parse(&text).unwrap().apply(&mapping, &mut again).unwrap();
        prop_assert_eq!(read_file(again.bytes()), read_file(hive.bytes()), "applied: {:?}", applied);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(400)))]

    #[test]
    fn text_of_known_pieces(text in text(), encoding in 0..3_u8) {
        check(&encode(&text, encoding))?;
    }

    #[test]
    fn damaged_bytes(text in text(), encoding in 0..3_u8, changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut file = encode(&text, encoding);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        check(&file)?;
    }

    #[test]
    fn any_bytes(start in select(vec!["", "REGEDIT4\n", "Windows Registry Editor Version 5.00\n[HKLM\\SYSTEM]\n"]), bytes in vec(any::<u8>(), 0..200)) {
        check(&[start.as_bytes(), &bytes].concat())?;
    }
}
