//! The FAT volume of a drive as this program itself reads it, when it is the boot loader.

use std::sync::{Arc, Mutex, PoisonError};

use fat::Disk as FatDisk;
use nt::NtStatus;
use partition::Sectors;
use vm_memory::VolatileSlice;

use super::image::OpenDrive;
use crate::devices::virtio::block::{Disk, SECTOR};

/// A part of an open drive, for reading.
#[derive(Clone, Debug)]
pub(crate) struct DriveVolume {
    drive: Arc<Mutex<OpenDrive>>,
    start: u64,
    length: u64,
}

impl DriveVolume {
    /// The drive's first volume: its first partition, or all of it.
    ///
    /// # Errors
    /// When its partition table cannot be read.
    pub(crate) fn first_of(drive: OpenDrive) -> Result<Self, NtStatus> {
        let length = drive.size();
        let mut whole = Self { drive: Arc::new(Mutex::new(drive)), start: 0, length };
        let layout = partition::read(&mut whole)?;
        Ok(match layout.partitions.first() {
            Some(first) => {
                Self { start: first.first * SECTOR, length: first.sectors * SECTOR, ..whole.clone() }
            }
            None => whole,
        })
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), NtStatus> {
        let end = at.checked_add(buffer.len() as u64).filter(|&end| end <= self.length);
        end.ok_or(NtStatus::INVALID_PARAMETER)?;
        let mut drive = self.drive.lock().unwrap_or_else(PoisonError::into_inner);
        drive.read(&[VolatileSlice::from(buffer)], self.start + at).map_err(|_| NtStatus::IO_DEVICE_ERROR)
    }
}

impl Sectors for DriveVolume {
    type Error = NtStatus;

    fn sector_size(&self) -> usize {
        SECTOR as usize
    }

    fn sectors(&self) -> u64 {
        self.length / SECTOR
    }

    fn read(&mut self, first: u64, count: u32) -> Result<Vec<u8>, NtStatus> {
        let mut bytes = vec![0; count as usize * SECTOR as usize];
        self.read_at(first * SECTOR, &mut bytes)?;
        Ok(bytes)
    }
}

impl FatDisk for DriveVolume {
    fn length(&self) -> u64 {
        self.length
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), NtStatus> {
        self.read_at(at, buffer)
    }

    fn write(&mut self, _at: u64, _data: &[u8]) -> Result<(), NtStatus> {
        Err(NtStatus::MEDIA_WRITE_PROTECTED)
    }

    fn flush(&mut self) -> Result<(), NtStatus> {
        Ok(())
    }
}
