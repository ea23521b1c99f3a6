//! Every record, read from hives put together by hand.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use common::{Assembler, NONE, hash};
use regf::{Fault, Hive, HiveError, KeyFlags, Parsed, RegType};

const NAMES: [&str; 4] = ["Alpha", "beta", "Gamma_", "GammaA"];

/// A root with the subkeys of [`NAMES`], in a list that a function makes from their cells.
fn family(minor: u32, list: impl Fn(&mut Assembler, &[u32]) -> u32) -> Vec<u8> {
    let mut hive = Assembler::new(minor);
    let root = hive.key(b"root");
    let keys: Vec<u32> = NAMES.iter().map(|name| hive.key(name.as_bytes())).collect();
    let list = list(&mut hive, &keys);
    hive.set_subkeys(root, 4, list);
    hive.file(root)
}

fn assert_family(file: &[u8]) {
    let root = Hive::clean(file).and_then(|hive| hive.root()).expect("a good hive");
    let names: Vec<String> = root.subkeys().unwrap().map(|key| key.unwrap().name().to_string()).collect();
    assert_eq!(names, NAMES);
    for (index, name) in NAMES.iter().enumerate() {
        let found = root.subkey(name.to_uppercase().as_str()).unwrap().expect("is there");
        assert_eq!(found.name().to_string(), *name);
        assert_eq!(root.subkey_at(index).unwrap().map(|key| key.id()), Some(found.id()));
    }
    for missing in ["", "alph", "Alphaa", "beth", "zeta"] {
        assert!(root.subkey(missing).unwrap().is_none(), "{missing}");
    }
    assert!(root.subkey_at(4).unwrap().is_none());
}

#[test]
fn index_leaf() {
    let entries = |keys: &[u32]| keys.iter().map(|&key| [key]).collect::<Vec<_>>();
    let file = family(3, |hive, keys| {
        let entries = entries(keys);
        hive.list(b"li", &entries.iter().map(|entry| &entry[..]).collect::<Vec<_>>())
    });
    assert_family(&file);
}

fn fast(hive: &mut Assembler, keys: &[u32], names: &[&str]) -> u32 {
    let hint = |name: &str| u32::from_le_bytes(name.as_bytes()[..4].try_into().unwrap());
    let entries: Vec<[u32; 2]> = keys.iter().zip(names).map(|(&key, name)| [key, hint(name)]).collect();
    hive.list(b"lf", &entries.iter().map(|entry| &entry[..]).collect::<Vec<_>>())
}

fn hashed(hive: &mut Assembler, keys: &[u32], names: &[&str]) -> u32 {
    let entries: Vec<[u32; 2]> = keys.iter().zip(names).map(|(&key, name)| [key, hash(name)]).collect();
    hive.list(b"lh", &entries.iter().map(|entry| &entry[..]).collect::<Vec<_>>())
}

#[test]
fn fast_leaf_and_hash_leaf() {
    assert_family(&family(4, |hive, keys| fast(hive, keys, &NAMES)));
    assert_family(&family(5, |hive, keys| hashed(hive, keys, &NAMES)));
}

#[test]
fn index_root() {
    let file = family(6, |hive, keys| {
        let (a, b) = (hashed(hive, &keys[..1], &NAMES[..1]), fast(hive, &keys[1..], &NAMES[1..]));
        hive.list(b"ri", &[&[a], &[b]])
    });
    assert_family(&file);
}

#[test]
fn an_index_root_must_not_nest() {
    let file = family(5, |hive, keys| {
        let leaf = hashed(hive, keys, &NAMES);
        let inner = hive.list(b"ri", &[&[leaf]]);
        hive.list(b"ri", &[&[inner]])
    });
    let root = Hive::clean(&file).unwrap().root().unwrap();
    let fault = |error: HiveError| error.fault;
    assert_eq!(root.subkey("alpha").map_err(fault).unwrap_err(), Fault::SubkeyList);
    assert_eq!(root.subkeys().unwrap().last().unwrap().map_err(fault).unwrap_err(), Fault::SubkeyList);
}

