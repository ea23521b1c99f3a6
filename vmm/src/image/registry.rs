//! The hives of a boot archive, with `.reg` text merged into them.

use std::path::Path;

use bootarchive::write::Builder;
use regf::reg::{Entry, Mapping, RegFile};
use regf::{Hive, HiveMut, verify};

use crate::error::Error;
use crate::reg::{CURRENT, mapping_at, now};

/// A hive in the boot archive.
#[derive(Debug)]
struct Place {
    name: &'static str,
    /// Where Windows mounts it.
    root: &'static str,
    /// Where it is in the archive.
    path: &'static str,
}

/// The hives that text may be about.
const HIVES: [Place; 2] = [
    Place { name: "SYSTEM", root: r"HKEY_LOCAL_MACHINE\SYSTEM", path: r"\SystemRoot\System32\config\SYSTEM" },
    Place {
        name: "SOFTWARE",
        root: r"HKEY_LOCAL_MACHINE\SOFTWARE",
        path: r"\SystemRoot\System32\config\SOFTWARE",
    },
];

/// Merges texts, each with the name of its file, into the hives of an archive, in order. A hive that is not
/// there is made.
///
/// # Errors
/// [`Error::Usage`] for text that is malformed or about other hives, and for hives that are damaged.
pub(super) fn merge(builder: &mut Builder, texts: &[(&Path, Vec<u8>)]) -> Result<(), Error> {
    let mut hives: [Option<HiveMut>; HIVES.len()] = Default::default();
    for (path, text) in texts {
        let wrong = |why: String| Error::Usage(format!("--reg {}: {why}", path.display()));
        let text = RegFile::parse(text).map_err(|error| wrong(error.to_string()))?;
        if let Some(entry) =
            text.entries.iter().find(|entry| !HIVES.iter().any(|place| place.holds(&entry.path)))
        {
            return Err(wrong(format!(
                "line {}: {} is in no hive of the guest: keys must be at or below {} or {}",
                entry.line,
                String::from_utf16_lossy(&entry.path),
                HIVES[0].root,
                HIVES[1].root,
            )));
        }
        for (place, slot) in HIVES.iter().zip(&mut hives) {
            if !text.entries.iter().any(|entry| place.holds(&entry.path)) {
                continue;
            }
            let hive = match slot {
                Some(hive) => hive,
                None => slot.insert(place.open(builder.get(place.path))?),
            };
            let mapping = mapping_at(place.root, hive.hive());
            if let Some(entry) = text.entries.iter().find(|entry| is_unmapped(&mapping, entry)) {
                let why = format!(
                    r"line {}: {CURRENT} is no control set: Select\Current names none, or there is a key of that name",
                    entry.line
                );
                return Err(wrong(why));
            }
            text.apply(&mapping, hive).map_err(|error| wrong(error.to_string()))?;
        }
    }
    for (place, hive) in HIVES.iter().zip(hives) {
        if let Some(hive) = hive.filter(HiveMut::is_changed) {
            builder.add(place.path, hive.bytes());
        }
    }
    Ok(())
}

/// Whether a key is meant for the current control set and would become a key of that name instead. The kernel
/// puts a link there.
fn is_unmapped(mapping: &Mapping, entry: &Entry) -> bool {
    let resolved = mapping.resolve(&entry.path).unwrap_or_default();
    let first = resolved.split(|&unit| unit == u16::from(b'\\')).next().unwrap_or_default();
    String::from_utf16_lossy(first).eq_ignore_ascii_case(CURRENT)
}

impl Place {
    fn holds(&self, path: &[u16]) -> bool {
        Mapping::mount(self.root).resolve(path).is_some()
    }

