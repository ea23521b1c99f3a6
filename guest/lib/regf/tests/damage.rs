//! Whatever the bytes are: no panic, no endless loop, nothing outside the hive.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use common::model::{Edit, hive_of};
use regf::reg::{Encoding, export};
use regf::{Fault, Hive, HiveMut, Key, KeyId, Parsed, RegType, recover, verify};

/// A random number generator: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

fn sample() -> Vec<u8> {
    let mut edits = Vec::new();
    for key in ["Alpha", "Beta", "Größe", "Ключ"] {
        edits.push(Edit::Create(vec!["Control", key, "Deep", "Deeper"]));
        for (value, len) in [("", 4), ("Path", 60), ("имя", 0), ("Big", 20_000)] {
            edits.push(Edit::Set(vec!["Control", key], value, 1, vec![65; len]));
        }
    }
    let mut hive = hive_of(&edits);
    let root = hive.root();
    let many = hive.create_path(root, "Many").unwrap();
    for index in 0..520 {
        hive.create_key(many, format!("K{index}").as_str(), None).unwrap();
    }
    hive.set_security(many, b"another descriptor").unwrap();
    hive.into_image()
}

/// Asks a key for everything it has, but not its subkeys' subkeys.
fn ask(key: Key<'_>) {
    let _ = (key.class(), key.security(), key.value_at(1), key.subkey_at(300), key.name().to_string());
    for name in ["Beta", "K77", "ключ", "zzz"] {
        let _ = key.subkey(name);
        let _ = key.value(name);
    }
    let mut buffer = [0; 100];
    let mut steps = 0;
    for value in key.values().into_iter().flatten().flatten() {
        steps += 1;
        if let Ok(data) = value.data() {
            let _ =
                (data.copy_to(&mut buffer), data.dword(), data.qword(), data.string().map(|text| text.len()));
        }
    }
    for child in key.subkeys().into_iter().flatten() {
        steps += 1;
        let _ = child.map(|child| child.values().map(Iterator::count));
    }
    assert!(steps <= 2 * 400_000 / 20, "more steps than the hive has room for");
}

fn read_all(file: &[u8]) {
    let hive = match Hive::parse(file) {
        Ok(Parsed::Clean(hive)) => hive,
        Ok(Parsed::Dirty(dirty)) => match dirty.read_anyway() {
            Ok(hive) => hive,
            Err(_) => return,
        },
        Err(_) => return,
    };
    let _ = verify(hive);
    for path in ["", "Control", r"control\beta\DEEP", "Many", r"Many\K5"] {
        if let Ok(Some(key)) = hive.open(path) {
            ask(key);
        }
    }
    if let Ok(root) = hive.root()
        && file.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte)).is_multiple_of(4)
    {
        let _ = export(root, "HKLM\\X", Encoding::Utf16);
    }
}

/// Tries every edit.
fn edit_all(file: Vec<u8>, random: &mut Random) {
    let log = file.clone();
    let Ok(mut hive) = HiveMut::open(file) else { return };
    let root = hive.root();
    for round in 0..12 {
        let path =
            ["", "Control", r"Control\Beta", r"Many", r"Many\K9", r"Control\Ключ\Deep"][random.below(6)];
        let Ok(Some(key)) = hive.hive().open(path).map(|key| key.map(|key| key.id())) else { continue };
        let name = format!("New{round}");
        let _ = match random.below(8) {
            0 => hive.create_key(key, name.as_str(), Some(&[0x41; 9])).map(drop),
            1 => hive.set_value(key, "Path", RegType::SZ, &vec![7; random.below(300)]),
            2 => hive.set_value(key, name.as_str(), RegType::SZ, &vec![7; random.below(40_000)]),
            3 => hive.delete_value(key, "Big").map(drop),
            4 => hive.delete_key(key),
            5 => hive.delete_tree(key),
            6 => hive.set_security(key, name.as_bytes()),
            _ => hive.create_path(root, r"Many\K600\x").map(drop),
        };
        if hive.hive().key(KeyId(random.below(hive.bytes().len()) as u32 & !7)).is_ok() {
            read_all(hive.bytes());
        }
    }
    hive.flush(|_| Ok::<(), ()>(())).unwrap();
    let _ = recover(hive.bytes(), &[&log]);
}

