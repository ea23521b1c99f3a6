//! A hive that is part of the registry.

use alloc::vec::Vec;

use nt::NtStatus;
use regf::{EditError, Fault, HiveError, HiveMut, RecoverError, Recovery};

use super::memory::Memory;
use super::store::{Planned, Store};

/// A hive.
#[derive(Debug)]
pub struct Hive {
    /// Its keys.
    pub keys: HiveMut<Memory>,
    /// Its file.
    pub store: Store,
    /// A caller has loaded it, and may have it unloaded.
    pub is_loaded: bool,
}

/// Bins that a hive of the boot archive grows by before free cells are looked for: what a boot writes fits in one.
const GROWTH: u8 = 2;

impl Hive {
    /// A hive without a file, as it is in a part of the kernel image.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn volatile(template: &'static [u8]) -> Result<Self, NtStatus> {
        let keys = HiveMut::open(Memory::Archive(template)).map_err(status)?;
        Ok(Self { keys, store: Store::Volatile, is_loaded: false })
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
        let mut keys = match HiveMut::open(Memory::Archive(file)) {
            Ok(keys) => keys,
            Err(HiveError { fault: Fault::Dirty, .. }) => recovered(file, log())?,
            Err(_) => return Err(NtStatus::NOT_REGISTRY_FILE),
        };
        keys.hive().root().map_err(status)?;
        keys.grow_first(GROWTH);
        Ok(Self {
            keys,
            store: Store::Archive { path: path.into(), address: file.as_ptr().addr() },
            is_loaded: false,
        })
    }

    /// Takes a hive that was read from a file. Also says what is to be written to the file if its last flush did not
    /// come to its end.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(file: &[u8], log: &[u8], store: Store) -> Result<(Self, Vec<Planned>), NtStatus> {
        let mut repair = Vec::new();
        let image = match regf::recover(file, &[log]) {
            Ok(Recovery::Clean) => Memory::copy_of(file),
            Ok(Recovery::Replayed(recovered)) => {
                let image: Result<_, NtStatus> = recovered.repair(|step| {
                    repair.push(step.into());
                    Ok(())
                });
                Memory::copy_of(&image?)
            }
            Err(RecoverError::NoLog) => return Err(NtStatus::REGISTRY_CORRUPT),
            Err(_) => return Err(NtStatus::NOT_REGISTRY_FILE),
        };
        let keys = HiveMut::open(image.ok_or(NtStatus::INSUFFICIENT_RESOURCES)?).map_err(open_status)?;
        keys.hive().root().map_err(status)?;
        Ok((Self { keys, store, is_loaded: false }, repair))
    }

    /// Where its file lies in the boot archive, if it does.
    pub fn archived(&self) -> Option<usize> {
        match self.store {
            Store::Archive { address, .. } => Some(address),
            _ => None,
        }
    }

    /// Physical addresses of its pages.
    pub fn page_list(&self) -> Vec<u64> {
        self.keys.image().page_list(self.keys.bytes().len())
    }
}

/// A hive whose last flush did not come to its end.
fn recovered(file: &[u8], log: &[u8]) -> Result<HiveMut<Memory>, NtStatus> {
    let Ok(Recovery::Replayed(recovered)) = regf::recover(file, &[log]) else {
        return Err(NtStatus::REGISTRY_CORRUPT);
    };
    let memory = Memory::copy_of(recovered.bytes()).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
    HiveMut::open(memory).map_err(status)
}

/// What a caller is told of a file that is no hive.
fn open_status(_: HiveError) -> NtStatus {
    NtStatus::NOT_REGISTRY_FILE
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
