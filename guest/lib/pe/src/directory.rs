//! Data directories ("Optional Header Data Directories").

use crate::error::{Fault, PeError};
use crate::header::Image;
use crate::rva::read_u32;

/// Size of a directory entry in bytes.
pub(crate) const ENTRY_LEN: usize = 8;
/// How many directories have a meaning.
pub(crate) const COUNT: usize = 16;

/// The directories this crate, or a loader, looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directory {
    /// Export table.
    Export = 0,
    /// Import table.
    Import = 1,
    /// Resource table.
    Resource = 2,
    /// Exception table: `.pdata`.
    Exception = 3,
    /// Base relocation table.
    Relocation = 5,
    /// Debug data.
    Debug = 6,
    /// Thread-local storage.
    Tls = 9,
    /// Load configuration.
    LoadConfig = 10,
    /// Import address table.
    ImportAddress = 12,
}

/// Where a directory is. It lies inside the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataDirectory {
    /// Where it begins.
    pub rva: u32,
    /// Its size in bytes.
    pub size: u32,
}

impl DataDirectory {
    /// Whether an RVA lies in it.
    pub fn contains(&self, rva: u32) -> bool {
        rva.checked_sub(self.rva).is_some_and(|skip| skip < self.size)
    }
}

impl Image<'_> {
    /// Where a directory is; `None` when the image has none.
    ///
    /// # Errors
    /// [`Fault::Directory`] when it does not lie inside the image.
    pub fn directory(&self, directory: Directory) -> Result<Option<DataDirectory>, PeError> {
        self.directory_by_number(directory as usize)
    }

    /// Where the directory of a number is, be it one that [`Directory`] names or not.
    ///
    /// # Errors
    /// As for [`Image::directory`].
    pub fn directory_by_number(&self, number: usize) -> Result<Option<DataDirectory>, PeError> {
        let Some(entry) = self.directories.get(number) else {
            return Ok(None);
        };
        let (rva, size) = match (read_u32(entry, 0), read_u32(entry, 4)) {
            (Some(rva), Some(size)) if rva != 0 && size != 0 => (rva, size),
            _ => return Ok(None),
        };
        match rva.checked_add(size) {
            Some(end) if end <= self.size_of_image() => Ok(Some(DataDirectory { rva, size })),
            _ => Err(PeError::at(Fault::Directory, rva)),
        }
    }
}
