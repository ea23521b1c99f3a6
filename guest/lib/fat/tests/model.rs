//! Random operations against a map of paths.

mod common;

use std::collections::BTreeMap;

use common::{NOW, Ram, check, delete, folder, read, rename, text, tree, wide, write};
use fat::{Error, Kind, NodeId, Volume};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Write(usize, usize, usize),
    Patch(usize, u32, usize),
    Resize(usize, u32),
    Reserve(usize, u32),
    Folder(usize),
    Delete(usize),
    Rename(usize, usize, bool),
    Remount,
    Sync,
}

/// Paths that meet each other often.
fn path(n: usize) -> String {
    let folders = ["", r"\dir", r"\Long folder name", r"\dir\inner"];
    let names =
        ["A.TXT", "a long name.txt", "A long name too.txt", "b", "dir", "inner", "Long folder name", "ä.Ö"];
    format!(r"{}\{}", folders[n / names.len() % folders.len()], names[n % names.len()])
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..32_usize;
    prop_oneof![
        4 => (at.clone(), 0..5000_usize, any::<u8>()).prop_map(|(a, b, c)| Step::Write(a, b, c.into())),
        4 => (at.clone(), 0..9000_u32, 1..6000_usize).prop_map(|(a, b, c)| Step::Patch(a, b, c)),
        2 => (at.clone(), 0..20_000_u32).prop_map(|(a, b)| Step::Resize(a, b)),
        1 => (at.clone(), 0..20_000_u32).prop_map(|(a, b)| Step::Reserve(a, b)),
        3 => at.clone().prop_map(Step::Folder),
        3 => at.clone().prop_map(Step::Delete),
        3 => (at.clone(), at, any::<bool>()).prop_map(|(a, b, c)| Step::Rename(a, b, c)),
        1 => Just(Step::Remount),
        1 => Just(Step::Sync),
    ]
}

/// Paths in capitals, folders without contents.
type Model = BTreeMap<String, Option<Vec<u8>>>;

fn key(path: &str) -> String {
    text(&wide(path).into_iter().map(nt::upcase).collect::<Vec<_>>())
}

fn parent(key: &str) -> &str {
    &key[..key.rfind('\\').expect("a path")]
}

fn has_parent(model: &Model, key: &str) -> bool {
    parent(key).is_empty() || model.get(parent(key)).is_some_and(Option::is_none)
}

fn has_children(model: &Model, key: &str) -> bool {
    let prefix = format!("{key}\\");
    model.keys().any(|other| other.starts_with(&prefix))
}

fn with_open<T>(
    volume: &mut Volume,
    path: &str,
    work: impl FnOnce(&mut Volume, NodeId) -> Result<T, Error>,
) -> Result<T, Error> {
    let entry = volume.find(&wide(path))?;
    let id = volume.open(&entry)?;
    let result = work(volume, id);
    volume.close(id)?;
    result
}

