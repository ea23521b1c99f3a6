//! Why a guest could not be built.

use std::path::PathBuf;

/// Why a guest could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The toolchain lacks targets. The text is the command that adds them.
    #[error("rustup target add {}", .0.join(" "))]
    MissingTargets(Vec<&'static str>),
    /// The second cargo has found errors, and has shown them.
    #[error("the guest's {0} could not be built")]
    Cargo(String),
    /// A build script's environment variable is not there.
    #[error("{0} is not set: this runs in a build script")]
    Environment(&'static str),
    /// A tool could not be run.
    #[error("{tool} could not be run: {source}")]
    Run {
        /// Which one.
        tool: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The kernel is not an ELF file as linkers make them.
    #[error("the kernel is not a 64-bit ELF file with sections")]
    Kernel,
    /// A program is not an image that the guest can map.
    #[error("{package}: {source}")]
    Program {
        /// Its package.
        package: String,
        /// What is wrong.
        source: pe::PeError,
    },
    /// A program's sections do not begin on pages of the file.
    #[error("{0}: sections must be aligned to pages in the file (see guest/rt/link.rs)")]
    FileAlignment(String),
    /// The boot archive could not be written.
    #[error(transparent)]
    Archive(#[from] bootarchive::write::BuildError),
}
