//! `smvm image`: the image that is booted, as files; disk images (`super::disk`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bootarchive::Archive;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::disk::DiskAction;
use super::options::ContentOptions;
use super::result::print;
use crate::error::Error;
use crate::image::{ARCHIVE_FILE, Image, KERNEL_FILE, SYMBOLS_FILE};
use crate::outcome::ExitCode;

/// The largest file that is taken: an archive has no room for more.
pub(super) const LIMIT: u64 = u32::MAX as u64;

/// List or export the image that is booted; make and edit disk images.
#[derive(Debug, Args)]
pub struct ImageCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write kernel and boot archive, for other monitors (QEMU, Firecracker).
    Export {
        /// Where to put kernel.elf and boot.img; made if it is not there.
        directory: PathBuf,
        #[command(flatten)]
        content: ContentOptions,
    },
    /// List the files in the boot archive with their sizes in bytes.
    List {
        #[command(flatten)]
        content: ContentOptions,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    #[command(flatten)]
    Disk(DiskAction),
}

/// What `list --json` prints.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    schema: u32,
    kernel_bytes: usize,
    archive_bytes: usize,
    files: Vec<Listed<'a>>,
}

/// A file in it.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    path: &'a str,
    bytes: usize,
}

impl ImageCommand {
    /// Does it.
    pub(super) fn execute(self) -> Result<ExitCode, Error> {
        match self.action {
            Action::Export { directory, content } => export(&directory, &content.image(LIMIT)?)?,
            Action::Disk(action) => action.execute()?,
            Action::List { content, json } => print(list(&content.image(LIMIT)?, json)?.as_bytes())?,
        }
        Ok(ExitCode::Success)
    }
}

fn export(directory: &Path, image: &Image) -> Result<(), Error> {
    std::fs::create_dir_all(directory).map_err(|source| output(directory, source))?;
    write(directory, KERNEL_FILE, &image.kernel)?;
    write(directory, SYMBOLS_FILE, image.symbols.as_bytes())?;
    write(directory, ARCHIVE_FILE, image.archive.as_deref().unwrap_or_default())
}

fn list(image: &Image, json: bool) -> Result<String, Error> {
    let bytes = image.archive.as_deref().unwrap_or_default();
    let archive =
        Archive::parse(bytes).map_err(|error| Error::Usage(format!("{}: {error}", image.archive_name)))?;
    let files: Vec<Listed<'_>> =
        archive.files().map(|file| Listed { path: file.path(), bytes: file.len() }).collect();
    if json {
        let listing =
            Listing { schema: 1, kernel_bytes: image.kernel.len(), archive_bytes: bytes.len(), files };
        let text = serde_json::to_string(&listing);
        return text.map(|text| text + "\n").map_err(|_| Error::Internal("a list that JSON cannot hold"));
    }
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "{:>10}  {}", file.bytes, file.path);
    }
    Ok(text)
}

/// Writes a file that appears under its name only when it is complete.
fn write(directory: &Path, name: &str, contents: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    let path = directory.join(name);
    let mode = std::fs::Permissions::from_mode(0o666);
    let write = || {
        let mut file = tempfile::Builder::new().prefix(".smvm-").permissions(mode).tempfile_in(directory)?;
        file.write_all(contents)?;
        file.persist(&path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|source| output(&path, source))
}

fn output(path: &Path, source: std::io::Error) -> Error {
    Error::Output { path: path.display().to_string(), source }
}
