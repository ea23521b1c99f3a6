//! Edits, one kind at a time; the whole hive is checked after each.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use regf::{Created, EditError, FileTime, Hive, HiveMut, KeyFlags, RegType, verify};

fn hive() -> HiveMut {
    HiveMut::create(r"\SystemRoot\System32\Config\SYSTEM", FileTime(42)).expect("there is memory")
}

/// Checks the hive as it is and as a file; nothing must be lost.
fn check(hive: &HiveMut) -> regf::Census {
    let census = verify(hive.hive()).expect("sound");
    assert_eq!(census.lost, 0);
    let file = Hive::clean(hive.bytes()).expect("the image is a clean hive");
    assert_eq!(verify(file), Ok(census));
    census
}

#[test]
fn a_new_hive_has_a_root_and_nothing_else() {
    let hive = hive();
    let census = check(&hive);
    assert_eq!((census.keys, census.values, census.security_items), (1, 0, 1));
    let root = hive.hive().root().unwrap();
    assert!(root.flags().has(KeyFlags::ROOT) && root.last_written() == FileTime(42));
    assert_eq!(root.security().unwrap().descriptor(), regf::default_descriptor());
    assert_eq!(hive.bytes().len(), 8192);
    assert_eq!(hive.root(), regf::KeyId(32), "some readers look for the root nowhere else");
}

#[test]
fn keys_come_and_go() {
    let mut hive = hive();
    let root = hive.root();
    hive.set_clock(FileTime(43));
    let class: Vec<u16> = "Class".encode_utf16().collect();
    let Created::New(key) = hive.create_key(root, "Sélect", Some(&class)).unwrap() else { panic!("is new") };
    assert_eq!(hive.create_key(root, "SÉLECT", None), Ok(Created::Existing(key)));
    let wide = hive.create_path(root, r"Ключ\子").unwrap();
    assert_eq!(check(&hive).keys, 4);
    let view = hive.hive();
    let select = view.open("sélect").unwrap().unwrap();
    assert_eq!(select.class().unwrap().unwrap().to_string(), "Class");
    assert_eq!((select.last_written(), view.root().unwrap().last_written()), (FileTime(43), FileTime(43)));
    assert_eq!(view.open(r"КЛЮЧ\子").unwrap().unwrap().id(), wide);

    let parent = hive.hive().open("ключ").unwrap().unwrap().id();
    assert_eq!(hive.delete_key(parent), Err(EditError::HasSubkeys));
    assert_eq!(hive.delete_key(root), Err(EditError::Protected));
    hive.delete_tree(parent).unwrap();
    hive.delete_key(key).unwrap();
    assert_eq!(check(&hive).keys, 1);
    assert_eq!(hive.bytes().len(), 8192, "room is used again");
}

#[test]
fn renamed_keys_keep_what_they_hold() {
    let mut hive = hive();
    let root = hive.root();
    let class: Vec<u16> = "Class".encode_utf16().collect();
    let key = hive.create_key(root, "b", Some(&class)).unwrap().id();
    let child = hive.create_path(key, r"child").unwrap();
    hive.set_value(key, "v", RegType::SZ, &[7; 60]).unwrap();
    hive.create_path(root, "c").unwrap();
    assert_eq!(hive.rename_key(key, "C"), Err(EditError::Exists));
    assert_eq!(hive.rename_key(key, r"C\d"), Err(EditError::Name));
    assert_eq!(hive.rename_key(root, "x"), Err(EditError::Protected));
    for name in ["a much longer name", "Ключ", "B"] {
        let key = hive.hive().key(child).unwrap().parent_id();
        let new = hive.rename_key(key, name).unwrap();
        assert_eq!(check(&hive).keys, 4);
        let found = hive.hive().open(name).unwrap().unwrap();
        assert_eq!((found.id(), found.name().to_string().as_str()), (new, name));
        assert_eq!(found.class().unwrap().unwrap().to_string(), "Class");
        assert_eq!(found.value("v").unwrap().unwrap().len(), 60);
        assert_eq!(found.subkey("child").unwrap().unwrap().id(), child);
    }
    assert!(hive.hive().open("b").unwrap().is_some_and(|key| key.name().to_string() == "B"));
    hive.set_last_written(child, FileTime(99)).unwrap();
    assert_eq!(hive.hive().key(child).unwrap().last_written(), FileTime(99));
}

