//! Why a guest could not be built.

use std::fmt;
use std::path::PathBuf;

/// Why a guest could not be built. Written out by hand: every build waits for this crate, and the
/// derive macro would take longer than all the rest of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The toolchain lacks targets. The text is the command that adds them.
    MissingTargets(Vec<&'static str>),
    /// The second cargo has found errors in these packages, and has shown them.
    Cargo(String),
    /// A build script's environment variable is not there.
    Environment(&'static str),
    /// A tool could not be run.
    Run {
        /// Which one.
        tool: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The kernel is not an ELF file as linkers make them.
    Kernel,
    /// A program is not an image that the guest can map.
    Program {
        /// Its package.
        package: String,
        /// What is wrong.
        source: pe::PeError,
    },
    /// A program's sections do not begin on pages of the file.
    FileAlignment(String),
    /// The text of a hive is wrong.
    Registry {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and in which line.
        fault: String,
    },
    /// The boot archive could not be written.
    Archive(bootarchive::write::BuildError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingTargets(targets) => write!(f, "rustup target add {}", targets.join(" ")),
            Self::Cargo(packages) => write!(f, "the guest could not be built: cargo {packages} failed"),
            Self::Environment(name) => write!(f, "{name} is not set: this runs in a build script"),
            Self::Run { tool, source } => write!(f, "{tool} could not be run: {source}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Kernel => f.write_str("the kernel is not a 64-bit ELF file with sections"),
            Self::Program { package, source } => write!(f, "{package}: {source}"),
            Self::FileAlignment(package) => {
                write!(f, "{package}: sections must begin on pages of the file (guest/rt/link.rs)")
            }
            Self::Registry { path, fault } => write!(f, "{}: {fault}", path.display()),
            Self::Archive(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Run { source, .. } | Self::File { source, .. } => Some(source),
            Self::Program { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<bootarchive::write::BuildError> for Error {
    fn from(error: bootarchive::write::BuildError) -> Self {
        Self::Archive(error)
    }
}
