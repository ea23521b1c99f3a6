//! Where a hive's file is, and what a flush means there.

use alloc::string::String;

use nt::NtStatus;
use regf::HiveMut;

use super::memory::Memory;

/// A hive's file.
#[derive(Debug)]
pub enum Store {
    /// None: it goes when the system does.
    Volatile,
    /// In the boot archive, by its path. Nothing can be written there: the monitor saves the hive as it is when the
    /// system has stopped, and as it is in memory it is whole and clean after every change.
    Archive(String),
}

impl Store {
    /// Brings all changes to the file.
    ///
    /// # Errors
    /// REGISTRY_IO_FAILED.
    pub fn flush(&mut self, _keys: &mut HiveMut<Memory>) -> Result<(), NtStatus> {
        match self {
            Self::Volatile | Self::Archive(_) => Ok(()),
        }
    }

    /// The file's path.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Volatile => None,
            Self::Archive(path) => Some(path),
        }
    }
}
