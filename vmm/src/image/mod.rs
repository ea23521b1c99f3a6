//! What is booted: a kernel and a boot archive.

pub mod disk;
mod registry;

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use bootarchive::Archive;
use bootarchive::write::Builder;

use crate::boot::Source;
use crate::error::Error;

/// Name of the kernel in an exported image.
pub const KERNEL_FILE: &str = "kernel.elf";
/// Name of the kernel's map of functions in an exported image.
pub const SYMBOLS_FILE: &str = "kernel.map";
/// Name of the boot archive in an exported image.
pub const ARCHIVE_FILE: &str = "boot.img";

/// A kernel with its module.
#[derive(Clone, Debug)]
pub struct Image {
    /// The kernel's name in errors.
    pub kernel_name: String,
    /// The kernel, an ELF file with a PVH note.
    pub kernel: Cow<'static, [u8]>,
    /// The kernel's functions, as in a `System.map`; empty when nobody knows them.
    pub symbols: Cow<'static, str>,
    /// The archive's name in errors.
    pub archive_name: String,
    /// The boot archive, or whatever a stranger's kernel wants as its first module.
    pub archive: Option<Cow<'static, [u8]>>,
}

impl Image {
    /// A kernel file and perhaps a module.
    ///
    /// # Errors
    /// [`Error::Input`] when a file cannot be read, or is larger than `limit` bytes.
    pub fn from_files(kernel: &Path, archive: Option<&Path>, limit: u64) -> Result<Self, Error> {
        Ok(Self {
            kernel_name: kernel.display().to_string(),
            kernel: read_file(kernel, limit)?.into(),
            symbols: Cow::default(),
            archive_name: archive.map(|path| path.display().to_string()).unwrap_or_default(),
            archive: archive.map(|path| read_file(path, limit)).transpose()?.map(Cow::from),
        })
    }

    /// A directory as `smvm image export` writes it.
    ///
    /// # Errors
    /// As [`Image::from_files`]; [`Error::Usage`] when the archive is damaged.
    pub fn from_directory(directory: &Path, limit: u64) -> Result<Self, Error> {
        let mut image =
            Self::from_files(&directory.join(KERNEL_FILE), Some(&directory.join(ARCHIVE_FILE)), limit)?;
        // Only reports need it, so an image does without.
        if let Ok(bytes) = read_file(&directory.join(SYMBOLS_FILE), limit) {
            image.symbols = String::from_utf8_lossy(&bytes).into_owned().into();
        }
        Archive::parse(image.archive.as_deref().unwrap_or_default())
            .and_then(|archive| archive.verify())
            .map_err(|error| Error::Usage(format!("{}: {error}", image.archive_name)))?;
        Ok(image)
    }

    /// The image in this binary.
    pub fn embedded() -> Self {
        Self {
            kernel_name: "the embedded kernel".into(),
            kernel: smvm_images::KERNEL.into(),
            symbols: smvm_images::SYMBOLS.into(),
            archive_name: "the embedded boot archive".into(),
            archive: Some(smvm_images::ARCHIVE.into()),
        }
    }

    /// The kernel, for the loader.
    pub fn kernel_source(&self) -> Source<'_> {
        Source { name: &self.kernel_name, bytes: &self.kernel }
    }

    /// The archive, for the loader.
    pub fn archive_source(&self) -> Option<Source<'_>> {
        self.archive.as_deref().map(|bytes| Source { name: &self.archive_name, bytes })
    }

    /// Makes changes to the archive. Without any, it stays as it is and nothing is done.
    ///
    /// # Errors
    /// [`Error::Input`] when a file cannot be read, [`Error::Usage`] when the archive cannot take it.
    pub fn change(&mut self, changes: &Changes<'_>, limit: u64) -> Result<(), Error> {
        if changes.files.is_empty() && changes.texts.is_empty() {
            return Ok(());
        }
        let mut builder = Builder::new();
        if let Some(bytes) = &self.archive {
            let archive = Archive::parse(bytes)
                .map_err(|error| Error::Usage(format!("{}: {error}", self.archive_name)))?;
            for file in archive.files() {
                builder.add(file.path(), file.data());
            }
        }
        for (guest, host) in changes.files {
            builder.add(guest.as_str(), read_file(host, limit)?);
        }
        let texts = changes.texts.iter().map(|path| Ok((path.as_path(), read_file(path, limit)?)));
        registry::merge(&mut builder, &texts.collect::<Result<Vec<_>, Error>>()?)?;
        let bytes = builder.build().map_err(|error| Error::Usage(format!("--file: {error}")))?;
        self.archive = Some(bytes.into());
        Ok(())
    }
}

/// Changes to a boot archive, for one boot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes<'a> {
    /// Host files to put in, each with its path in the archive ([`bootarchive::archive_path`]). A file of the same path
    /// is replaced, the last one counts.
    pub files: &'a [(String, PathBuf)],
    /// `.reg` texts to merge into the hives, in order, after that.
    pub texts: &'a [PathBuf],
}

/// Reads a file that should fit into the guest's memory. It need not be a regular one.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::Input { path: path.display().to_string(), source };
    let file = std::fs::File::open(path).map_err(fail)?;
    let expected = file.metadata().map_err(fail)?.len();
    let mut bytes = Vec::with_capacity(expected.min(limit) as usize);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(Error::Usage(format!(
            "{} is larger than the guest's memory of {limit} bytes",
            path.display()
        )));
    }
    Ok(bytes)
}
