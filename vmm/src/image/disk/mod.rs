//! Disk images with FAT volumes, edited without root: raw files, with an MBR or bare.

mod copy;
mod create;
mod file;
mod mbr;
mod system;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use fat::{Entry, Volume};

pub use create::{Partitioning, Plan};
pub use file::FileDisk;
use file::LastError;

use crate::error::Error;

/// 1970 in 100 ns since 1601.
const EPOCH: i64 = 116_444_736_000_000_000;

/// A FAT volume in an image file.
#[derive(Debug)]
pub struct DiskImage {
    path: PathBuf,
    volume: Volume,
    last_error: LastError,
}

/// A file or folder in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Path in the volume, with backslashes.
    pub path: String,
    /// Length in bytes.
    pub bytes: u32,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// When it was last written, in 100 ns since 1601.
    pub written: i64,
    /// `fat::attribute`.
    pub attributes: u8,
}

/// A host's time as NT has it.
fn nt_time(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| EPOCH + (since.as_nanos() / 100) as i64)
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The path as the volume has it, from how people write it: `C:\x`, `/x`, `x`.
pub fn volume_path(text: &str) -> String {
    let text = match text.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => &text[2..],
        _ => text,
    };
    let names = text.split(['\\', '/']).filter(|name| !name.is_empty());
    names.fold(String::new(), |path, name| path + "\\" + name)
}

impl DiskImage {
    /// Opens the volume of an image: the one that the image is, else the partition of that number, else the first
    /// one with a FAT volume.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read, [`Error::Usage`] when there is no such volume.
    pub fn open(path: &Path, partition: Option<u32>, writes: bool) -> Result<Self, Error> {
        let disk = FileDisk::open(path, writes)?;
        let entries =
            if partition.is_none() && disk.looks_like_volume() { Vec::new() } else { mbr::read(&disk)? };
        let mut last = None;
        let candidates: Vec<FileDisk> = match partition {
            Some(number) => entries
                .iter()
                .filter(|entry| entry.number == number)
                .map(|entry| disk.part(entry.first, entry.sectors))
                .collect(),
            None if entries.is_empty() => vec![disk.clone()],
            None => entries.iter().map(|entry| disk.part(entry.first, entry.sectors)).collect(),
        };
        for candidate in candidates {
            let last_error = candidate.last_error();
            match Volume::mount(Box::new(candidate)) {
                Ok(volume) => return Ok(Self { path: path.into(), volume, last_error }),
                Err(error) => last = Some(describe(path, "", error, &last_error)),
            }
        }
        let what = partition.map_or("no FAT volume in it".into(), |number| format!("no partition {number}"));
        Err(last.unwrap_or_else(|| Error::Usage(format!("{}: {what}", path.display()))))
    }

    fn fail(&self, what: &str, error: fat::Error) -> Error {
        describe(&self.path, what, error, &self.last_error)
    }

    /// The entry of a path.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is none.
    fn find(&mut self, path: &str) -> Result<Entry, Error> {
        self.volume.find(&wide(path)).map_err(|error| self.fail(path, error))
    }

    /// What is at a path: a file itself, a folder's entries, with `deep` all below it.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is nothing, or the volume is damaged.
    pub fn list(&mut self, path: &str, deep: bool) -> Result<Vec<Listed>, Error> {
        let entry = self.find(path)?;
        if !entry.is_folder() {
            return Ok(vec![listed(path.into(), &entry)]);
        }
        let (mut found, mut folders, mut seen) =
            (Vec::new(), vec![(path.to_owned(), entry.first)], Vec::new());
        while let Some((folder, first)) = folders.pop() {
            if seen.contains(&first) {
                return Err(self.fail(&folder, fat::Error::Corrupt("folder within itself")));
            }
            seen.push(first);
            let mut position = 0;
            while let Some((entry, next)) =
                self.volume.list(first, position).map_err(|error| self.fail(&folder, error))?
            {
                position = next;
                let name = String::from_utf16_lossy(&entry.name);
                if matches!(&name[..], "." | "..") {
                    continue;
                }
                let path = format!("{folder}\\{name}");
                if deep && entry.is_folder() {
                    folders.push((path.clone(), entry.first));
                }
                found.push(listed(path, &entry));
            }
        }
        Ok(found)
    }

    /// Brings everything to the file. A volume that has not been changed is left as it is.
    ///
    /// # Errors
    /// [`Error::Output`] when the file cannot be written.
    pub fn finish(mut self) -> Result<(), Error> {
        self.volume.shut_down().map_err(|error| self.fail("", error))
    }
}

fn listed(path: String, entry: &Entry) -> Listed {
    Listed {
        path,
        bytes: entry.size,
        is_folder: entry.is_folder(),
        written: entry.written,
        attributes: entry.attributes,
    }
}

/// Says what went wrong with which path of which image.
fn describe(image: &Path, what: &str, error: fat::Error, last_error: &LastError) -> Error {
    let place = match what {
        "" => image.display().to_string(),
        what => format!("{}: {what}", image.display()),
    };
    let text = match error {
        fat::Error::Disk(status) => {
            let taken = last_error.lock().ok().and_then(|mut last| last.take());
            return match taken {
                Some(source) => Error::Output { path: place, source },
                None => Error::Usage(format!("{place}: the disk ends before ({:#010x})", status.0)),
            };
        }
        fat::Error::NotFat(what) => format!("no FAT volume: {what}"),
        fat::Error::Corrupt(what) => format!("the volume is damaged ({what}); fsck.fat mends it"),
        fat::Error::NameInvalid => "no file may have that name".into(),
        fat::Error::NotFound => "there is no such file".into(),
        fat::Error::PathNotFound => "a folder on the way is not there".into(),
        fat::Error::Exists => "it exists".into(),
        fat::Error::Full => "no room for it on the volume".into(),
        fat::Error::NotAFolder => "it is a file".into(),
        fat::Error::IsAFolder => "it is a folder".into(),
        fat::Error::AccessDenied | fat::Error::CannotDelete => "it cannot be replaced: read-only".into(),
        fat::Error::WriteProtected => "it cannot be written".into(),
        fat::Error::NoMemory => return Error::Internal("no memory for a disk image"),
        fat::Error::NotEmpty | fat::Error::DeletePending | fat::Error::InItself | fat::Error::NotOpen => {
            return Error::Internal("a file of a disk image in an impossible state");
        }
    };
    Error::Usage(format!("{place}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_in_many_ways() {
        for (text, path) in [
            (r"\Windows\x.exe", r"\Windows\x.exe"),
            ("/Windows/x.exe", r"\Windows\x.exe"),
            (r"C:\a b", r"\a b"),
            ("a", r"\a"),
            (r"\", ""),
            ("", ""),
            ("d://x/", r"\x"),
        ] {
            assert_eq!(volume_path(text), path);
        }
    }
}
