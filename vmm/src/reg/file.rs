//! Reading a hive file, with its logs, and replacing it.

use std::convert::Infallible;
use std::fs::{File, Metadata};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use regf::{BaseBlock, FileTime, Hive, HiveMut, Parsed, RecoverError, Recovery, recover, verify};
use tempfile::{NamedTempFile, PersistError};

use crate::error::Error;

/// The largest `.reg` text that is read, in bytes.
pub const TEXT_LIMIT: u64 = 256 << 20;

/// The largest hive, in bytes.
const HIVE_LIMIT: u64 = (2 << 30) + 4096;

/// What the names of logs end in.
const LOGS: [&str; 6] = [".LOG1", ".LOG2", ".LOG", ".log1", ".log2", ".log"];

/// The contents of a hive file.
#[derive(Debug)]
pub struct HiveFile {
    path: PathBuf,
    image: Vec<u8>,
    /// The hive was dirty, and this is it after its log was replayed.
    is_recovered: bool,
    is_new: bool,
    /// Held while it is to be changed.
    lock: Option<File>,
}

impl HiveFile {
    /// Reads a hive. A dirty one is recovered in memory, if a log lies beside it.
    ///
    /// # Errors
    /// [`Error::Input`]; [`Error::Usage`] for what is no hive, or one that is dirty and cannot be recovered.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let primary = read_regular(path)?;
        let fault = match Hive::parse(&primary) {
            Ok(Parsed::Clean(_)) => {
                return Ok(Self {
                    path: path.to_owned(),
                    image: primary,
                    is_recovered: false,
                    is_new: false,
                    lock: None,
                });
            }
            Ok(Parsed::Dirty(_)) => None,
            Err(fault) => Some(fault),
        };
        let logs = read_logs(path)?;
        let logs: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
        match (recover(&primary, &logs), fault) {
            (Ok(Recovery::Replayed(recovered)), _) => {
                let Ok(image) = recovered.repair(|_| Ok::<(), Infallible>(()));
                Ok(Self { path: path.to_owned(), image, is_recovered: true, is_new: false, lock: None })
            }
            (_, Some(fault)) => Err(wrong(path, fault)),
            (Err(RecoverError::NoLog) | Ok(_), None) => Err(wrong(path, dirty(path, &primary))),
            (Err(error @ RecoverError::NoMemory), None) => Err(Error::Host {
                what: "cannot recover the hive from its log",
                source: io::Error::other(error.to_string()),
            }),
            (Err(error), None) => Err(wrong(path, format_args!("recovering it from its log: {error}"))),
        }
    }

    /// Reads a hive that is to be changed. Other programs that ask for the same wait until this one is dropped, so that
    /// no change is lost.
    ///
    /// # Errors
    /// As [`HiveFile::open`].
    pub fn open_to_edit(path: &Path) -> Result<Self, Error> {
        // A pipe would wait here for its other end; reading says what is wrong with it.
        let lock = match path.metadata() {
            Ok(found) if found.is_file() => lock(path),
            _ => None,
        };
        Ok(Self { lock, ..Self::open(path)? })
    }

    /// Reads a hive to be changed, or makes one with nothing in it if there is no such file. Nothing is written yet.
    ///
    /// # Errors
    /// As [`HiveFile::open`].
    pub fn open_or_create(path: &Path) -> Result<Self, Error> {
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let hive = HiveMut::create(&name, now()).map_err(|error| wrong(path, error))?;
                let path = path.to_owned();
                Ok(Self { path, image: hive.into_image(), is_recovered: false, is_new: true, lock: None })
            }
            _ => Self::open_to_edit(path),
        }
    }

    /// The hive.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is damaged.
    pub fn hive(&self) -> Result<Hive<'_>, Error> {
        Hive::clean(&self.image).map_err(|error| wrong(&self.path, error))
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.image
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was dirty.
    pub fn is_recovered(&self) -> bool {
        self.is_recovered
    }

    /// Makes edits and replaces the file. It stays as it is unless all of them are made and the disk has them.
    ///
    /// # Errors
    /// Those of `edit`; [`Error::Usage`] if the hive is damaged anywhere; [`Error::Output`].
    pub fn edit<T>(self, edit: impl FnOnce(&mut HiveMut) -> Result<T, Error>) -> Result<T, Error> {
        let path = self.path;
        // An edit could make it worse.
        Hive::clean(&self.image)
            .and_then(verify)
            .map_err(|error| wrong(&path, format_args!("{error}; a damaged hive is not changed")))?;
        let mut hive = HiveMut::open(self.image).map_err(|error| wrong(&path, error))?;
        hive.set_clock(now());
        let result = edit(&mut hive)?;
        if hive.is_changed() || self.is_recovered || self.is_new {
            // Every write counts the hive's sequence numbers up; the steps are for writing in place.
            let Ok(()) = hive.flush(|_| Ok::<(), Infallible>(()));
            Hive::clean(hive.bytes())
                .and_then(verify)
                .map_err(|_| Error::Internal("an edit has damaged the hive; the file is as it was"))?;
            match self.is_new {
                true => create(&path, hive.bytes()),
                false => replace(&path, hive.bytes()),
            }?;
        }
        drop(self.lock);
        Ok(result)
    }
}

