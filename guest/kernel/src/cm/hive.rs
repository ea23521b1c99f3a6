//! A hive that is part of the registry.

use alloc::vec::Vec;

use nt::NtStatus;
use regf::{EditError, Fault, HiveError, HiveMut, Recovery};

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
    /// A hive without a file, as it is in a part of the kernel image.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn volatile(template: &'static [u8]) -> Result<Self, NtStatus> {
        let keys = HiveMut::open(Memory::Archive(template)).map_err(status)?;
        Ok(Self { keys, store: Store::Volatile })
    }

    /// Takes a hive file that stays where it is. One whose last flush did not come to its end is brought back
    /// with its log.
    ///
    /// # Errors
    /// NOT_REGISTRY_FILE; REGISTRY_CORRUPT if the log does not mend it; INSUFFICIENT_RESOURCES.
    pub fn open(
        file: &'static [u8],
        log: impl FnOnce() -> &'static [u8],
        path: &str,
    ) -> Result<Self, NtStatus> {
        let keys = match HiveMut::open(Memory::Archive(file)) {
            Ok(keys) => keys,
            Err(HiveError { fault: Fault::Dirty, .. }) => {
                let Ok(Recovery::Replayed(recovered)) = regf::recover(file, &[log()]) else {
                    return Err(NtStatus::REGISTRY_CORRUPT);
                };
                let memory = Memory::copy_of(recovered.bytes()).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
                HiveMut::open(memory).map_err(status)?
            }
            Err(_) => return Err(NtStatus::NOT_REGISTRY_FILE),
        };
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
