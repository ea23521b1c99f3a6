//! `smvm image`: the image that is booted, as files.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::error::Error;
use crate::image::{ARCHIVE_FILE, Image, KERNEL_FILE};
use crate::outcome::ExitCode;

/// Export the image that is booted.
#[derive(Debug, Args)]
pub struct ImageCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the embedded kernel and boot archive, for other monitors (QEMU, Firecracker).
    Export {
        /// Where to put kernel.elf and boot.img; made if it is not there.
        directory: PathBuf,
    },
}

impl ImageCommand {
    /// Does it.
    pub(super) fn execute(self) -> Result<ExitCode, Error> {
        let Action::Export { directory } = self.action;
        let image = Image::embedded();
        std::fs::create_dir_all(&directory).map_err(|source| output(&directory, source))?;
        write(&directory, KERNEL_FILE, &image.kernel)?;
        write(&directory, ARCHIVE_FILE, image.archive.as_deref().unwrap_or_default())?;
        Ok(ExitCode::Success)
    }
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
