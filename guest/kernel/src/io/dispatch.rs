//! What a device's driver does: one method for each kind of request.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;

use iocore::Times;
use nt::NtStatus;
use nt::file::created;

use super::device::Device;
use super::file::FileObject;
use super::irp::{Irp, Outcome};
use super::pending::Ticket;
use super::share::Sharing;
use crate::mm::Extents;
use crate::mm::mapped::MappedFile;

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
    /// `nt::file::attribute`, of a file that is made.
    pub attributes: u32,
    /// Bytes that a file that is made, or emptied, is going to take.
    pub allocation: u64,
}

impl Create<'_> {
    /// Opens the file of that number on its volume together with all others who have it open.
    ///
    /// # Errors
    /// SHARING_VIOLATION, INSUFFICIENT_RESOURCES.
    pub fn share(&self, file: u64) -> Result<Sharing, NtStatus> {
        self.share_as(file, self.access)
    }

    /// The same with other access than what was asked for.
    ///
    /// # Errors
    /// As [`Create::share`].
    pub fn share_as(&self, file: u64, access: u32) -> Result<Sharing, NtStatus> {
        Sharing::open(self.device, file, access, self.share)
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
    /// What the driver knows it by.
    pub context: u64,
}

impl Opened {
    /// A device that is no file.
    pub fn device() -> Self {
        Self { information: created::OPENED, ..Self::default() }
    }
}

/// What a file is like.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileInformation {
    /// Its times.
    pub times: Times,
    /// Its length in bytes.
    pub end_of_file: u64,
    /// Bytes that it takes on its volume.
    pub allocation: u64,
    /// `nt::file::attribute`.
    pub attributes: u32,
    /// How many names it has.
    pub links: u32,
    /// Whether it goes with its last handle.
    pub delete_pending: bool,
}

/// What of a file is to change.
#[derive(Debug)]
pub enum Change {
    /// Times (0 and -1: as they are) and attributes (0: as they are).
    Basic(Times, u32),
    /// Whether it goes with its last handle.
    Delete(bool),
    /// Its name.
    Rename {
        /// The new name, behind the device's.
        name: Vec<u16>,
        /// Whether a file of that name may go.
        replace: bool,
    },
    /// Its length in bytes.
    EndOfFile(u64),
    /// Bytes that it takes on its volume.
    Allocation(u64),
}

/// An entry of a folder.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub name: Vec<u16>,
    /// Its number on its volume.
    pub number: u64,
    /// What it is like.
    pub information: FileInformation,
    /// Where the listing goes on.
    pub next: u64,
}

/// What a volume is like.
#[derive(Debug)]
pub struct VolumeInformation {
    /// The file system.
    pub file_system: &'static str,
    /// FILE_CASE_PRESERVED_NAMES and its kind.
    pub attributes: u32,
    /// Longest name of a file, in UTF-16 units.
    pub longest_name: u32,
    /// The volume's label.
    pub label: Vec<u16>,
    /// The volume's serial number.
    pub serial: u32,
    /// When it was made, in 100 ns since 1601.
    pub created: i64,
    /// Allocation units in all, and free ones.
    pub units: [u64; 2],
    /// Sectors of a unit.
    pub sectors_per_unit: u32,
    /// Bytes of a sector.
    pub bytes_per_sector: u32,
}

/// A device's driver. A request that it does not know ends with INVALID_DEVICE_REQUEST.
pub trait Dispatch: Debug + Send + Sync {
    /// IRP_MJ_CREATE.
    ///
    /// # Errors
    /// What the caller of `NtCreateFile` is told.
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus>;

    /// IRP_MJ_CLEANUP: the last handle is gone.
    fn cleanup(&self, _file: &FileObject) {}

    /// Whether data to be written is captured for the driver.
    fn takes_data(&self) -> bool {
        true
    }

    /// Whether reads and writes of a file come with the caller's pages instead of copies (DO_DIRECT_IO). What is
    /// read goes there before the request is answered, and the answer has no output.
    fn direct(&self, _file: &FileObject) -> bool {
        false
    }

    /// IRP_MJ_READ.
    fn read(&self, _irp: Irp) -> Outcome {
        NtStatus::INVALID_DEVICE_REQUEST.into()
    }

    /// IRP_MJ_WRITE.
    fn write(&self, _irp: Irp) -> Outcome {
        NtStatus::INVALID_DEVICE_REQUEST.into()
    }

    /// IRP_MJ_DEVICE_CONTROL.
    fn device_control(&self, _irp: Irp) -> Outcome {
        NtStatus::INVALID_DEVICE_REQUEST.into()
    }

    /// IRP_MJ_FILE_SYSTEM_CONTROL.
    fn fs_control(&self, _irp: Irp) -> Outcome {
        NtStatus::INVALID_DEVICE_REQUEST.into()
    }

    /// Gives up a request that the driver has kept, if nobody is at it: it is answered with CANCELLED.
    fn cancel(&self, _ticket: &Ticket) {}

    /// IRP_MJ_FLUSH_BUFFERS.
    ///
    /// # Errors
    /// What the caller is told.
    fn flush(&self, _file: &FileObject) -> Result<(), NtStatus> {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    }

    /// IRP_MJ_QUERY_INFORMATION.
    ///
    /// # Errors
    /// What the caller is told.
    fn query(&self, _file: &FileObject) -> Result<FileInformation, NtStatus> {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    }

    /// IRP_MJ_SET_INFORMATION.
    ///
    /// # Errors
    /// What the caller is told.
    fn set(&self, _file: &FileObject, _change: Change) -> Result<(), NtStatus> {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    }

    /// The data of a file, to be mapped by all who want them.
    ///
    /// # Errors
    /// INVALID_FILE_FOR_SECTION for what has no contents; what the caller of `NtCreateSection` is told.
    fn map(&self, _file: &FileObject) -> Result<Arc<MappedFile>, NtStatus> {
        Err(NtStatus::INVALID_FILE_FOR_SECTION)
    }

    /// A copy of a file, with zeros behind it to the end of its last page, and its length: for images that do not lie in memory.
    ///
    /// # Errors
    /// INVALID_FILE_FOR_SECTION for what has no contents; what the caller of `NtCreateSection` is told.
    fn contents(&self, _file: &FileObject) -> Result<(hal::dma::Block, usize), NtStatus> {
        Err(NtStatus::INVALID_FILE_FOR_SECTION)
    }

    /// Makes a file a paging file of that many bytes: its contents are the memory manager's business, and it stays where it is for as
    /// long as it is open. Says where that is.
    ///
    /// # Errors
    /// INVALID_DEVICE_REQUEST for what is no file; DISK_FULL; what the caller of `NtCreatePagingFile` is told.
    fn paging_file(&self, _file: &FileObject, _bytes: u64) -> Result<Extents, NtStatus> {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    }

    /// IRP_MJ_DIRECTORY_CONTROL: the entry of a folder at a position, 0 at first; nothing behind the last one.
    ///
    /// # Errors
    /// What the caller is told.
    fn list(&self, _folder: &FileObject, _position: u64) -> Result<Option<Listed>, NtStatus> {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    }

    /// IRP_MJ_QUERY_VOLUME_INFORMATION.
    ///
    /// # Errors
    /// What the caller is told.
    fn volume(&self) -> Result<VolumeInformation, NtStatus> {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    }
}