#[test]
fn thousands_of_keys_make_an_index_root() {
    let mut hive = hive();
    let root = hive.root();
    // In an order that is not theirs.
    let name = |index: u32| format!("Key{:05}", index * 7919 % 3000);
    for index in 0..3000 {
        hive.create_key(root, name(index).as_str(), None).unwrap();
    }
    assert_eq!(check(&hive).keys, 3001);
    let list = hive.hive().root().unwrap();
    for index in 0..3000 {
        assert!(list.subkey(name(index).as_str()).unwrap().is_some());
        assert_eq!(
            list.subkey_at(index as usize).unwrap().unwrap().name().to_string(),
            format!("Key{index:05}")
        );
    }
    for index in 0..3000 {
        let id = hive.hive().open(name(index).as_str()).unwrap().unwrap().id();
        hive.delete_key(id).unwrap();
        if index % 500 == 0 {
            check(&hive);
        }
    }
    assert_eq!(check(&hive).keys, 1);
}

#[test]
fn values_of_every_size_replace_each_other() {
    let mut hive = hive();
    let root = hive.root();
    let sizes = [0, 1, 4, 5, 8, 300, 16344, 16345, 40_000, 70_000, 3, 16344, 0, 33_000, 9];
    hive.set_value(root, "first", RegType::SZ, b"a\0").unwrap();
    for (index, &size) in sizes.iter().enumerate() {
        let data: Vec<u8> = (0..size).map(|at| (at * 31 + index) as u8).collect();
        for name in ["Value", "", "Wért\u{431}"] {
            hive.set_value(root, name, RegType(index as u32), &data).unwrap();
            let view = hive.hive().root().unwrap();
            let value = view.value(name).unwrap().unwrap();
            assert_eq!(
                (value.kind(), value.data().unwrap().to_vec().unwrap()),
                (RegType(index as u32), data.clone())
            );
        }
        assert_eq!(check(&hive).values, 4);
    }
    let names: Vec<String> =
        hive.hive().root().unwrap().values().unwrap().map(|v| v.unwrap().name().to_string()).collect();
    assert_eq!(names, ["first", "Value", "", "Wért\u{431}"], "values keep their order");
    assert_eq!(hive.delete_value(root, "VALUE"), Ok(true));
    assert_eq!(hive.delete_value(root, "VALUE"), Ok(false));
    assert_eq!(check(&hive).values, 3);
    for name in ["", "FIRST", "wért\u{431}"] {
        assert_eq!(hive.delete_value(root, name), Ok(true));
    }
    assert_eq!(check(&hive).values, 0);
}

#[test]
fn security_items_are_shared_and_counted() {
    let mut hive = hive();
    let root = hive.root();
    let keys: Vec<_> = ["a", "b", "c"].map(|name| hive.create_key(root, name, None).unwrap().id()).into();
    hive.set_security(keys[0], b"one").unwrap();
    hive.set_security(keys[1], b"two").unwrap();
    hive.set_security(keys[2], b"one").unwrap();
    let child = hive.create_key(keys[0], "child", None).unwrap().id();
    assert_eq!(hive.hive().key(child).unwrap().security().unwrap().references(), 3);
    assert_eq!(check(&hive).security_items, 3);
    hive.delete_key(keys[1]).unwrap();
    assert_eq!(check(&hive).security_items, 2);
    hive.set_security(root, b"one").unwrap();
    assert_eq!(check(&hive).security_items, 1);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut hive = hive();
    let root = hive.root();
    let before = hive.bytes().to_vec();
    let long = "x".repeat(257);
    for name in ["", "a\\b", &long] {
        assert_eq!(hive.create_key(root, name, None), Err(EditError::Name));
    }
    assert_eq!(hive.set_value(root, "v".repeat(32768).as_str(), RegType::SZ, b""), Err(EditError::Name));
    assert_eq!(hive.create_key(root, "a", Some(&vec![0x41; 40_000])), Err(EditError::TooLarge));
    assert!(hive.bytes() == before);
    let deep = ["d"; 512].join("\\");
    let last = hive.create_path(root, deep.as_str()).unwrap();
    assert_eq!(hive.create_key(last, "d", None), Err(EditError::TooDeep));
    assert_eq!(check(&hive).keys, 513);
    let top = hive.hive().open("d").unwrap().unwrap().id();
    hive.delete_tree(top).unwrap();
    assert_eq!(check(&hive).keys, 1);
}

