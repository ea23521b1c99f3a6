//! What goes in comes out.

use bootarchive::write::{BuildError, Builder};
use bootarchive::{Archive, PAGE};
use proptest::collection::btree_map;
use proptest::prelude::*;

/// Up to three pages, cheap to make: a count that starts anywhere.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    (any::<u8>(), 0..3 * PAGE)
        .prop_map(|(first, len)| (0..len).map(|at| first.wrapping_add(at as u8)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn files_come_out_as_they_went_in(
        // A file's name ends in `!`, so that none of them is the folder of another.
        files in btree_map(r"(\\[a-z0-9._äß-]{1,12}){0,3}\\[a-z0-9._äß-]{0,11}!", contents(), 0..40)
    ) {
        let mut builder = Builder::new();
        for (path, data) in &files {
            builder.add(path.as_str(), data.as_slice());
        }
        let bytes = builder.build()?;
        prop_assert_eq!(bytes.len() % PAGE, 0);
        let archive = Archive::parse(&bytes).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(archive.verify(), Ok(()));
        prop_assert_eq!(archive.files().count(), files.len());
        for (path, data) in &files {
            let file = archive.find(&path.to_ascii_uppercase());
            let file = file.ok_or_else(|| TestCaseError::fail(path.clone()))?;
            prop_assert_eq!(file.path(), path);
            prop_assert_eq!(file.data(), data);
            prop_assert_eq!(file.len(), data.len());
            prop_assert_eq!(file.offset() % PAGE, 0);
            prop_assert_eq!(&bytes[file.offset()..][..data.len()], data);
            let missing = format!("{path}x");
            prop_assert!(files.contains_key(&missing) || archive.find(&missing).is_none());
        }
    }
}

#[test]
fn order_of_adding_does_not_show_and_the_last_one_wins() {
    let one = Builder::new().add(r"\a", b"old").add(r"\b", b"b").add(r"\A", b"new").build();
    let other = Builder::new().add(r"\b", b"b").add(r"\A", b"new").build();
    assert_eq!(one, other);
    let bytes = one.expect("good paths");
    let archive = Archive::parse(&bytes).expect("whole");
    assert_eq!(archive.find(r"\a").map(|file| (file.path(), file.data())), Some((r"\A", &b"new"[..])));
    assert_eq!(archive.files().count(), 2);
}

#[test]
fn paths_that_no_object_name_can_be_are_refused() {
    for path in ["", "a", r"\a\", r"\a/b", "\\a\0"] {
        let built = Builder::new().add(path, b"").build();
        assert_eq!(built, Err(BuildError::Path(path.into())));
    }
}

#[test]
fn an_empty_archive_is_one_page_and_finds_nothing() {
    let bytes = Builder::new().build().expect("no files");
    assert_eq!(bytes.len(), PAGE);
    let archive = Archive::parse(&bytes).expect("whole");
    assert!(archive.find("").is_none() && archive.find(r"\a").is_none());
    assert_eq!(archive.verify(), Ok(()));
}

#[test]
fn a_file_is_no_folder() {
    let refused = Err(BuildError::BelowFile(r"\a\B\c".into()));
    assert_eq!(Builder::new().add(r"\A", b"").add(r"\a\B\c", b"").build(), refused);
    assert_eq!(Builder::new().add(r"\a\b", b"").add(r"\a\B\c", b"").build(), refused);
    assert!(Builder::new().add(r"\a b", b"").add(r"\a\c", b"").add(r"\a\cd", b"").build().is_ok());
}

#[test]
fn added_files_can_be_looked_at() {
    let mut builder = Builder::new();
    builder.add(r"\A", b"old").add(r"\a", b"new");
    assert_eq!((builder.get(r"\A"), builder.get(r"\b")), (Some(&b"new"[..]), None));
}
