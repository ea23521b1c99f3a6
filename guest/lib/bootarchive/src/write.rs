//! The writer, for the host that makes the image.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::fold;
use crate::layout::{ENTRY, FOLDER, HEADER, MAGIC, PAGE, SLOT, VERSION};

/// Collects files and lays them out. The same files give the same bytes, in whatever order they
/// were added.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    /// By folded path: path as given, contents.
    files: BTreeMap<String, (String, Vec<u8>)>,
}

/// Why an archive cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A path does not begin with a backslash, ends with one, or has a slash or NUL in it.
    Path(String),
    /// A file's path goes on below the path of another file.
    BelowFile(String),
    /// Something does not fit into 32 bits; the archive would be larger than 4 GiB.
    TooLarge,
}

impl Builder {
    /// An archive with no files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. An earlier one with the same path, but for the case of ASCII letters, is replaced.
    pub fn add(&mut self, path: impl Into<String>, data: impl Into<Vec<u8>>) -> &mut Self {
        let path = path.into();
        self.files.insert(path.to_ascii_lowercase(), (path, data.into()));
        self
    }

    /// The file that was added under a path.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(&path.to_ascii_lowercase()).map(|(_, data)| data.as_slice())
    }

    /// Lays the archive out: a whole number of pages.
    ///
    /// # Errors
    /// A path that no object name can be, or more than the format can hold.
    pub fn build(&self) -> Result<Vec<u8>, BuildError> {
        let mut folders = BTreeSet::new();
        for path in self.files.keys() {
            folders.extend(folders_of(path).filter(|folder| !folder.is_empty()));
        }
        let slots = ((self.files.len() + folders.len()) * 2).max(1).next_power_of_two();
        let paths_start = HEADER + self.files.len() * ENTRY + slots * SLOT;
        let paths_len: usize = self.files.keys().map(String::len).sum();
        let directory_pages = (paths_start + paths_len).div_ceil(PAGE);

        let (mut entries, mut paths, mut index) = (Vec::new(), Vec::new(), alloc::vec![0; slots]);
        if self.files.len() >= FOLDER {
            return Err(BuildError::TooLarge);
        }
        let mut page = directory_pages;
        for (number, (path, data)) in self.files.values().enumerate() {
            check_path(path)?;
            self.check_folders(path)?;
            let hash = fold::hash(path.as_bytes());
            put(&mut entries, hash as usize)?;
            put(&mut entries, paths_start + paths.len())?;
            put(&mut entries, path.len())?;
            put(&mut entries, page)?;
            put(&mut entries, data.len())?;
            paths.extend_from_slice(path.as_bytes());
            page += data.len().div_ceil(PAGE);
            insert(&mut index, hash, number + 1);
            for folder in folders_of(path) {
                // The first file in a folder stands for it.
                if folders.remove(folder.to_ascii_lowercase().as_str()) {
                    insert(&mut index, fold::hash(folder.as_bytes()), FOLDER | number);
                }
            }
        }
        if page.checked_mul(PAGE).is_none_or(|total| u32::try_from(total).is_err()) {
            return Err(BuildError::TooLarge);
        }

        let mut bytes = Vec::with_capacity(page * PAGE);
        bytes.extend_from_slice(&MAGIC);
        for field in [VERSION as usize, self.files.len(), slots, directory_pages, page, 0] {
            put(&mut bytes, field)?;
        }
        bytes.extend_from_slice(&entries);
        for slot in index {
            put(&mut bytes, slot)?;
        }
        bytes.extend_from_slice(&paths);
        pad(&mut bytes);
        for (_, data) in self.files.values() {
            bytes.extend_from_slice(data);
            pad(&mut bytes);
        }
        Ok(bytes)
    }

    fn check_folders(&self, path: &str) -> Result<(), BuildError> {
        let folded = path.to_ascii_lowercase();
        match folders_of(&folded).any(|folder| self.files.contains_key(folder)) {
            true => Err(BuildError::BelowFile(path.into())),
            false => Ok(()),
        }
    }
}

/// The folders that a path goes through, the root, which is empty, first.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('\\').filter_map(|(end, _)| path.get(..end))
}

fn check_path(path: &str) -> Result<(), BuildError> {
    let good = path.starts_with('\\') && !path.ends_with('\\') && !path.contains(['/', '\0']);
    if good { Ok(()) } else { Err(BuildError::Path(path.into())) }
}

fn put(bytes: &mut Vec<u8>, number: usize) -> Result<(), BuildError> {
    let number = u32::try_from(number).map_err(|_| BuildError::TooLarge)?;
    bytes.extend_from_slice(&number.to_le_bytes());
    Ok(())
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(PAGE), 0);
}

/// Puts what a slot says into the first free one from a hash on; half of the slots stay free.
fn insert(index: &mut [usize], hash: u32, content: usize) {
    let mask = index.len() - 1;
    let mut slot = hash as usize & mask;
    while index[slot] != 0 {
        slot = (slot + 1) & mask;
    }
    index[slot] = content;
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{path:?} cannot be a path in a boot archive"),
            Self::BelowFile(path) => write!(f, "{path} is below another file, which is no folder"),
            Self::TooLarge => f.write_str("the boot archive would be larger than 4 GiB"),
        }
    }
}

impl core::error::Error for BuildError {}