/// An image that may not grow.
struct Fixed(Vec<u8>);

impl regf::Image for Fixed {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
    fn write(&mut self, at: usize, bytes: &[u8]) -> bool {
        self.0.write(at, bytes)
    }
    fn grow(&mut self, _: usize) -> bool {
        false
    }
}

#[test]
fn a_full_hive_stays_sound() {
    let mut hive = HiveMut::open(Fixed(hive().into_image())).unwrap();
    let (root, mut full) = (hive.root(), 0);
    for index in 0..200 {
        let name = format!("a key with a name {index}");
        let before = verify(hive.hive()).unwrap();
        let result = hive
            .create_key(root, name.as_str(), Some(&[0x41; 30]))
            .map(|_| ())
            .and_then(|()| hive.set_value(root, name.as_str(), RegType::BINARY, &vec![1; index * 3]));
        let after = verify(hive.hive()).unwrap();
        assert_eq!(after.lost, 0);
        if result.is_err() {
            assert_eq!(result, Err(EditError::Full));
            assert!(after.keys <= before.keys + 1 && after.values == before.values);
            full += 1;
        }
    }
    assert!(full > 100);
}

#[test]
fn an_opened_hive_uses_its_free_room_and_knows_what_changed() {
    let mut made = hive();
    let root = made.root();
    for index in 0..300 {
        made.create_key(root, format!("key {index}").as_str(), None).unwrap();
    }
    for index in 0..300 {
        let id = made.hive().open(format!("key {index}").as_str()).unwrap().unwrap().id();
        if index % 3 != 0 {
            made.delete_key(id).unwrap();
        }
    }
    let len = made.bytes().len();
    let mut hive = HiveMut::open(made.into_image()).unwrap();
    assert!(!hive.is_changed());
    for index in 0..150 {
        hive.create_key(root, format!("new {index}").as_str(), None).unwrap();
    }
    assert!(hive.is_changed());
    check(&hive);
    assert_eq!(hive.bytes().len(), len);
}

/// Version 1.3 knows neither hash leaves nor big data, 1.4 no hash leaves.
#[test]
fn old_versions_stay_what_they_are() {
    for minor in [3, 4] {
        let mut file = hive().into_image();
        file[24] = minor;
        common::sum(&mut file);
        let mut hive = HiveMut::open(file).unwrap();
        let root = hive.root();
        for index in 0..700 {
            hive.create_key(root, format!("Ä key {index}").as_str(), None).unwrap();
            hive.create_key(root, format!("{index} Ключ").as_str(), None).unwrap();
        }
        let data = vec![3; 50_000];
        hive.set_value(root, "Big", RegType::BINARY, &data).unwrap();
        assert_eq!(check(&hive).keys, 1401);
        let view = hive.hive().root().unwrap();
        assert_eq!(view.value("big").unwrap().unwrap().data().unwrap().whole().is_some(), minor == 3);
        assert!(view.subkey("ä KEY 699").unwrap().is_some() && view.subkey("69 КЛЮЧ").unwrap().is_some());
        let bytes = hive.bytes();
        assert!(
            bytes.windows(2).any(|two| two == b"lf")
                && !bytes.windows(4).any(|four| four[2..] == *b"lh" && four[..2] == [0xFF, 0xFF])
        );
    }
}

#[test]
fn a_hive_may_grow_before_it_is_searched() {
    let mut hive = hive();
    let root = hive.root();
    for number in 0..60 {
        hive.set_value(root, format!("value {number}").as_str(), RegType::BINARY, &[7; 100]).unwrap();
    }
    for number in (0..60).step_by(2) {
        hive.delete_value(root, format!("value {number}").as_str()).unwrap();
    }
    check(&hive);
    let size = hive.bytes().len();
    // Free cells are there, and none of them is known.
    let mut searching = HiveMut::open(hive.bytes().to_vec()).unwrap();
    searching.set_value(root, "new", RegType::BINARY, &[8; 100]).unwrap();
    assert_eq!(searching.bytes().len(), size);
    let mut growing = HiveMut::open(hive.bytes().to_vec()).unwrap();
    growing.grow_first(1);
    for number in 0..60 {
        growing.set_value(root, format!("new {number}").as_str(), RegType::BINARY, &[9; 100]).unwrap();
        check(&growing);
        growing.delete_value(root, format!("value {number}").as_str()).ok();
        check(&growing);
    }
    // By one bin, and then into what is free in the others.
    assert_eq!(growing.bytes().len(), size + 4096);
    assert_eq!(growing.hive().root().unwrap().value_count(), 60);
}

