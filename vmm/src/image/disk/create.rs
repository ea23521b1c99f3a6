//! New images.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::SystemTime;

use fat::{Disk as _, Format, Kind};

use super::file::FileDisk;
use super::{describe, mbr, nt_time};
use crate::error::Error;

/// What is in front of the volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Partitioning {
    /// Nothing: the image is the volume.
    #[default]
    None,
    /// A master boot record with one partition.
    Mbr,
}

/// What a new image is to be like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Bytes of the file.
    pub size: u64,
    /// FAT12, FAT16 or FAT32; by size otherwise.
    pub kind: Option<Kind>,
    /// Bytes of a cluster; by size otherwise.
    pub cluster: Option<u64>,
    /// Label.
    pub label: Option<String>,
    /// Serial number of the volume; by the time otherwise.
    pub serial: Option<u32>,
    /// What is in front of the volume.
    pub partitioning: Partitioning,
    /// Whether a file of that name may go.
    pub replace: bool,
}

impl Plan {
    /// Makes the image. What it does not use takes no room on the host.
    ///
    /// # Errors
    /// [`Error::Usage`] for sizes that no such volume has, [`Error::Output`] when the file cannot be written.
    pub fn create(&self, path: &Path) -> Result<(), Error> {
        let format = self.format(path)?;
        let fail = |source| Error::Output { path: path.display().to_string(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).create_new(!self.replace).truncate(self.replace);
        let file = options.open(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::Usage(format!("{} exists; --force replaces it", path.display()))
            }
            _ => fail(source),
        })?;
        let made = file.set_len(self.size).map_err(fail).and_then(|()| {
            let disk = FileDisk::new(file, self.size, true);
            self.fill(path, disk, &format)
        });
        if made.is_err() {
            // Half an image helps nobody; what goes wrong with taking it away says nothing new.
            let _ = std::fs::remove_file(path);
        }
        made
    }

    fn format(&self, path: &Path) -> Result<Format, Error> {
        let wrong = |what: String| Err(Error::Usage(format!("{}: {what}", path.display())));
        let now = nt_time(SystemTime::now());
        let label = match &self.label {
            None => None,
            Some(text) => match Format::label(text) {
                Some(label) => Some(label),
                None => {
                    return wrong(format!(
                        "{text:?} is no label: up to 11 characters, none of \"*+,./:;<=>?[\\]|"
                    ));
                }
            },
        };
        let cluster = match self.cluster {
            None => None,
            Some(bytes) if bytes.is_power_of_two() && (512..=0x1_0000).contains(&bytes) => {
                Some((bytes / 512) as u32)
            }
            Some(bytes) => {
                return wrong(format!("clusters have 512 bytes to 64 KiB, a power of two, not {bytes}"));
            }
        };
        let hidden = if self.partitioning == Partitioning::Mbr { mbr::FIRST as u32 } else { 0 };
        // 10 ms apart, serial numbers differ.
        let serial = self.serial.unwrap_or((now / 100_000) as u32);
        Ok(Format { kind: self.kind, cluster, label, serial, hidden, now })
    }

    fn fill(&self, path: &Path, disk: FileDisk, format: &Format) -> Result<(), Error> {
        let fail = |error, disk: &FileDisk| describe(path, "", error, &disk.last_error());
        let sectors = disk.length() / 512;
        let mut part = match self.partitioning {
            Partitioning::None => disk.clone(),
            Partitioning::Mbr => disk.part(mbr::FIRST, sectors.saturating_sub(mbr::FIRST)),
        };
        fat::format(&mut part, format).map_err(|error| fail(error, &part))?;
        if self.partitioning == Partitioning::Mbr {
            let mut boot = [0; 512];
            part.read(0, &mut boot).map_err(|status| fail(fat::Error::Disk(status), &part))?;
            let kind =
                match fat::Geometry::parse(&boot, part.length()).map_err(|error| fail(error, &part))?.kind {
                    Kind::Fat12 => 0x01,
                    Kind::Fat16 => 0x0E,
                    Kind::Fat32 => 0x0C,
                };
            let sectors = u32::try_from(part.length() / 512).unwrap_or(u32::MAX);
            let mut disk = disk;
            let record = mbr::with_one(sectors, kind, format.serial ^ 0x5A5A_5A5A);
            disk.write(0, &record).map_err(|status| fail(fat::Error::Disk(status), &disk))?;
        }
        Ok(())
    }
}
