//! A raw image file, or a part of one, as a disk.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use fat::Disk;
use nt::NtStatus;
use vmm_sys_util::fallocate::{FallocateMode, fallocate};

use crate::error::Error;

/// Why the last transfer failed.
pub type LastError = Arc<Mutex<Option<io::Error>>>;

/// What a qcow2 image begins with.
const QCOW2: [u8; 4] = *b"QFI\xFB";

/// A part of an image file.
#[derive(Clone, Debug)]
pub struct FileDisk {
    file: Arc<File>,
    start: u64,
    length: u64,
    writes: bool,
    last_error: LastError,
}

impl FileDisk {
    /// All of an image file.
    ///
    /// # Errors
    /// [`Error::Input`], [`Error::Output`] for one that cannot be written, [`Error::Usage`] for a qcow2 image.
    pub fn open(path: &Path, writes: bool) -> Result<Self, Error> {
        let fail = |source| match writes {
            true => Error::Output { path: path.display().to_string(), source },
            false => Error::Input { path: path.display().to_string(), source },
        };
        let file = OpenOptions::new().read(true).write(writes).open(path).map_err(fail)?;
        let length = file.metadata().map_err(fail)?.len();
        let disk = Self::new(file, length, writes);
        let mut magic = [0; 4];
        if disk.file.read_exact_at(&mut magic, 0).is_ok() && magic == QCOW2 {
            let path = path.display();
            return Err(Error::Usage(format!(
                "{path} is a qcow2 image; only raw ones are edited: qemu-img convert -O raw {path} disk.img"
            )));
        }
        Ok(disk)
    }

    /// All of an open file.
    pub(super) fn new(file: File, length: u64, writes: bool) -> Self {
        Self { file: Arc::new(file), start: 0, length, writes, last_error: LastError::default() }
    }

    /// A part of it, in sectors of 512 bytes, as far as it goes.
    pub(super) fn part(&self, first: u64, sectors: u64) -> Self {
        let start = (self.start + first * 512).min(self.start + self.length);
        let length = (sectors * 512).min(self.start + self.length - start);
        Self { start, length, ..self.clone() }
    }

    /// Why the last transfer failed, for who has to tell.
    pub(super) fn last_error(&self) -> LastError {
        self.last_error.clone()
    }

    /// Whether it begins as a FAT volume does, not as a disk with partitions does.
    pub(super) fn looks_like_volume(&self) -> bool {
        let mut boot = [0; 512];
        self.file.read_exact_at(&mut boot, self.start).is_ok()
            && fat::Geometry::parse(&boot, self.length).is_ok()
    }

    /// The first sector.
    pub(super) fn first_sector(&self) -> io::Result<[u8; 512]> {
        let mut sector = [0; 512];
        self.file.read_exact_at(&mut sector, self.start).map(|()| sector)
    }

    fn told(&self, result: io::Result<()>) -> Result<(), NtStatus> {
        result.map_err(|error| {
            if let Ok(mut last) = self.last_error.lock() {
                *last = Some(error);
            }
            NtStatus::IO_DEVICE_ERROR
        })
    }

    fn check(&self, at: u64, length: usize) -> Result<u64, NtStatus> {
        let end = at.checked_add(length as u64).filter(|&end| end <= self.length);
        end.map(|_| self.start + at).ok_or(NtStatus::INVALID_PARAMETER)
    }
}

impl Disk for FileDisk {
    fn length(&self) -> u64 {
        self.length
    }

    fn is_read_only(&self) -> bool {
        !self.writes
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), NtStatus> {
        let at = self.check(at, buffer.len())?;
        self.told(self.file.read_exact_at(buffer, at))
    }

    fn write(&mut self, at: u64, data: &[u8]) -> Result<(), NtStatus> {
        let at = self.check(at, data.len())?;
        self.told(self.file.write_all_at(data, at))
    }

    fn zero(&mut self, at: u64, length: u64) -> Result<(), NtStatus> {
        let place = self.check(at, usize::try_from(length).unwrap_or(usize::MAX))?;
        // A hole reads as zeros and takes no room. Not every file system has them.
        if fallocate(&*self.file, FallocateMode::PunchHole, true, place, length).is_ok() {
            return Ok(());
        }
        let zeros = vec![0; length.min(1 << 20) as usize];
        let mut done = 0;
        while done < length {
            let now = (length - done).min(zeros.len() as u64) as usize;
            self.write(at + done, &zeros[..now])?;
            done += now as u64;
        }
        Ok(())
    }

    fn can_discard(&self) -> bool {
        true
    }

    fn discard(&mut self, at: u64, length: u64) -> Result<(), NtStatus> {
        let place = self.check(at, usize::try_from(length).unwrap_or(usize::MAX))?;
        // Where there are no holes, it keeps its room.
        let _ = fallocate(&*self.file, FallocateMode::PunchHole, true, place, length);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), NtStatus> {
        self.told(self.file.sync_data())
    }
}
