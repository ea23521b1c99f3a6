//! A hive that is part of the registry.

use alloc::vec::Vec;

use nt::NtStatus;
use regf::{EditError, Hive as Reader, HiveError, HiveMut, Parsed, Recovery};

use super::memory::Memory;
use super::store::Store;

/// A hive.
#[derive(Debug)]
pub struct Hive {
    /// Its keys.
    pub keys: HiveMut<Memory>,
    /// Its file.
    pub store: Store,
}

impl Hive {
    /// A hive without a file.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn volatile() -> Result<Self, NtStatus> {
        let keys = HiveMut::create_in(Memory::Empty, "", regf::FileTime(0)).map_err(edit_status)?;
        Ok(Self { keys, store: Store::Volatile })
    }

    /// Takes a hive file that stays where it is. One whose last flush did not come to its end is brought back
    /// with its log.
    ///
    /// # Errors
    /// NOT_REGISTRY_FILE; REGISTRY_CORRUPT if the log does not mend it; INSUFFICIENT_RESOURCES.
    pub fn open(file: &'static [u8], log: &[u8], path: &str) -> Result<Self, NtStatus> {
        let memory = match Reader::parse(file).map_err(|_| NtStatus::NOT_REGISTRY_FILE)? {
            Parsed::Clean(_) => Memory::Archive(file),
            Parsed::Dirty(_) => match regf::recover(file, &[log]) {
                Ok(Recovery::Clean) => Memory::Archive(file),
                Ok(Recovery::Replayed(recovered)) => {
                    Memory::copy_of(recovered.bytes()).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?
                }
                Err(_) => return Err(NtStatus::REGISTRY_CORRUPT),
            },
        };
        let keys = HiveMut::open(memory).map_err(status)?;
        keys.hive().root().map_err(status)?;
        Ok(Self { keys, store: Store::Archive(path.into()) })
    }
}

impl Hive {
    /// Brings all changes to its file.
    ///
    /// # Errors
    /// REGISTRY_IO_FAILED.
    pub fn flush(&mut self) -> Result<(), NtStatus> {
        self.store.flush(&mut self.keys)
    }

    /// Physical addresses of its pages.
    pub fn page_list(&self) -> Vec<u64> {
        self.keys.image().page_list(self.keys.bytes().len())
    }
}

/// What a caller is told of a damaged hive.
pub fn status(_: HiveError) -> NtStatus {
    NtStatus::REGISTRY_CORRUPT
}

/// What a caller is told of an edit that could not be made.
pub fn edit_status(error: EditError) -> NtStatus {
    match error {
        EditError::Damaged(error) => status(error),
        EditError::Name => NtStatus::OBJECT_NAME_INVALID,
        EditError::TooLarge | EditError::TooDeep => NtStatus::INVALID_PARAMETER,
        EditError::HasSubkeys | EditError::Protected => NtStatus::CANNOT_DELETE,
        _ => NtStatus::INSUFFICIENT_RESOURCES,
    }
}
