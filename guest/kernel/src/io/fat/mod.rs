//! The FAT file system on volumes. What is on a disk, and what an operation does there, is the crate `fat`; here are its users:
//! who may open what, and the answers of NT.

mod change;
mod create;
mod disk;
mod gate;
mod image;
mod information;
mod mapped;
mod paging;
mod transfer;

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use fat::{Error, NodeId};
use hal::cell::KernelCell;
use nt::NtStatus;

use self::disk::VolumeDisk;
use self::gate::Gate;
use super::disk::Volume;
use super::dispatch::{Change, Create, Dispatch, FileInformation, Listed, Opened, VolumeInformation};
use super::file::FileObject;
use super::irp::{Irp, Outcome};
use crate::ke::clock;
use crate::mm::Extents;
use crate::mm::mapped::MappedFile;

/// All volumes that are mounted.
static MOUNTED: KernelCell<Vec<Arc<FileSystem>>> = KernelCell::new(Vec::new());

/// The file system on a volume.
#[derive(Debug)]
pub struct FileSystem {
    gate: Gate,
    volume: Arc<Volume>,
    /// For who keeps a file of it open: sections.
    own: Weak<FileSystem>,
}

/// Mounts a volume, if it is FAT. Waits.
///
/// # Errors
/// When it cannot be read.
pub fn mount(volume: &Arc<Volume>) -> Result<Option<Arc<dyn Dispatch>>, NtStatus> {
    let mounted = match fat::Volume::mount(alloc::boxed::Box::new(VolumeDisk::new(volume))) {
        Ok(mounted) => mounted,
        Err(Error::NotFat(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let file_system = Arc::new_cyclic(|own| FileSystem {
        gate: Gate::new(mounted),
        volume: volume.clone(),
        own: own.clone(),
    });
    MOUNTED.lock().push(file_system.clone());
    Ok(Some(file_system))
}

/// The system ends: everything goes to the disks, and the volumes are marked as not in use. Waits.
pub fn shutdown() {
    crate::mm::mapped::flush_all();
    let mounted = MOUNTED.lock().clone();
    for file_system in mounted {
        // A disk that does not take it has its say when it is checked.
        let _ = file_system.gate.with(|volume| volume.shut_down());
    }
}

impl FileSystem {
    fn node(file: &FileObject) -> NodeId {
        NodeId(file.context())
    }

    fn now() -> i64 {
        clock::system_time().cast_signed()
    }
}

impl Dispatch for FileSystem {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        self.open(create)
    }

    fn cleanup(&self, file: &FileObject) {
        self.close(file);
    }

    fn read(&self, irp: Irp) -> Outcome {
        self.read_file(&irp).into()
    }

    fn write(&self, irp: Irp) -> Outcome {
        self.write_file(&irp).into()
    }

    fn device_control(&self, irp: Irp) -> Outcome {
        self.control(&irp).into()
    }

    fn fs_control(&self, irp: Irp) -> Outcome {
        self.control(&irp).into()
    }

    fn flush(&self, file: &FileObject) -> Result<(), NtStatus> {
        match file.is_directory() {
            true => self.gate.with(|volume| volume.sync()),
            false => {
                self.flush_pages(Self::node(file), 0..u64::MAX)?;
                self.gate.with(|volume| volume.flush(Self::node(file)))
            }
        }
    }

    fn query(&self, file: &FileObject) -> Result<FileInformation, NtStatus> {
        self.information(file)
    }

    fn set(&self, file: &FileObject, change: Change) -> Result<(), NtStatus> {
        self.change(file, change)
    }

    fn list(&self, folder: &FileObject, position: u64) -> Result<Option<Listed>, NtStatus> {
        self.next_entry(folder, position)
    }

    fn volume(&self) -> Result<VolumeInformation, NtStatus> {
        self.volume_information()
    }

    fn map(&self, file: &FileObject) -> Result<Arc<MappedFile>, NtStatus> {
        self.map_file(file)
    }

    fn contents(&self, file: &FileObject) -> Result<(hal::dma::Block, usize), NtStatus> {
        self.load(file)
    }

    fn paging_file(&self, file: &FileObject, bytes: u64) -> Result<Extents, NtStatus> {
        self.make_paging_file(file, bytes)
    }
}
