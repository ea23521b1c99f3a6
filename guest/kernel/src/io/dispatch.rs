//! What a device's driver does: one method for each kind of request.

use alloc::sync::Arc;
use core::fmt::Debug;

use nt::NtStatus;
use nt::file::created;

use super::device::Device;
use super::file::FileObject;
use super::share::Sharing;

/// What somebody who opens a file asks for.
#[derive(Debug)]
pub struct Create<'a> {
    /// The device.
    pub device: &'a Arc<Device>,
    /// The name behind the device's: empty for the device itself, else it begins with a backslash.
    pub name: &'a [u16],
    /// Access rights, without generic ones.
    pub access: u32,
    /// `nt::file::share`.
    pub share: u32,
    /// `nt::file::disposition`.
    pub disposition: u32,
    /// `nt::file::option`.
    pub options: u32,
}

impl Create<'_> {
    /// Opens the file of that number on its volume together with all others who have it open.
    ///
    /// # Errors
    /// SHARING_VIOLATION, INSUFFICIENT_RESOURCES.
    pub fn share(&self, file: u64) -> Result<Sharing, NtStatus> {
        Sharing::open(self.device, file, self.access, self.share)
    }
}

/// What a driver says of a file that it has opened.
#[derive(Debug, Default)]
pub struct Opened {
    /// `nt::file::created`.
    pub information: u64,
    /// The file's number on its volume; 0 for none.
    pub number: u64,
    /// Whether it is a folder.
    pub is_directory: bool,
    /// Its contents, if they lie in memory and never change.
    pub resident: Option<&'static [u8]>,
    /// That it is open, to those who open it later.
    pub sharing: Option<Sharing>,
}

impl Opened {
    /// A device that is no file.
    pub fn device() -> Self {
        Self { information: created::OPENED, ..Self::default() }
    }
}

/// A device's driver.
///
/// `create`, `query`, `set` and their kind run in the thread that asks, which may wait there.
pub trait Dispatch: Debug + Send + Sync {
    /// IRP_MJ_CREATE.
    ///
    /// # Errors
    /// What the caller of `NtCreateFile` is told.
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus>;

    /// IRP_MJ_CLEANUP: the last handle is gone.
    fn cleanup(&self, _file: &FileObject) {}
}