fn apply(volume: &mut Volume, model: &mut Model, step: &Step) {
    let filled = |length: usize, salt: usize| (0..length).map(|n| (n + salt) as u8 | 1).collect::<Vec<_>>();
    match step {
        Step::Write(at, length, salt) => {
            let (path, data) = (path(*at), filled(*length, *salt));
            let expected = match model.get(&key(&path)) {
                _ if !has_parent(model, &key(&path)) => Err(Error::PathNotFound),
                Some(None) => Err(Error::IsAFolder),
                _ => Ok(()),
            };
            assert_eq!(write(volume, &path, &data), expected, "{path}");
            if expected.is_ok() {
                model.insert(key(&path), Some(data));
            }
        }
        Step::Patch(at, offset, length) => {
            let (path, data) = (path(*at), filled(*length, 3));
            let result = with_open(volume, &path, |volume, id| {
                volume.write(id, u64::from(*offset), &data, NOW)?;
                let mut back = vec![0; data.len() + 10];
                let count = volume.read(id, u64::from(*offset), &mut back)?;
                assert!(count >= data.len() && back[..data.len()] == data);
                Ok(())
            });
            let there = model.get_mut(&key(&path));
            assert_eq!(result.is_ok(), matches!(there, Some(Some(_))), "{path}: {result:?}");
            if let Some(Some(there)) = there {
                let (start, end) = (*offset as usize, *offset as usize + data.len());
                if there.len() < end {
                    there.resize(end, 0);
                }
                there[start..end].copy_from_slice(&data);
            }
        }
        Step::Resize(at, size) => {
            let path = path(*at);
            let result = with_open(volume, &path, |volume, id| volume.set_size(id, u64::from(*size), NOW));
            let there = model.get_mut(&key(&path));
            assert_eq!(result.is_ok(), matches!(there, Some(Some(_))), "{path}: {result:?}");
            if let Some(Some(there)) = there {
                there.resize(*size as usize, 0);
            }
        }
        Step::Reserve(at, size) => {
            let path = path(*at);
            let result = with_open(volume, &path, |volume, id| {
                volume.set_allocation(id, u64::from(*size), NOW)?;
                let info = volume.info(id)?;
                assert!(info.allocation >= u64::from(*size) && info.size <= info.allocation as u32);
                Ok(())
            });
            let there = model.get_mut(&key(&path));
            assert_eq!(result.is_ok(), matches!(there, Some(Some(_))), "{path}: {result:?}");
            if let Some(Some(there)) = there {
                there.truncate(*size as usize);
            }
        }
        Step::Folder(at) => {
            let path = path(*at);
            let expected = match model.contains_key(&key(&path)) {
                _ if !has_parent(model, &key(&path)) => Err(Error::PathNotFound),
                true => Err(Error::Exists),
                false => Ok(()),
            };
            assert_eq!(folder(volume, &path), expected, "{path}");
            if expected.is_ok() {
                model.insert(key(&path), None);
            }
        }
        Step::Delete(at) => {
            let path = path(*at);
            let result = delete(volume, &path);
            let may = model.contains_key(&key(&path)) && !has_children(model, &key(&path));
            assert_eq!(result.is_ok(), may, "{path}: {result:?}");
            if may {
                model.remove(&key(&path));
            }
        }
        Step::Rename(from, to, replace) => {
            let (from, to) = (path(*from), path(*to));
            let (old, new) = (key(&from), key(&to));
            let below = new.starts_with(&format!("{old}\\"));
            let may = model.contains_key(&old)
                && has_parent(model, &new)
                && !below
                && (old == new
                    || match model.get(&new) {
                        None => true,
                        Some(None) => false,
                        Some(Some(_)) => *replace,
                    });
            let result = rename(volume, &from, &to, *replace);
            assert_eq!(result.is_ok(), may, "{from} to {to}: {result:?}");
            if may && old != new {
                let prefix = format!("{old}\\");
                let moved: Vec<_> =
                    model.keys().filter(|k| **k == old || k.starts_with(&prefix)).cloned().collect();
                for name in moved {
                    let data = model.remove(&name).expect("a file");
                    model.insert(format!("{new}{}", &name[old.len()..]), data);
                }
            }
        }
        Step::Remount | Step::Sync => {}
    }
}

fn compare(volume: &mut Volume, model: &Model) {
    let found = tree(volume, "", 20).expect("a tree");
    let found: Model = found
        .into_iter()
        .map(|(path, data)| match path.strip_suffix('\\') {
            Some(folder) => (key(folder), None),
            None => (key(&path), Some(data)),
        })
        .collect();
    let names = |model: &Model| model.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(model));
    assert!(found == *model, "contents differ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(12)))]

    #[test]
    fn a_volume_is_a_map_of_paths(
        steps in proptest::collection::vec(step(), 1..60), kind in 0..3_usize, cluster in 0..2_usize
    ) {
        let kind = [Kind::Fat12, Kind::Fat16, Kind::Fat32][kind];
        let ram = match (kind, cluster) {
            (Kind::Fat12, 1) => Ram::formatted(kind, 8000, 4),
            _ => Ram::of(kind),
        };
        let (mut volume, mut model) = (ram.mount(), Model::new());
        for step in &steps {
            apply(&mut volume, &mut model, step);
            match step {
                Step::Remount => {
                    volume.shut_down().expect("clean");
                    volume = ram.mount();
                    compare(&mut volume, &model);
                }
                Step::Sync => volume.sync().expect("on the disk"),
                _ => {}
            }
        }
        compare(&mut volume, &model);
        let free = volume.space().expect("counted").free;
        volume.shut_down().expect("clean");
        check(&ram.bytes());
        compare(&mut ram.mount(), &model);
        // What was counted along the way is what there is.
        ram.with(|state| state.bytes[if kind == Kind::Fat32 { 0x41 } else { 0x25 }] |= 1);
        prop_assert_eq!(ram.mount().space().expect("counted").free, free);
    }
}

