//! Random edits do to a hive what they do to a tree of plain collections.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use common::model::{Node, apply, edits, hive_of, read_file};
use proptest::prelude::*;
use regf::HiveMut;
use regf::reg::{Encoding, Mapping, RegFile, export};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(60)))]

    #[test]
    fn edits_do_what_the_model_does(first in edits(0..60), second in edits(0..40)) {
        let mut model = Node::default();
        first.iter().for_each(|edit| model.apply(edit));
        let made = hive_of(&first);
        prop_assert_eq!(&read_file(made.bytes()), &model);
        // Opened anew, it knows of no free room at first.
        let mut hive = HiveMut::open(made.into_image()).unwrap();
        for edit in &second {
            model.apply(edit);
            apply(&mut hive, edit);
        }
        prop_assert_eq!(&read_file(hive.bytes()), &model);
    }

    #[test]
    fn text_makes_the_same_hive(edits in edits(0..40)) {
        let hive = hive_of(&edits);
        let root = hive.hive().root().unwrap();
        for encoding in [Encoding::Utf16, Encoding::Utf8] {
            let text = export(root, "HKEY_LOCAL_MACHINE\\TEST", encoding).unwrap();
            let mut again = hive_of(&[]);
            let file = RegFile::parse(&text).unwrap();
            file.apply(&Mapping::mount("hklm\\test"), &mut again).unwrap();
            prop_assert_eq!(read_file(again.bytes()), read_file(hive.bytes()));
        }
    }

    #[test]
    fn text_parsing_never_panics(text in prop::collection::vec(prop_oneof![
        Just("[A\\b]".into()), Just("[-A]".into()), Just("\"n\"=".into()), Just("@=".into()), Just("hex(7):".into()),
        Just("01,\\".into()), Just("\r\n".into()), Just("\n".into()), Just(";".into()), Just("dword:1".into()),
        Just("-".into()), "\\PC{0,3}",
    ], 0..30), header in 0..4_usize, cut in 0..100_usize) {
        let header = ["REGEDIT4\n", "Windows Registry Editor Version 5.00\r\n", "\u{FEFF}REGEDIT4\n", ""][header];
        let text: String = std::iter::once(header.to_string()).chain(text).collect();
        let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &utf16] {
            let _ = RegFile::parse(bytes);
            if let Ok(file) = RegFile::parse(&bytes[..bytes.len().saturating_sub(cut)]) {
                let _ = file.apply(&Mapping::mount("A"), &mut hive_of(&[]));
            }
        }
    }
}
