//! Changes to the keys and values of a hive file.

use std::path::{Path, PathBuf};

use regf::reg::{Applied, RegFile};
use regf::{EditError, HiveMut, KeyId, RegType};

use super::{HiveFile, Place, TEXT_LIMIT, input};
use crate::error::Error;

/// A change to one key or value. Paths are those in the hive.
#[derive(Clone, Debug)]
pub enum Change {
    /// Make a key, if there is none.
    MakeKey,
    /// Delete a key with all below it.
    DeleteKey,
    /// Set a value of a name, making its key if there is none.
    SetValue(String, RegType, Vec<u8>),
    /// Delete a value of a name.
    DeleteValue(String),
}

impl Change {
    /// Makes the change in a file, at a key.
    ///
    /// # Errors
    /// As [`HiveFile::edit`]; [`Error::Usage`] if there is nothing to delete, or the hive refuses.
    pub fn make(&self, file: HiveFile, key: &str) -> Result<(), Error> {
        let path = file.path().to_owned();
        let shown = if key.is_empty() { "the root key" } else { key };
        file.edit(|hive| {
            let refused = |error: EditError| Error::Usage(format!("{}: {shown}: {error}", path.display()));
            let missing = |what: &str| Error::Usage(format!("{}: {shown}: {what}", path.display()));
            match self {
                Self::MakeKey => hive.create_path(hive.root(), key).map(drop).map_err(refused),
                Self::SetValue(name, kind, data) => {
                    let key = hive.create_path(hive.root(), key).map_err(refused)?;
                    hive.set_value(key, name.as_str(), *kind, data).map_err(refused)
                }
                Self::DeleteKey => {
                    let key = id_of(hive, key).map_err(refused)?.ok_or_else(|| missing("no such key"))?;
                    hive.delete_tree(key).map_err(refused)
                }
                Self::DeleteValue(name) => {
                    let key = id_of(hive, key).map_err(refused)?.ok_or_else(|| missing("no such key"))?;
                    match hive.delete_value(key, name.as_str()).map_err(refused)? {
                        true => Ok(()),
                        false => Err(missing(&format!("no value {name:?}"))),
                    }
                }
            }
        })
    }
}

fn id_of(hive: &HiveMut, path: &str) -> Result<Option<KeyId>, EditError> {
    Ok(hive.hive().open(path)?.map(|key| key.id()))
}

/// Merges `.reg` texts, in order, and writes the hive once: it has all of them, or stays as it is. Tells of each text
/// what it did.
///
/// # Errors
/// As [`HiveFile::edit`]; [`Error::Input`]; [`Error::Usage`] for text that is malformed, that the hive refuses, or
/// that has nothing for this hive.
pub fn import(file: HiveFile, root: Option<&str>, texts: &[PathBuf]) -> Result<Vec<Applied>, Error> {
    let texts = texts.iter().map(|path| read(path).map(|text| (path, text)));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let place = Place::new(root, &file, file.hive()?);
    file.edit(|hive| {
        let merge = |(path, text): &(&PathBuf, RegFile)| merge(path, text, &place, hive);
        texts.iter().map(merge).collect()
    })
}

fn read(path: &Path) -> Result<RegFile, Error> {
    RegFile::parse(&input(path, TEXT_LIMIT)?)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

fn merge(path: &Path, text: &RegFile, place: &Place, hive: &mut HiveMut) -> Result<Applied, Error> {
    let wrong = |why: String| Error::Usage(format!("{}: {why}", path.display()));
    let applied =
        text.apply(&place.mapping_of(hive.hive()), hive).map_err(|error| wrong(error.to_string()))?;
    match text.entries.first() {
        Some(first) if applied.keys == 0 && applied.elsewhere != 0 => Err(wrong(format!(
            "line {}: {} is not at or below {}, and no other key is; --root says where the hive is mounted",
            first.line,
            String::from_utf16_lossy(&first.path),
            place.root(),
        ))),
        _ => Ok(applied),
    }
}