/// Changes a few bytes, or makes references lead to other cells; the checksum is put right.
fn damage(file: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let from = if random.below(8) == 0 { 0 } else { 4096 };
        let at = from + random.below(file.len() - from - 8);
        match random.below(4) {
            0 => file[at] = random.below(256) as u8,
            1 => file[at] ^= 1 << random.below(8),
            2 => {
                let number = [0, 1, u32::MAX, 0x8000_0000, 0x7FFF_FFFF, 0xFFFF_FFF8][random.below(6)];
                file[at & !3..][..4].copy_from_slice(&number.to_le_bytes());
            }
            _ => {
                let cell = random.below(file.len() - 4096) as u32 & !7;
                file[at & !3..][..4].copy_from_slice(&cell.to_le_bytes());
            }
        }
    }
    common::sum(file);
}

/// The bytes of the first pages hold the most interesting records: damage is drawn to them.
fn damage_start(file: &mut [u8], random: &mut Random) {
    let len = file.len().min(4096 + 6000);
    let (start, _) = file.split_at_mut(len);
    damage(start, random);
}

#[test]
fn damaged_hives_can_be_read_without_harm() {
    let good = sample();
    for seed in 1..=u64::from(effort::times(600)) {
        let (mut file, mut random) = (good.clone(), Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed)));
        if seed % 3 == 0 {
            damage(&mut file, &mut random)
        } else {
            damage_start(&mut file, &mut random)
        }
        read_all(&file);
    }
}

#[test]
fn damaged_hives_can_be_edited_without_harm() {
    let good = sample();
    for seed in 1..=u64::from(effort::times(300)) {
        let (mut file, mut random) = (good.clone(), Random(0xD134_2543_DE82_EF95_u64.wrapping_mul(seed)));
        damage_start(&mut file, &mut random);
        edit_all(file, &mut random);
    }
}

#[test]
fn every_truncation_is_noticed() {
    let good = sample();
    for len in (0..good.len()).step_by(97).chain([511, 512, 4095, 4096, good.len() - 1]) {
        assert_eq!(Hive::clean(&good[..len]).expect_err("cut short").fault, Fault::Truncated);
    }
}

/// A list of lists that all are the same one would name billions of keys.
#[test]
fn a_list_cannot_name_more_keys_than_there_is_room_for() {
    let mut hive = common::Assembler::new(5);
    let (root, key) = (hive.key(b"root"), hive.key(b"key"));
    let entries = vec![&[0_u32, 0][..]; 5000];
    let leaf = hive.list(b"lh", &entries);
    let leaf_entry = [leaf];
    let list = hive.list(b"ri", &vec![&leaf_entry[..]; 60_000]);
    hive.set_subkeys(root, 1, list);
    hive.set_subkeys(key, 1, list);
    let file = hive.file(root);
    let root = Hive::clean(&file).unwrap().root().unwrap();
    assert_eq!(root.subkey("x").unwrap_err().fault, Fault::SubkeyList);
    assert_eq!(root.subkey_at(250_000_000).unwrap_err().fault, Fault::SubkeyList);
    assert_eq!(root.subkeys().unwrap().count(), 1, "the first entry is no key, which ends it");
}

/// Keys in a circle, and a key in two places.
#[test]
fn keys_that_form_no_tree_are_refused() {
    let mut hive = common::Assembler::new(5);
    let (root, a) = (hive.key(b"root"), hive.key(b"a"));
    let circle = hive.list(b"lh", &[&[a, common::hash("a")]]);
    hive.set_subkeys(root, 1, circle);
    hive.set_subkeys(a, 1, circle);
    hive.patch(a, 16, &a.to_le_bytes());
    let file = hive.file(root);
    let view = Hive::clean(&file).unwrap();
    assert!(view.open(vec!["a"; 400].join("\\").as_str()).unwrap().is_some(), "a path may go round");
    assert!(export(view.root().unwrap(), "X", Encoding::Utf8).is_err());
    assert!(verify(view).is_err());
    let mut hive = HiveMut::open(file.clone()).unwrap();
    assert!(hive.delete_tree(KeyId(a)).is_err());
    assert!(hive.create_key(KeyId(a), "b", None).is_err());
}
