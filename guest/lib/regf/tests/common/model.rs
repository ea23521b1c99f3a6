//! What a hive should hold: a tree of plain collections, and edits on both.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regf::{FileTime, Hive, HiveMut, Key, RegType};

/// A key without its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Name, type and data, in the order they were made.
    pub values: Vec<(String, u32, Vec<u8>)>,
    /// By their names in capitals; with their names.
    pub children: BTreeMap<Vec<u16>, (String, Node)>,
}

fn capitals(name: &str) -> Vec<u16> {
    name.encode_utf16().map(nt::upcase).collect()
}

#[derive(Clone, Debug)]
pub enum Edit {
    Create(Vec<&'static str>),
    DeleteTree(Vec<&'static str>),
    Rename(Vec<&'static str>, &'static str),
    Set(Vec<&'static str>, &'static str, u32, Vec<u8>),
    Unset(Vec<&'static str>, &'static str),
}

const KEYS: [&str; 11] =
    ["a", "A", "b", "Control", "CONTROL", "control ", "größe", "Ключ", "КЛЮЧ", "日本", "a]b;c"];
const VALUES: [&str; 9] = ["", "Path", "PATH", "x\"y\\z", "Ä", "ä", "имя", "@", "a longer name"];

fn data() -> impl Strategy<Value = Vec<u8>> {
    let sizes = prop_oneof![6 => 0..12_usize, 3 => 12..600_usize, 1 => 16_300..50_000_usize];
    (sizes, any::<u8>())
        .prop_map(|(len, seed)| (0..len).map(|at| (at as u8).wrapping_mul(7).wrapping_add(seed)).collect())
}

fn path(depth: std::ops::Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(&KEYS[..]), depth)
}

pub fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => path(1..4).prop_map(Edit::Create),
        1 => path(1..3).prop_map(Edit::DeleteTree),
        1 => (path(1..3), select(&KEYS[..])).prop_map(|(path, name)| Edit::Rename(path, name)),
        5 => (path(0..3), select(&VALUES[..]), prop_oneof![0..12_u32, any::<u32>()], data())
            .prop_map(|(path, name, kind, data)| Edit::Set(path, name, kind, data)),
        2 => (path(0..3), select(&VALUES[..])).prop_map(|(path, name)| Edit::Unset(path, name)),
    ]
}

pub fn edits(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Edit>> {
    vec(edit(), count)
}

impl Node {
    /// The key at a path, made if it is not there.
    fn make(&mut self, path: &[&str]) -> &mut Self {
        path.iter().fold(self, |node, name| {
            &mut node.children.entry(capitals(name)).or_insert_with(|| (name.to_string(), Self::default())).1
        })
    }

    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Create(path) => drop(self.make(path)),
            Edit::DeleteTree(path) => {
                let (last, above) = path.split_last().expect("is never empty");
                let parent = above
                    .iter()
                    .try_fold(self, |node, name| Some(&mut node.children.get_mut(&capitals(name))?.1));
                parent.map(|parent| parent.children.remove(&capitals(last)));
            }
            Edit::Rename(path, name) => {
                let (last, above) = path.split_last().expect("is never empty");
                let children = &mut self.make(above).children;
                if capitals(name) != capitals(last) && children.contains_key(&capitals(name)) {
                    return;
                }
                if let Some((_, node)) = children.remove(&capitals(last)) {
                    children.insert(capitals(name), (name.to_string(), node));
                }
            }
            Edit::Set(path, name, kind, data) => {
                let values = &mut self.make(path).values;
                match values.iter_mut().find(|value| capitals(&value.0) == capitals(name)) {
                    Some(value) => (value.1, value.2) = (*kind, data.clone()),
                    None => values.push((name.to_string(), *kind, data.clone())),
                }
            }
            Edit::Unset(path, name) => {
                self.make(path).values.retain(|value| capitals(&value.0) != capitals(name));
            }
        }
    }

    /// What a hive holds.
    pub fn read(key: Key<'_>) -> Self {
        let value = |value: regf::Value<'_>| {
            (value.name().to_string(), value.kind().0, value.data().unwrap().to_vec().unwrap())
        };
        let values = key.values().unwrap().map(|found| value(found.unwrap())).collect();
        let child =
            |key: Key<'_>| (capitals(&key.name().to_string()), (key.name().to_string(), Self::read(key)));
        let children = key.subkeys().unwrap().map(|found| child(found.unwrap())).collect();
        Self { values, children }
    }
}

pub fn apply(hive: &mut HiveMut, edit: &Edit) {
    let root = hive.root();
    let make = |hive: &mut HiveMut, path: &[&str]| hive.create_path(root, path.join("\\").as_str()).unwrap();
    match edit {
        Edit::Create(path) => drop(make(hive, path)),
        Edit::DeleteTree(path) => {
            let key = hive.hive().open(path.join("\\").as_str()).unwrap().map(|key| key.id());
            key.into_iter().for_each(|key| hive.delete_tree(key).unwrap());
        }
        Edit::Rename(path, name) => {
            let (last, above) = path.split_last().expect("is never empty");
            let above = make(hive, above);
            let key = hive.hive().key(above).unwrap().subkey(*last).unwrap().map(|key| key.id());
            let renamed = key.map(|key| hive.rename_key(key, *name));
            assert!(matches!(renamed, None | Some(Ok(_) | Err(regf::EditError::Exists))));
        }
        Edit::Set(path, name, kind, data) => {
            let key = make(hive, path);
            hive.set_value(key, *name, RegType(*kind), data).unwrap();
        }
        Edit::Unset(path, name) => {
            let key = make(hive, path);
            hive.delete_value(key, *name).unwrap();
        }
    }
}

/// A hive with some edits made.
pub fn hive_of(edits: &[Edit]) -> HiveMut {
    let mut hive = HiveMut::create("TEST", FileTime(1)).unwrap();
    edits.iter().for_each(|edit| apply(&mut hive, edit));
    hive
}

/// What a clean hive file holds, after a look at all of it.
pub fn read_file(file: &[u8]) -> Node {
    let hive = Hive::clean(file).expect("is clean");
    let census = regf::verify(hive).expect("is sound");
    assert_eq!(census.lost, 0);
    Node::read(hive.root().unwrap())
}