/// Everything of a key and below it, as text.
fn shown(key: regf::Key<'_>) -> String {
    let class = key.class().unwrap().map(|class| class.to_string());
    let flags = key.flags().0;
    let descriptor = key.security().unwrap().descriptor().to_vec();
    let mut text = format!("{} {class:?} {flags:x} {descriptor:x?}\n", key.name());
    for value in key.values().unwrap() {
        let value = value.unwrap();
        text += &format!(
            "  {} {:?} {:x?}\n",
            value.name(),
            value.kind(),
            value.data().unwrap().to_vec().unwrap()
        );
    }
    for subkey in key.subkeys().unwrap() {
        text += &shown(subkey.unwrap()).replace('\n', "\n ");
    }
    text
}

#[test]
fn a_compact_copy_has_everything_and_no_gaps() {
    let mut hive = hive();
    let root = hive.root();
    let class: Vec<u16> = "Class".encode_utf16().collect();
    let key = hive.create_key(root, "Ключ", Some(&class)).unwrap().id();
    hive.set_security(key, b"another descriptor").unwrap();
    let link = hive.create_path(key, r"a\b\link").unwrap();
    hive.set_flags(link, KeyFlags::SYMLINK).unwrap();
    for index in 0..700 {
        let child = hive.create_path(root, &*format!("many\\{index}")).unwrap();
        hive.set_value(child, "n", RegType::DWORD, &[index as u8; 4]).unwrap();
    }
    for index in 0..40 {
        hive.set_value(
            key,
            &*format!("value {index}"),
            RegType::BINARY,
            &vec![index; usize::from(index) * 600],
        )
        .unwrap();
    }
    hive.set_value(key, "", RegType::SZ, &[]).unwrap();
    let copy = HiveMut::compact(hive.hive(), "COPY", FileTime(7)).unwrap();
    check(&copy);
    assert_eq!(shown(copy.hive().root().unwrap()), shown(hive.hive().root().unwrap()));
    assert!(copy.bytes().len() <= hive.bytes().len());
    let again = HiveMut::compact(copy.hive(), "COPY", FileTime(7)).unwrap();
    assert_eq!(again.bytes(), copy.bytes(), "the same again");
}

#[test]
fn values_are_filled_in_where_they_lie() {
    let mut hive = hive();
    let root = hive.root();
    hive.set_value(root, "Text", RegType::SZ, &[0; 40]).unwrap();
    hive.set_value(root, "Number", RegType::DWORD, &[0; 4]).unwrap();
    let id = |hive: &HiveMut, name: &str| hive.hive().root().unwrap().value(name).unwrap().unwrap().id();
    let (text, number) = (id(&hive, "text"), id(&hive, "number"));
    let size = hive.bytes().len();
    hive.fill_value(text, b"abcdefgh").unwrap();
    hive.fill_value(number, &7_u32.to_le_bytes()).unwrap();
    check(&hive);
    let data = |hive: &HiveMut, name: &str| {
        hive.hive().root().unwrap().value(name).unwrap().unwrap().data().unwrap().to_vec().unwrap()
    };
    assert_eq!((data(&hive, "Text"), data(&hive, "Number")), (b"abcdefgh".to_vec(), vec![7, 0, 0, 0]));
    // Shorter again, and as long as it was at first; not longer than its room.
    hive.fill_value(text, &[1; 40]).unwrap();
    assert_eq!(hive.fill_value(text, &[1; 48]), Err(EditError::TooLarge));
    assert_eq!(hive.fill_value(number, &[1; 5]), Err(EditError::TooLarge));
    assert_eq!(data(&hive, "Text"), [1; 40]);
    // What fits in the value itself is there, and its room is free.
    hive.fill_value(text, &[]).unwrap();
    assert_eq!((data(&hive, "Text"), check(&hive).values), (vec![], 2));
    hive.fill_value(text, b"ab").unwrap();
    assert_eq!(data(&hive, "Text"), b"ab");
    assert_eq!(hive.fill_value(text, &[1; 40]), Err(EditError::TooLarge));
    check(&hive);
    assert_eq!(hive.bytes().len(), size);
    assert!(matches!(hive.fill_value(regf::ValueId(root.0), &[0; 8]), Err(EditError::Damaged(_))));
}
