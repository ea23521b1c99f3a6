//! The I/O manager: drivers, devices, files.

mod archive;
mod asker;
mod by_name;
mod control;
mod create;
mod device;
pub mod disk;
mod dispatch;
mod fat;
mod file;
pub mod interrupt;
mod irp;
mod list;
mod load;
mod loopback;
mod null;
mod open;
mod parallel;
mod pending;
mod query;
mod resident;
mod serial;
mod set;
mod share;
mod transfer;
mod volume;
mod whole;

pub use device::{Device, Driver};
pub use file::FileObject;
pub use open::{How, check_folder, open_by_kernel, open_kernel};
pub use pending::thread_ended;
pub use resident::resident;
pub use whole::{file_of, flush, length, read, write};

use alloc::sync::Arc;

use bootarchive::Archive;
use hal::cell::KernelCell;
use nt::types::Handle;
use nt::{NtStatus, wide};

use crate::ke::sched;
use crate::ob::{Body, namespace};

/// The services of this component.
pub mod services {
    pub use super::by_name::{
        delete as NtDeleteFile, query_attributes as NtQueryAttributesFile,
        query_full_attributes as NtQueryFullAttributesFile,
    };
    pub use super::control::{
        cancel as NtCancelIoFile, device_control as NtDeviceIoControlFile, flush as NtFlushBuffersFile,
        fs_control as NtFsControlFile,
    };
    pub use super::create::{create_file as NtCreateFile, open_file as NtOpenFile};
    pub use super::list::query as NtQueryDirectoryFile;
    pub use super::load::{load as NtLoadDriver, unload as NtUnloadDriver};
    pub use super::query::query as NtQueryInformationFile;
    pub use super::set::set as NtSetInformationFile;
    pub use super::transfer::{read as NtReadFile, write as NtWriteFile};
    pub use super::volume::query as NtQueryVolumeInformationFile;
}

/// What the command line says of serial and of parallel ports.
static ANNOUNCED: KernelCell<[Option<&'static str>; 2]> = KernelCell::new([None; 2]);

/// The command line says which serial ports there are ([`nt::platform::OPTION_COM`]). What it says first counts.
pub fn announce_serial(ports: &'static str) {
    ANNOUNCED.lock()[0].get_or_insert(ports);
}

/// The command line says which parallel ports there are ([`nt::platform::OPTION_LPT`]). What it says first counts.
pub fn announce_parallel(ports: &'static str) {
    ANNOUNCED.lock()[1].get_or_insert(ports);
}

/// Makes the devices of the machine.
///
/// # Errors
/// What the object manager and the configuration manager say.
pub fn find_devices() -> Result<(), NtStatus> {
    let [serial, parallel] =
        ANNOUNCED.lock().map(|announced| announced.filter(|&ports| ports != nt::platform::PROBE));
    serial::init(serial)?;
    parallel::init(parallel)
}

/// Makes the devices that are there from the start (spec/smss.md 1.0 K4).
///
/// # Errors
/// What the object manager says.
pub fn init(archive: Archive<'static>) -> Result<(), NtStatus> {
    for directory in [wide!(r"\Driver"), wide!(r"\FileSystem")] {
        namespace::create_directory(directory)?;
    }
    null::init()?;
    archive::init(archive)
}

/// The system ends: what file systems keep goes to their disks. Waits.
pub fn shutdown() {
    fat::shutdown();
}

/// An open file, and what the handle that led to it grants.
struct Opener {
    file: Arc<FileObject>,
    access: u32,
}

/// The file that a handle of the current process stands for; the handle must grant all the access.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED.
fn opener(handle: Handle, access: u32) -> Result<Opener, NtStatus> {
    let thread = sched::current();
    let handles = thread.process().handles().lock();
    let entry = handles.get(handle.0)?;
    match entry.object.body() {
        Some(Body::File(_)) if entry.access & access != access => Err(NtStatus::ACCESS_DENIED),
        Some(Body::File(file)) => Ok(Opener { file: file.clone(), access: entry.access }),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}