/// Replaces a file, or makes it: under its name there is only ever all of the old or all of the new contents. Its mode
/// stays, its owner where that is allowed. What is there and no regular file is written to.
///
/// # Errors
/// [`Error::Output`].
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let old = match path.metadata() {
            Ok(old) if !old.is_file() && !old.is_dir() => {
                return File::options().write(true).open(path)?.write_all(contents);
            }
            Ok(old) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // A symbolic link stays one.
        let target = if old.is_some() { path.canonicalize()? } else { path.to_owned() };
        write_whole(&target, old.as_ref(), contents, |file, path| file.persist(path))
    };
    write().map_err(|source| Error::Output { path: path.display().to_string(), source })
}

/// Makes a file that must still not be there.
fn create(path: &Path, contents: &[u8]) -> Result<(), Error> {
    write_whole(path, None, contents, |file, path| file.persist_noclobber(path))
        .map_err(|source| Error::Output { path: path.display().to_string(), source })
}

/// Locks the file that has a name. Where there are no locks, the last writer wins.
fn lock(path: &Path) -> Option<File> {
    loop {
        let file = File::open(path).ok()?;
        file.lock().ok()?;
        // It may have been replaced meanwhile.
        let (ours, named) = (file.metadata().ok()?, path.metadata().ok()?);
        if (ours.dev(), ours.ino()) == (named.dev(), named.ino()) {
            return Some(file);
        }
    }
}

fn write_whole(
    path: &Path,
    old: Option<&Metadata>,
    contents: &[u8],
    name: impl FnOnce(NamedTempFile, &Path) -> Result<File, PersistError>,
) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A new file's mode is what the umask leaves of this. Nobody else may look at the copy of a private one.
    let mode = std::fs::Permissions::from_mode(if old.is_some() { 0o600 } else { 0o666 });
    let mut file = tempfile::Builder::new().prefix(".smvm-").permissions(mode).tempfile_in(directory)?;
    file.write_all(contents)?;
    if let Some(old) = old {
        // Only root may give files away, and need not be able to.
        let _ = std::os::unix::fs::fchown(file.as_file(), Some(old.uid()), Some(old.gid()));
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    name(file, path).map_err(|error| error.error)?;
    // The rename is made. That a power cut could undo it is no reason to report a failure.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Reads a file to its end; `-` is standard input.
///
/// # Errors
/// [`Error::Input`]; [`Error::Usage`] for more than `limit` bytes.
pub fn input(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let name = path.display().to_string();
    let fail = |source| Error::Input { path: name.clone(), source };
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    read.map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(Error::Usage(format!("{name} is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads a regular file: a hive is replaced, and a device or a pipe cannot be.
fn read_regular(path: &Path) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::Input { path: path.display().to_string(), source };
    if !path.metadata().map_err(fail)?.is_file() {
        return Err(wrong(path, "not a regular file"));
    }
    // `-` is a file of that name here.
    input(&Path::new(".").join(path), HIVE_LIMIT).map_err(|error| match error {
        Error::Input { source, .. } => fail(source),
        _ => wrong(path, format_args!("larger than a hive can be ({HIVE_LIMIT} bytes)")),
    })
}

/// The logs beside a hive.
fn read_logs(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let mut logs = Vec::new();
    let mut seen = Vec::new();
    for end in LOGS {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let log = PathBuf::from(name);
        // Where case does not matter, a log has two of the names.
        if let Ok(found) = log.metadata()
            && !seen.contains(&(found.dev(), found.ino()))
        {
            seen.push((found.dev(), found.ino()));
            logs.push(read_regular(&log)?);
        }
    }
    Ok(logs)
}

/// What to say of a hive that nothing recovers.
fn dirty(path: &Path, primary: &[u8]) -> String {
    let why = match BaseBlock::read(primary) {
        Ok(base) if base.sum_is_right => format!(
            "its sequence numbers differ: {} at byte 0x4, {} at byte 0x8",
            base.primary_sequence, base.secondary_sequence
        ),
        _ => "the checksum at byte 0x1fc is wrong".into(),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "the hive is dirty ({why}), and no log beside it ({name}.LOG1, {name}.LOG2) is whole and fits; logs of the \
         format before Windows 8.1 are not read"
    )
}

fn wrong(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::Usage(format!("{}: {why}", path.display()))
}

/// The time, for edits.
pub fn now() -> FileTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    FileTime::from_unix(since.as_secs(), since.subsec_nanos())
}
