//! A system on a disk: put there, and read from there as a boot loader does.

use std::time::SystemTime;

use bootarchive::Archive;
use bootarchive::write::Builder;
use fat::Volume;

use super::{DiskImage, describe, nt_time};
use crate::drives::{DriveSpec, DriveVolume, OpenDrive};
use crate::error::Error;
use crate::image::Image;

/// The folder of the system, on a volume and in an archive.
const ON_VOLUME: &str = r"\Windows";
const IN_ARCHIVE: &str = r"\SystemRoot";
/// The kernel.
const KERNEL: &str = r"\Windows\System32\ntoskrnl.exe";
/// What the kernel needs before it can read from the disk: the hive SYSTEM, and its log.
const EARLY: [&str; 2] = [r"\System32\config\SYSTEM", r"\System32\config\SYSTEM.LOG1"];
/// A folder that programs expect.
const TEMP: &str = r"\Windows\Temp";

impl DiskImage {
    /// Puts all of an image's files on the volume, so that it boots.
    ///
    /// # Errors
    /// [`Error::Usage`] for an image whose archive is damaged, and when the volume cannot take it.
    pub fn install(&mut self, image: &Image) -> Result<(), Error> {
        let now = nt_time(SystemTime::now());
        let archive = Archive::parse(image.archive.as_deref().unwrap_or_default())
            .map_err(|error| Error::Usage(format!("{}: {error}", image.archive_name)))?;
        for file in archive.files() {
            self.put(&on_volume(file.path()), file.data(), now)?;
        }
        self.put(KERNEL, &image.kernel, now)?;
        self.make_folder(TEMP)
    }

    /// The first volume of a drive, to be read.
    ///
    /// # Errors
    /// [`Error::Drive`] when the drive cannot be used, [`Error::Usage`] when there is no FAT volume.
    pub fn of_drive(spec: &DriveSpec) -> Result<Self, Error> {
        let reading = DriveSpec { read_only: true, ..spec.clone() };
        let drive = OpenDrive::open(&reading).map_err(|source| Error::Drive {
            letter: spec.letter,
            path: spec.path.display().to_string(),
            source,
        })?;
        let fail = |error| describe(&spec.path, "", error, &Default::default());
        let volume = DriveVolume::first_of(drive).map_err(|status| fail(fat::Error::Disk(status)))?;
        let volume = Volume::mount(Box::new(volume)).map_err(fail)?;
        Ok(Self { path: spec.path.clone(), volume, last_error: Default::default() })
    }

    /// The kernel of the system on the volume, and an archive of what it needs before it can read the rest from there.
    /// No file of it may have more than `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is no system or the volume is damaged.
    pub fn system(&mut self, limit: u64) -> Result<Image, Error> {
        let name = self.path.display().to_string();
        let none = || {
            Error::Usage(format!(
                "{name}: there is no system on its first volume; smvm image create --system makes a disk with one"
            ))
        };
        let kernel = self.contents(KERNEL, limit)?.ok_or_else(none)?;
        let mut builder = Builder::new();
        for path in EARLY {
            if let Some(bytes) = self.contents(&format!("{ON_VOLUME}{path}"), limit)? {
                builder.add(format!("{IN_ARCHIVE}{path}"), bytes);
            }
        }
        if builder.get(&format!("{IN_ARCHIVE}{}", EARLY[0])).is_none() {
            return Err(none());
        }
        let archive = builder.build().map_err(|error| Error::Usage(format!("{name}: {error}")))?;
        let own = Image::embedded();
        Ok(Image {
            // A disk that this program has made has the kernel whose functions it knows.
            symbols: if kernel == *own.kernel { own.symbols } else { Default::default() },
            kernel_name: format!("{name}: {KERNEL}"),
            kernel: kernel.into(),
            archive_name: name.clone(),
            archive: Some(archive.into()),
        })
    }

    /// The bytes of a file, if there is one.
    fn contents(&mut self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let entry = match self.volume.find(&super::wide(path)) {
            Ok(entry) => entry,
            Err(fat::Error::NotFound | fat::Error::PathNotFound) => return Ok(None),
            Err(error) => return Err(self.fail(path, error)),
        };
        if u64::from(entry.size) > limit {
            let image = self.path.display();
            return Err(Error::Usage(format!(
                "{image}: {path} is larger than the guest's memory of {limit} bytes"
            )));
        }
        let mut bytes = vec![0; entry.size as usize];
        self.with_open(path, &entry, |disk, id| {
            let read = disk.volume.read(id, 0, &mut bytes).map_err(|error| disk.fail(path, error))?;
            match read == bytes.len() {
                true => Ok(()),
                false => Err(disk.fail(path, fat::Error::Corrupt("file shorter than its size"))),
            }
        })?;
        Ok(Some(bytes))
    }
}

/// Where a file of the archive is on a volume.
fn on_volume(path: &str) -> String {
    match path.split_at_checked(IN_ARCHIVE.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(IN_ARCHIVE) && rest.starts_with('\\') => {
            format!("{ON_VOLUME}{rest}")
        }
        _ => path.into(),
    }
}