#[test]
fn large_lists_are_searched_sorted_or_not() {
    for (signature, shuffle) in [(b"li", false), (b"li", true), (b"lh", false), (b"lh", true)] {
        let mut hive = Assembler::new(5);
        let root = hive.key(b"root");
        let names: Vec<String> = (0..600).map(|index| format!("key{:04}", index)).collect();
        let mut keys: Vec<[u32; 2]> =
            names.iter().map(|name| [hive.key(name.as_bytes()), hash(name)]).collect();
        if shuffle {
            keys.reverse();
            keys.swap(3, 400);
        }
        let width = if signature == b"li" { 1 } else { 2 };
        let list = hive.list(signature, &keys.iter().map(|entry| &entry[..width]).collect::<Vec<_>>());
        hive.set_subkeys(root, 600, list);
        let file = hive.file(root);
        let root = Hive::clean(&file).unwrap().root().unwrap();
        for name in &names {
            assert_eq!(root.subkey(name.as_str()).unwrap().expect("is there").name().to_string(), *name);
        }
        assert!(root.subkey("key0600").unwrap().is_none());
    }
}

#[test]
fn key_node() {
    let mut hive = Assembler::new(5);
    let root = hive.key(b"Gr\xF6\xDFe");
    let class: Vec<u8> = "Cläss".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let class_cell = hive.cell(&class);
    hive.patch(root, 4, &0x0123_4567_89AB_CDEF_u64.to_le_bytes());
    hive.patch(root, 48, &class_cell.to_le_bytes());
    hive.patch(root, 74, &(class.len() as u16).to_le_bytes());
    let mut item = b"sk\0\0".to_vec();
    item.extend([root; 2].map(u32::to_le_bytes).concat());
    item.extend([3_u32, 5].map(u32::to_le_bytes).concat());
    item.extend(b"descr");
    let security = hive.cell(&item);
    hive.patch(root, 44, &security.to_le_bytes());
    let file = hive.file(root);
    let key = Hive::clean(&file).unwrap().root().unwrap();
    assert!(key.name().is_named("GRÖßE"));
    assert_eq!(key.last_written().0, 0x0123_4567_89AB_CDEF);
    assert_eq!(key.class().unwrap().unwrap().to_string(), "Cläss");
    let security = key.security().unwrap();
    assert_eq!((security.descriptor(), security.references()), (&b"descr"[..], 3));
}

#[test]
fn predefined_handles_have_no_values() {
    let mut hive = Assembler::new(5);
    let root = hive.key(b"root");
    hive.patch(root, 2, &0x60_u16.to_le_bytes());
    hive.patch(root, 36, &0x8000_0002_u32.to_le_bytes());
    let file = hive.file(root);
    let key = Hive::clean(&file).unwrap().root().unwrap();
    assert!(key.flags().has(KeyFlags::PREDEFINED));
    assert_eq!((key.value_count(), key.values().unwrap().count()), (0, 0));
}

#[test]
fn values() {
    let mut hive = Assembler::new(5);
    let root = hive.key(b"root");
    let cell = hive.cell(b"0123456789");
    let values = [
        hive.value(b"", 1, 0x8000_0000, [0; 4]),
        hive.value(b"Inline", 4, 0x8000_0004, *b"\x01\x02\x03\x04"),
        hive.value(b"Short", 3, 0x8000_0003, *b"abcd"),
        hive.value(b"Cell", 0xFFFF_0012, 10, cell.to_le_bytes()),
        hive.value(b"Empty", 0, 0, NONE.to_le_bytes()),
        hive.value(b"TooLong", 3, 0x8000_0005, [0; 4]),
        hive.value(b"Cut", 3, 13, cell.to_le_bytes()),
    ];
    hive.set_values(root, &values);
    let file = hive.file(root);
    let key = Hive::clean(&file).unwrap().root().unwrap();
    let data = |name| key.value(name).unwrap().expect("is there").data();
    assert_eq!(data("").unwrap().whole(), Some(&b""[..]));
    assert_eq!(data("inline").unwrap().dword(), Some(0x0403_0201));
    assert_eq!(data("SHORT").unwrap().whole(), Some(&b"abc"[..]));
    assert_eq!(data("cell").unwrap().whole(), Some(&b"0123456789"[..]));
    assert!(data("empty").unwrap().is_empty());
    assert_eq!(data("toolong").unwrap_err().fault, Fault::ValueData);
    assert_eq!(data("cut").unwrap_err(), HiveError { fault: Fault::ValueData, offset: 4096 + cell });
    assert_eq!(key.value("cell").unwrap().unwrap().kind(), RegType(0xFFFF_0012));
    assert_eq!(key.value_at(1).unwrap().unwrap().kind().to_string(), "REG_DWORD");
    assert!(key.value("nothing").unwrap().is_none() && key.value_at(7).unwrap().is_none());
}