#[test]
fn a_full_volume_says_so_and_stays_sound() {
    let ram = Ram::formatted(Kind::Fat12, 200, 1);
    let mut volume = ram.mount();
    let free = volume.space().expect("counted").free as usize;
    write(&mut volume, r"\half", &vec![1; free / 2 * 512]).expect("room");
    assert_eq!(write(&mut volume, r"\too much", &vec![2; free * 512]), Err(Error::Full));
    assert_eq!(read(&mut volume, r"\too much").map(|data| data.len()), Ok(0));
    write(&mut volume, r"\rest", &vec![3; (free - free / 2) * 512]).expect("room");
    assert_eq!(folder(&mut volume, r"\folder"), Err(Error::Full));
    assert_eq!(volume.space().expect("counted").free, 0);
    delete(&mut volume, r"\half").expect("deleted");
    folder(&mut volume, r"\folder").expect("room");
    // The root folder of this kind has an end.
    let made = (0..600).take_while(|n| write(&mut volume, &format!(r"\N{n}"), b"").is_ok()).count();
    assert!((500..512).contains(&made), "{made}");
    volume.shut_down().expect("clean");
    check(&ram.bytes());
}

#[test]
fn open_files_are_one_and_go_with_their_last_user() {
    let ram = Ram::of(Kind::Fat16);
    let mut volume = ram.mount();
    write(&mut volume, r"\x", b"abc").expect("a file");
    let entry = volume.find(&wide(r"\x")).expect("a file");
    let (one, two) = (volume.open(&entry).expect("open"), volume.open(&entry).expect("open"));
    assert_eq!(one, two);
    volume.write(one, 1, b"-----", NOW).expect("written");
    let entry = common::list(&mut volume, "").expect("a list").remove(0);
    assert_eq!(entry.size, 6, "as it is now");
    // A file that is open is not replaced, one that is going is not opened.
    write(&mut volume, r"\y", b"y").expect("a file");
    assert_eq!(rename(&mut volume, r"\y", r"\x", true), Err(Error::AccessDenied));
    volume.set_doomed(one, true).expect("doomed");
    let found = volume.find(&wide(r"\x")).expect("still there");
    assert_eq!(volume.open(&found), Err(Error::DeletePending));
    volume.close(one).expect("closed");
    let mut back = [0; 10];
    assert_eq!(volume.read(two, 0, &mut back), Ok(6));
    volume.close(two).expect("closed");
    assert_eq!(volume.find(&wide(r"\x")).err(), Some(Error::NotFound));
    assert_eq!(volume.close(two), Err(Error::NotOpen));
    // A folder with something open in it stays where it is; a folder does not go into itself.
    folder(&mut volume, r"\f").expect("a folder");
    folder(&mut volume, r"\f\g").expect("a folder");
    write(&mut volume, r"\f\g\z", b"z").expect("a file");
    let entry = volume.find(&wide(r"\f\g\z")).expect("a file");
    let id = volume.open(&entry).expect("open");
    assert_eq!(rename(&mut volume, r"\f", r"\h", false), Err(Error::AccessDenied));
    volume.close(id).expect("closed");
    assert_eq!(rename(&mut volume, r"\f", r"\f\g\f", false), Err(Error::InItself));
    assert_eq!(delete(&mut volume, r"\f"), Err(Error::NotEmpty));
    rename(&mut volume, r"\f", r"\h", false).expect("renamed");
    volume.shut_down().expect("clean");
    check(&ram.bytes());
}
