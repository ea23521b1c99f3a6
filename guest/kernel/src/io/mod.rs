//! The I/O manager: drivers, devices, files.

mod archive;
mod create;
mod device;
mod dispatch;
mod file;
mod open;
mod share;

pub use device::{Device, Driver};
pub use file::FileObject;
pub use open::open_kernel;

use bootarchive::Archive;
use nt::{NtStatus, wide};

use crate::ob::namespace;

/// The services of this component.
pub mod services {
    pub use super::create::{create_file as NtCreateFile, open_file as NtOpenFile};
}

/// Makes the devices that are there from the start (spec/smss.md 1.0 K4).
///
/// # Errors
/// What the object manager says.
pub fn init(archive: Archive<'static>) -> Result<(), NtStatus> {
    for directory in [wide!(r"\Driver"), wide!(r"\FileSystem")] {
        namespace::create_directory(directory)?;
    }
    archive::init(archive)
}