#[test]
fn big_data_since_version_1_4() {
    for minor in [3, 4] {
        let bytes: Vec<u8> = (0..40_000_u32).map(|index| (index % 251) as u8).collect();
        let mut hive = Assembler::new(minor);
        let root = hive.key(b"root");
        let pieces: Vec<u8> = bytes.chunks(16344).flat_map(|piece| hive.cell(piece).to_le_bytes()).collect();
        let list = hive.cell(&pieces);
        let big = hive.cell(&[b"db\x03\0", &list.to_le_bytes()[..], &[0; 4]].concat());
        let value = hive.value(b"Big", 3, 40_000, big.to_le_bytes());
        hive.set_values(root, &[value]);
        let file = hive.file(root);
        let data = Hive::clean(&file).unwrap().root().unwrap().value("big").unwrap().unwrap().data();
        if minor == 3 {
            assert_eq!(data.unwrap_err().fault, Fault::ValueData);
            continue;
        }
        let data = data.unwrap();
        assert_eq!((data.len(), data.whole()), (40_000, None));
        assert_eq!(data.to_vec().unwrap(), bytes);
        let mut start = [0; 20_000];
        assert_eq!(data.copy_to(&mut start).unwrap(), 20_000);
        assert_eq!(start, bytes[..20_000]);
    }
}

#[test]
fn cells_are_checked() {
    let mut hive = Assembler::new(5);
    let root = hive.key(b"root");
    let good = hive.file(root);
    let fault = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut file = good.clone();
        edit(&mut file);
        common::sum(&mut file);
        let error = Hive::clean(&file).and_then(|hive| hive.root()).expect_err("is damaged");
        (error.fault, error.offset)
    };
    let at = 4096 + root as usize;
    let put = |at: usize, number: u32| {
        move |file: &mut Vec<u8>| file[at..at + 4].copy_from_slice(&number.to_le_bytes())
    };
    assert_eq!(fault(&put(at, 88)), (Fault::CellFree, at as u32));
    assert_eq!(fault(&put(at, 0x8000_0000)), (Fault::CellSize, at as u32));
    assert_eq!(fault(&put(at, (-3_i32) as u32)), (Fault::CellSize, at as u32));
    assert_eq!(fault(&put(at, (-72_i32) as u32)), (Fault::KeyNode, at as u32));
    assert_eq!(fault(&put(at + 4, 0)), (Fault::KeyNode, at as u32));
    assert_eq!(fault(&put(at + 4 + 72, 13)), (Fault::Name, at as u32));
    assert_eq!(fault(&put(36, 33)), (Fault::CellOffset, 4096 + 33));
    assert_eq!(fault(&put(36, NONE)), (Fault::CellOffset, NONE));
    assert_eq!(fault(&put(40, 8192)), (Fault::Truncated, 8192));
    assert_eq!(fault(&put(40, 4095)), (Fault::BinsSize, 40));
    assert_eq!(fault(&put(24, 2)), (Fault::Version, 20));
    assert_eq!(fault(&put(8, 6)), (Fault::Dirty, 4));
}

#[test]
fn dirty_hives_are_told_apart_and_can_be_read() {
    let mut hive = Assembler::new(5);
    let root = hive.key(b"root");
    let mut file = hive.file(root);
    assert!(matches!(Hive::parse(&file), Ok(Parsed::Clean(_))));
    file[4] += 1;
    let Ok(Parsed::Dirty(dirty)) = Hive::parse(&file) else { panic!("the checksum is wrong") };
    assert!(!dirty.base().sum_is_right);
    common::sum(&mut file);
    let Ok(Parsed::Dirty(dirty)) = Hive::parse(&file) else { panic!("the sequence numbers differ") };
    assert_eq!((dirty.base().primary_sequence, dirty.base().secondary_sequence), (8, 7));
    assert!(dirty.read_anyway().and_then(|hive| hive.root()).is_ok());
}
