//! Files between the host and an image.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::SystemTime;

use fat::{Entry, NodeId, attribute};

use super::{DiskImage, nt_time, wide};
use crate::error::Error;

/// Bytes that are copied at a time.
const PIECE: usize = 1 << 20;

fn input(path: &Path, source: std::io::Error) -> Error {
    Error::Input { path: path.display().to_string(), source }
}

fn output(path: &Path, source: std::io::Error) -> Error {
    Error::Output { path: path.display().to_string(), source }
}

impl DiskImage {
    /// Puts a host file, or a directory with all that is in it, at a path of the volume. Folders on the way are made; a file that is
    /// there is replaced.
    ///
    /// # Errors
    /// [`Error::Input`] when it cannot be read, [`Error::Usage`] when the volume cannot take it.
    pub fn add(&mut self, guest: &str, host: &Path) -> Result<(), Error> {
        let kind = std::fs::metadata(host).map_err(|source| input(host, source))?;
        self.make_parents(guest)?;
        if !kind.is_dir() {
            let written = kind.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let mut file = File::open(host).map_err(|source| input(host, source))?;
            return self.add_file(guest, &mut file, host, nt_time(written));
        }
        if !guest.is_empty() {
            self.make_folder(guest)?;
        }
        let entries = std::fs::read_dir(host).map_err(|source| input(host, source))?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
        let mut names: Vec<_> = names.collect::<Result<_, _>>().map_err(|source| input(host, source))?;
        // The same image on every host, whatever order its folders have.
        names.sort_unstable();
        for name in names {
            let path = host.join(&name);
            let name = name
                .to_str()
                .ok_or_else(|| Error::Usage(format!("{}: the name is no text", path.display())))?;
            self.add(&format!("{guest}\\{name}"), &path)?;
        }
        Ok(())
    }

    pub(super) fn make_folder(&mut self, path: &str) -> Result<(), Error> {
        let now = nt_time(SystemTime::now());
        match self.volume.create(&wide(path), attribute::FOLDER, now) {
            Ok(_) => Ok(()),
            Err(fat::Error::Exists) if self.find(path)?.is_folder() => Ok(()),
            Err(error) => Err(self.fail(path, error)),
        }
    }

    fn make_parents(&mut self, path: &str) -> Result<(), Error> {
        let ends = path.match_indices('\\').map(|(at, _)| at).filter(|at| *at > 0);
        ends.into_iter().try_for_each(|end| self.make_folder(&path[..end]))
    }

    /// Puts bytes at a path of the volume, as [`Self::add`] does.
    ///
    /// # Errors
    /// [`Error::Usage`] when the volume cannot take it.
    pub(super) fn put(&mut self, guest: &str, mut bytes: &[u8], written: i64) -> Result<(), Error> {
        self.make_parents(guest)?;
        self.add_file(guest, &mut bytes, Path::new(guest), written)
    }

    fn add_file(&mut self, guest: &str, file: &mut dyn Read, host: &Path, written: i64) -> Result<(), Error> {
        let entry = match self.volume.create(&wide(guest), attribute::ARCHIVE, written) {
            Err(fat::Error::Exists) => self.find(guest)?,
            other => other.map_err(|error| self.fail(guest, error))?,
        };
        if entry.attributes & attribute::READ_ONLY != 0 {
            return Err(self.fail(guest, fat::Error::AccessDenied));
        }
        self.with_open(guest, &entry, |image, id| {
            let fail = |image: &Self, error| image.fail(guest, error);
            image.volume.set_size(id, 0, written).map_err(|error| fail(image, error))?;
            let (mut at, mut piece) = (0, vec![0; PIECE]);
            loop {
                let count = file.read(&mut piece).map_err(|source| input(host, source))?;
                if count == 0 {
                    break;
                }
                let data = &piece[..count];
                image.volume.write(id, at, data, written).map_err(|error| fail(image, error))?;
                at += count as u64;
            }
            Ok(())
        })
    }

    /// Copies a file, or a folder with all that is in it, to the host.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is not there or the volume is damaged, [`Error::Output`] when it cannot be written.
    pub fn extract(&mut self, guest: &str, host: &Path) -> Result<(), Error> {
        let entry = self.find(guest)?;
        if !entry.is_folder() {
            return self.extract_file(guest, &entry, host);
        }
        std::fs::create_dir_all(host).map_err(|source| output(host, source))?;
        for found in self.list(guest, true)? {
            let below = found.path.strip_prefix(guest).unwrap_or(&found.path);
            let mut to = host.to_path_buf();
            for name in below.split('\\').filter(|name| !name.is_empty()) {
                // A name that leads elsewhere on this host is one that no volume should have.
                if matches!(name, "." | "..") || name.contains('/') {
                    return Err(self.fail(&found.path, fat::Error::NameInvalid));
                }
                to.push(name);
            }
            if found.is_folder {
                std::fs::create_dir_all(&to).map_err(|source| output(&to, source))?;
            } else {
                if let Some(parent) = to.parent() {
                    std::fs::create_dir_all(parent).map_err(|source| output(parent, source))?;
                }
                let entry = self.find(&found.path)?;
                self.extract_file(&found.path, &entry, &to)?;
            }
        }
        Ok(())
    }

    fn extract_file(&mut self, guest: &str, entry: &Entry, host: &Path) -> Result<(), Error> {
        let mut file = File::create(host).map_err(|source| output(host, source))?;
        self.with_open(guest, entry, |image, id| {
            let (mut at, mut piece) = (0, vec![0; PIECE]);
            loop {
                let read = image.volume.read(id, at, &mut piece);
                let count = read.map_err(|error| image.fail(guest, error))?;
                if count == 0 {
                    return Ok(());
                }
                file.write_all(&piece[..count]).map_err(|source| output(host, source))?;
                at += count as u64;
            }
        })
    }

    pub(super) fn with_open(
        &mut self,
        guest: &str,
        entry: &Entry,
        work: impl FnOnce(&mut Self, NodeId) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let id = self.volume.open(entry).map_err(|error| self.fail(guest, error))?;
        let result = work(self, id);
        let closed = self.volume.close(id).map_err(|error| self.fail(guest, error));
        result.and(closed)
    }
}