    /// The hive in the archive, if it has one, else a new one.
    fn open(&self, file: Option<&[u8]>) -> Result<HiveMut, Error> {
        let wrong =
            |error: String| Error::Usage(format!("--reg: {} in the boot archive: {error}", self.path));
        let Some(file) = file else {
            return HiveMut::create(self.name, now()).map_err(|error| wrong(error.to_string()));
        };
        // An edit could make a damaged one worse.
        Hive::clean(file).and_then(verify).map_err(|error| wrong(error.to_string()))?;
        let mut hive = HiveMut::open(file.to_vec()).map_err(|error| wrong(error.to_string()))?;
        hive.set_clock(now());
        Ok(hive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Windows Registry Editor Version 5.00\n";

    fn merge_all(builder: &mut Builder, texts: &[&str]) -> Result<(), Error> {
        let text = |text: &&str| (Path::new("x.reg"), format!("{HEAD}{text}").into_bytes());
        merge(builder, &texts.iter().map(text).collect::<Vec<_>>())
    }

    fn dword(builder: &Builder, hive: &str, key: &str, value: &str) -> Option<u32> {
        let path = format!(r"\SystemRoot\System32\config\{hive}");
        let hive = Hive::clean(builder.get(&path)?).expect("a hive");
        let key = hive.open(key).expect("undamaged")?;
        key.value(value).expect("undamaged")?.data().expect("undamaged").dword()
    }

    #[test]
    fn keys_get_into_the_hive_they_belong_to() {
        let mut builder = Builder::new();
        let text =
            "[HKLM\\SYSTEM\\Select]\n\"Current\"=dword:2\n[hkey_local_machine\\software\\A]\n\"x\"=dword:7\n";
        merge_all(&mut builder, &[text]).expect("good text");
        assert_eq!(dword(&builder, "SYSTEM", "Select", "Current"), Some(2));
        assert_eq!(dword(&builder, "SOFTWARE", "A", "x"), Some(7));
        // The current control set is the one that the texts before have chosen; the last text wins.
        let text = "[HKLM\\SYSTEM\\CurrentControlSet\\B]\n\"x\"=dword:1\n";
        merge_all(&mut builder, &[text, &text.replace(":1", ":5")]).expect("good text");
        assert_eq!(dword(&builder, "SYSTEM", r"ControlSet002\B", "x"), Some(5));
        assert_eq!(dword(&builder, "SYSTEM", r"CurrentControlSet\B", "x"), None);
    }

    #[test]
    fn hives_that_no_text_is_about_are_neither_looked_at_nor_made() {
        let mut builder = Builder::new();
        builder.add(HIVES[1].path, b"no hive");
        merge_all(&mut builder, &["[HKLM\\SYSTEM\\A]"]).expect("good text");
        assert_eq!(builder.get(HIVES[1].path), Some(&b"no hive"[..]));
        let error = merge_all(&mut builder, &["[HKLM\\SOFTWARE\\A]"]).expect_err("no hive").to_string();
        assert!(error.contains(HIVES[1].path), "{error}");
        let mut empty = Builder::new();
        merge_all(&mut empty, &[""]).expect("good text");
        assert!(empty.get(HIVES[0].path).is_none());
    }

    #[test]
    fn what_cannot_be_merged_is_told_with_its_line() {
        for (texts, line) in [
            (&["[HKEY_CURRENT_USER\\Console]"][..], "x.reg: line 2: HKEY_CURRENT_USER\\Console"),
            (&["[HKLM\\SYSTEM\\A]\n[HKLM\\HARDWARE\\A]"], "x.reg: line 3: HKLM\\HARDWARE\\A"),
            (&["[HKEY_LOCAL_MACHINE]"], "x.reg: line 2: HKEY_LOCAL_MACHINE is"),
            (&["[HKLM\\SYSTEM\\A]\n\"x\"=dword:y"], "x.reg: line 3, column 11"),
            (&["[-HKLM\\SYSTEM]"], "x.reg: line 2: "),
            (
                &["[HKLM\\SYSTEM\\Select]\n\"Current\"=dword:0", "\n[HKLM\\SYSTEM\\CurrentControlSet]"],
                "x.reg: line 3: CurrentControlSet",
            ),
        ] {
            let error = merge_all(&mut Builder::new(), texts).expect_err("wrong").to_string();
            assert!(error.contains(line), "{texts:?}: {error}");
        }
    }
}
