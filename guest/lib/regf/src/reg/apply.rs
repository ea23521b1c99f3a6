//! From text to edits.

use alloc::vec::Vec;
use core::fmt;

use nt::upcase;

use super::{Entry, RegFile};
use crate::edit::{EditError, HiveMut, Image};
use crate::key::{KeyFlags, KeyId};
use crate::kind::RegType;
use crate::text::{Path, Text};

/// What the roots may be called for short.
const SHORT: [(&str, &str); 5] = [
    ("HKLM", "HKEY_LOCAL_MACHINE"),
    ("HKCU", "HKEY_CURRENT_USER"),
    ("HKCR", "HKEY_CLASSES_ROOT"),
    ("HKU", "HKEY_USERS"),
    ("HKCC", "HKEY_CURRENT_CONFIG"),
];

/// Which paths in texts are in a hive, and where there.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Names of a path, in capitals, and the path in the hive.
    rules: Vec<(Vec<Vec<u16>>, Vec<u16>)>,
}

impl Mapping {
    /// No path is in the hive.
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys of a hive that is mounted at a path, such as `HKEY_LOCAL_MACHINE\SOFTWARE`.
    pub fn mount(path: &str) -> Self {
        Self::new().with(path, "")
    }

    /// A SYSTEM hive, with `CurrentControlSet` leading to a control set of a number.
    pub fn system(control_set: u32) -> Self {
        let set = alloc::format!("ControlSet{control_set:03}");
        Self::mount(r"HKEY_LOCAL_MACHINE\SYSTEM").with(r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet", &set)
    }

    /// Adds that the keys at and below a path are at and below a path in the hive. The longest path that fits counts.
    #[must_use]
    pub fn with(mut self, path: &str, in_hive: &str) -> Self {
        let path: Vec<u16> = path.encode_utf16().collect();
        self.rules.push((names(&path), in_hive.encode_utf16().collect()));
        self
    }

    /// Where a path is in the hive.
    pub fn resolve(&self, path: &[u16]) -> Option<Vec<u16>> {
        let names = names(path);
        let fitting = self.rules.iter().filter(|(prefix, _)| names.starts_with(prefix));
        let (prefix, in_hive) = fitting.max_by_key(|(prefix, _)| prefix.len())?;
        let mut resolved = in_hive.clone();
        for name in parts(path).skip(prefix.len()) {
            if !resolved.is_empty() {
                resolved.push(u16::from(b'\\'));
            }
            resolved.extend_from_slice(name);
        }
        Some(resolved)
    }
}

/// The names of a path. A `\` at its end does no harm.
fn parts(path: &[u16]) -> impl Iterator<Item = &[u16]> {
    let separator = u16::from(b'\\');
    path.strip_suffix(&[separator]).unwrap_or(path).parts()
}

/// The names of a path in capitals, the first one in full.
fn names(path: &[u16]) -> Vec<Vec<u16>> {
    let mut names: Vec<Vec<u16>> =
        parts(path).map(|name| name.iter().map(|&unit| upcase(unit)).collect()).collect();
    if let Some(first) = names.first_mut()
        && let Some((_, long)) =
            SHORT.iter().find(|(short, _)| short.encode_utf16().eq(first.iter().copied()))
    {
        *first = long.encode_utf16().collect();
    }
    names
}

/// What [`RegFile::apply`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Keys in brackets that were made, found or deleted.
    pub keys: usize,
    /// Values that were set or deleted.
    pub values: usize,
    /// Keys in brackets that are not in this hive.
    pub elsewhere: usize,
}

/// An edit that was refused. Those before it have been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplyError {
    /// Why.
    pub error: EditError,
    /// In which line, from 1.
    pub line: u32,
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}

impl core::error::Error for ApplyError {}

impl RegFile {
    /// Makes the edits that are meant for a hive. To delete what is not there is no error.
    ///
    /// A value `SymbolicLinkValue` of type `REG_LINK` makes its key a symbolic link.
    ///
    /// # Errors
    /// [`ApplyError`] for the first edit that is refused.
    pub fn apply<I: Image>(&self, mapping: &Mapping, hive: &mut HiveMut<I>) -> Result<Applied, ApplyError> {
        let mut applied = Applied::default();
        for entry in &self.entries {
            let Some(path) = mapping.resolve(&entry.path) else {
                applied.elsewhere += 1;
                continue;
            };
            let at = |line| move |error| ApplyError { error, line };
            match make_key(hive, entry, &path).map_err(at(entry.line))? {
                Some(key) => {
                    for edit in &entry.values {
                        make_value(hive, key, &edit.name, edit.data.as_ref()).map_err(at(edit.line))?;
                    }
                }
                None => continue,
            }
            applied.keys += 1;
            applied.values += entry.values.len();
        }
        Ok(applied)
    }
}

/// Makes or deletes a key; the key, unless it is gone.
fn make_key<I: Image>(
    hive: &mut HiveMut<I>,
    entry: &Entry,
    path: &[u16],
) -> Result<Option<KeyId>, EditError> {
    let root = hive.root();
    if !entry.is_deletion {
        return hive.create_path(root, path).map(Some);
    }
    let key = hive.hive().open(path)?.map(|key| key.id());
    key.map_or(Ok(()), |key| hive.delete_tree(key)).map(|()| None)
}

fn make_value<I: Image>(
    hive: &mut HiveMut<I>,
    key: KeyId,
    name: &[u16],
    data: Option<&(RegType, Vec<u8>)>,
) -> Result<(), EditError> {
    let Some((kind, data)) = data else { return hive.delete_value(key, name).map(drop) };
    hive.set_value(key, name, *kind, data)?;
    let bytes: Vec<u8> = name.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    if *kind == RegType::LINK && Text::utf16(&bytes).is_named("SymbolicLinkValue") {
        let flags = hive.hive().key(key)?.flags();
        hive.set_flags(key, KeyFlags(flags.0 | KeyFlags::SYMLINK.0))?;
    }
    Ok(())
}
