//! From `.reg` text to hives: the registry of an NT release is a folder of text files, one for each hive.

use std::path::{Path, PathBuf};

use regf::reg::{Mapping, RegFile};
use regf::{EditError, FileTime, Hive, HiveError, HiveMut, verify};

use crate::Error;

/// The guest's folder of hives.
pub const CONFIG: &str = r"\SystemRoot\System32\config";

/// When keys were last written: the same in every build, so that builds can be compared. 1 January 2000.
const WRITTEN: FileTime = FileTime::from_unix(946_684_800, 0);

/// The hives whose text is in a folder, by name: `SYSTEM.reg` holds keys at and below
/// `HKEY_LOCAL_MACHINE\SYSTEM`, and nothing else.
///
/// # Errors
/// [`Error::File`]; [`Error::Registry`] with the line of the text.
pub fn hives(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let fail = |source| Error::File { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == "reg") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(hive).collect()
}

fn hive(path: &PathBuf) -> Result<(String, Vec<u8>), Error> {
    let text = std::fs::read(path).map_err(|source| Error::File { path: path.clone(), source })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match compile(&name, &text) {
        Ok(hive) => Ok((name, hive)),
        Err(fault) => Err(Error::Registry { path: path.clone(), fault }),
    }
}

/// Makes a hive from text. The error says in which line it is.
fn compile(name: &str, text: &[u8]) -> Result<Vec<u8>, String> {
    let text = RegFile::parse(text).map_err(|error| error.to_string())?;
    let root = format!(r"HKEY_LOCAL_MACHINE\{name}");
    let mapping = Mapping::mount(&root);
    if let Some(entry) = text.entries.iter().find(|entry| mapping.resolve(&entry.path).is_none()) {
        let key = String::from_utf16_lossy(&entry.path);
        return Err(format!("line {}: {key} is not at or below {root}", entry.line));
    }
    let mut hive = HiveMut::create(name, WRITTEN).map_err(|error: EditError| error.to_string())?;
    text.apply(&mapping, &mut hive).map_err(|error| error.to_string())?;
    // The guest edits it, and looks at free cells for that.
    let hive = HiveMut::compact(hive.hive(), name, WRITTEN).map_err(|error| error.to_string())?.into_image();
    Hive::clean(&hive).and_then(verify).map_err(|error: HiveError| error.to_string())?;
    Ok(hive)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Windows Registry Editor Version 5.00\n";

    #[test]
    fn text_becomes_a_hive_and_always_the_same_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!("{HEAD}[HKLM\\SYSTEM\\Select]\n\"Current\"=dword:1\n");
        std::fs::write(folder.path().join("SYSTEM.reg"), text).expect("room");
        std::fs::write(folder.path().join("README"), "not a hive").expect("room");
        let made = hives(folder.path()).expect("good text");
        assert_eq!(made, hives(folder.path()).expect("good text"));
        let [(name, hive)] = &made[..] else { panic!("{}", made.len()) };
        assert_eq!(name, "SYSTEM");
        let hive = Hive::clean(hive).expect("a hive");
        let select = hive.open("Select").expect("undamaged").expect("made");
        assert_eq!(select.last_written(), WRITTEN);
        let current = select.value("Current").expect("undamaged").expect("set");
        assert_eq!(current.data().expect("undamaged").dword(), Some(1));
    }

    #[test]
    fn wrong_text_is_told_with_file_and_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("SYSTEM.reg");
        for (text, line) in [
            ("", "line 1, "),
            ("[HKLM\\SYSTEM\\A]\n\"x\"=dword:y", "line 3, "),
            ("\n[HKLM\\SYSTEM\\A]\n[HKLM\\SOFTWARE\\A]", "line 4: "),
            ("[HKLM\\SYSTEM\\A]\n\n[-HKLM\\SYSTEM]", "line 4: "),
        ] {
            let text = if text.is_empty() { String::new() } else { format!("{HEAD}{text}") };
            std::fs::write(&path, text).expect("room");
            let error = hives(folder.path()).expect_err("wrong text").to_string();
            assert!(error.starts_with(&format!("{}: {line}", path.display())), "{error}");
        }
        assert!(matches!(hives(&path), Err(Error::File { .. })));
    }
}
