//! Folders against the set of paths that they follow from.

use std::collections::BTreeMap;

use bootarchive::Archive;
use bootarchive::write::Builder;
use proptest::collection::btree_set;
use proptest::prelude::*;

fn list(archive: Archive<'_>, folder: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut position = archive.folder(folder.as_bytes());
    while let Some(child) = position.and_then(|position| archive.child(folder.as_bytes(), position)) {
        let name = String::from_utf8_lossy(child.name).to_ascii_lowercase();
        found.push((name, child.file.is_some()));
        position = Some(child.next);
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn a_folder_has_what_the_paths_say(
        // A file's name ends in `!`, so that none of them is the folder of another.
        paths in btree_set(r"(\\[aB .-]{1,3}){0,3}\\[aB .-]{0,2}!", 0..40)
    ) {
        let mut builder = Builder::new();
        let mut model: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
        for path in &paths {
            builder.add(path.clone(), path.as_bytes());
            let lower = path.to_ascii_lowercase();
            for (at, _) in lower.match_indices('\\') {
                let (folder, rest) = (&lower[..at], &lower[at + 1..]);
                let (name, is_file) = rest.split_once('\\').map_or((rest, true), |(name, _)| (name, false));
                model.entry(folder.into()).or_default().insert(name.into(), is_file);
            }
        }
        let bytes = builder.build().expect("good paths");
        let archive = Archive::parse(&bytes).expect("fresh from the builder");
        for (folder, children) in &model {
            let mut found = list(archive, folder);
            prop_assert_eq!(&found, &list(archive, &folder.to_ascii_uppercase()));
            found.sort();
            prop_assert_eq!(found, children.clone().into_iter().collect::<Vec<_>>(), "{}", folder);
        }
        for none in [r"\none", r"\a\none", r"\", r"\a\", "x"] {
            prop_assert_eq!(archive.folder(none.as_bytes()).is_some(), model.contains_key(none));
        }
        for path in &paths {
            prop_assert_eq!(archive.folder(path.as_bytes()), None, "a file is no folder");
        }
    }

    #[test]
    fn damage_ends_listings(at in 32_usize..400, byte in any::<u8>()) {
        let mut builder = Builder::new();
        for path in [r"\a\b\c", r"\a\b\d", r"\a\e", r"\f"] {
            builder.add(path, path.as_bytes());
        }
        let mut bytes = builder.build().expect("good paths");
        bytes[at] = byte;
        if let Ok(archive) = Archive::parse(&bytes) {
            for folder in ["", r"\a", r"\a\b"] {
                prop_assert!(list(archive, folder).len() <= 4);
            }
        }
    }
}

/// A folder of the default image with a file in another folder before it.
#[test]
fn a_folder_with_a_folder_first() {
    let paths = [
        r"\Extra\Folder\x.txt",
        r"\SystemRoot\System32\config\SOFTWARE",
        r"\SystemRoot\System32\config\SYSTEM",
        r"\SystemRoot\System32\ntdll.dll",
        r"\SystemRoot\System32\probe.exe",
        r"\SystemRoot\System32\smss.exe",
    ];
    let mut builder = Builder::new();
    for path in paths {
        builder.add(path, b"x".as_slice());
    }
    let bytes = builder.build().expect("an archive");
    let archive = Archive::parse(&bytes).expect("an archive");
    let folder = br"\systemroot\system32";
    let mut position = archive.folder(folder).expect("the folder");
    let mut names = Vec::new();
    while let Some(child) = archive.child(folder, position) {
        names.push(String::from_utf8_lossy(child.name).into_owned());
        position = child.next;
    }
    assert_eq!(names, ["config", "ntdll.dll", "probe.exe", "smss.exe"]);
}
