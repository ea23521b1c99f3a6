//! An image file, opened and locked. Data go between it and guest memory by `preadv` and `pwritev`, without a copy.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;

use imago::io_buffers::{IoVector, IoVectorMut};
use imago::qcow2::Qcow2;
use imago::raw::Raw;
use imago::{DenyImplicitOpenGate, FormatAccess, FormatDriverBuilder};
use vm_memory::VolatileSlice;

use super::header::{self, HeaderError};
use super::spec::{DriveSpec, Format};
use crate::devices::virtio::block::{Disk, ID_LEN, SECTOR};

/// A drive that there cannot be.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The file cannot be opened.
    #[error("cannot open it: {0}")]
    Open(io::Error),
    /// Somebody else writes to it, or reads what this drive would write to.
    #[error("it is in use by another virtual machine or drive")]
    InUse,
    /// It is no such image.
    #[error("it is no {0:?} image that can be used: {1}")]
    Format(Format, io::Error),
    /// A qcow2 image that is not used, and why.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// There is no sector.
    #[error("it has less than one sector of {SECTOR} bytes")]
    Empty,
}

/// An image, opened.
#[derive(Debug)]
pub struct OpenDrive {
    pub(super) access: FormatAccess<imago::file::File>,
    pub(super) format: Format,
    size: u64,
}

impl OpenDrive {
    /// Opens the image of a drive, and locks it: one writer, or any number of readers.
    ///
    /// # Errors
    /// [`DriveError`].
    pub fn open(spec: &DriveSpec) -> Result<Self, DriveError> {
        let file = OpenOptions::new().read(true).write(!spec.read_only).open(&spec.path);
        let file = file.map_err(DriveError::Open)?;
        if file.metadata().map_err(DriveError::Open)?.is_dir() {
            return Err(DriveError::Open(io::ErrorKind::IsADirectory.into()));
        }
        lock(&file, spec.read_only)?;
        if spec.format == Format::Qcow2 {
            header::check(&file)?;
        }
        let access = Self::access(file, spec).map_err(|error| DriveError::Format(spec.format, error))?;
        // A sector that is not whole cannot be read or written.
        let size = access.size() / SECTOR * SECTOR;
        if size == 0 {
            return Err(DriveError::Empty);
        }
        Ok(Self { access, format: spec.format, size })
    }

    fn access(file: File, spec: &DriveSpec) -> io::Result<FormatAccess<imago::file::File>> {
        let file = imago::file::File::try_from(file)?;
        let write = !spec.read_only;
        // An image that names other files does not get them: it may come from anywhere.
        let gate = DenyImplicitOpenGate::default();
        Ok(match spec.format {
            Format::Raw => FormatAccess::new(Raw::builder(file).write(write).open(gate)?),
            Format::Qcow2 => {
                FormatAccess::new(Qcow2::<imago::file::File>::builder(file).write(write).open(gate)?)
            }
        })
    }
}

/// What the guest is told as the serial number.
pub(crate) fn id(serial: &str) -> [u8; ID_LEN] {
    let mut id = [0; ID_LEN];
    id.iter_mut().zip(serial.bytes()).for_each(|(to, from)| *to = from);
    id
}

/// The lock goes with the file.
fn lock(file: &File, read_only: bool) -> Result<(), DriveError> {
    let result = if read_only { file.try_lock_shared() } else { file.try_lock() };
    match result {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(DriveError::InUse),
        // A file system without locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(DriveError::Open(error)),
    }
}

impl Disk for OpenDrive {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, into: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        let (vector, _guard) = IoVectorMut::from_volatile_slice(into);
        self.access.readv(vector, offset)
    }

    fn write(&mut self, from: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        let (vector, _guard) = IoVector::from_volatile_slice(from);
        self.access.writev(vector, offset)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.access.flush()?;
        self.access.sync()
    }

    fn discard(&mut self, offset: u64, len: u64) -> io::Result<()> {
        self.give_back(offset, len)
    }

    fn write_zeroes(&mut self, offset: u64, len: u64, unmap: bool) -> io::Result<()> {
        self.clear(offset, len, unmap)
    }
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
