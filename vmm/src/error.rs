//! What can go wrong outside the guest, and the exit code of each.

use crate::backends::BackendError;
use crate::drives::DriveError;
use crate::outcome::ExitCode;
use crate::{boot, doctor, kvm};

/// A run could not be made, or its results could not be delivered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// KVM.
    #[error(transparent)]
    Kvm(#[from] kvm::Error),
    /// Kernel, boot archive or command line.
    #[error(transparent)]
    Boot(#[from] boot::Error),
    /// An input file cannot be read.
    #[error("cannot read {path}: {source}")]
    Input {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file or stream for results cannot be written.
    #[error("cannot write {path}: {source}")]
    Output {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A port's destination.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A drive's image.
    #[error("drive {letter}: {path}: {source}")]
    Drive {
        /// Which drive.
        letter: char,
        /// Its image.
        path: String,
        /// Why it cannot be used.
        source: DriveError,
    },
    /// Arguments that do not go together, or make no sense.
    #[error("{0}")]
    Usage(String),
    /// The host is short of something.
    #[error("{what}: {source}")]
    Host {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A mistake in this program.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl Error {
    /// The exit code that belongs to it.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Error::Kvm(error) => error.exit_code(),
            Error::Boot(_) | Error::Usage(_) => ExitCode::Usage,
            Error::Drive { source: DriveError::InUse, .. } => ExitCode::Temporary,
            Error::Drive { source: DriveError::Open(source), .. } => {
                temporary(source).unwrap_or(ExitCode::Usage)
            }
            Error::Drive { .. } => ExitCode::Usage,
            Error::Input { source, .. } => temporary(source).unwrap_or(ExitCode::Usage),
            Error::Output { source, .. } | Error::Backend(BackendError { source, .. }) => output(source),
            Error::Host { source, .. } => temporary(source).unwrap_or(ExitCode::Internal),
            Error::Internal(_) => ExitCode::Internal,
        }
    }

    /// What mends it, where a command does.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Error::Kvm(kvm::Error::Open(error)) => doctor::mend_open(error.raw_os_error()?),
            Error::Kvm(error) => error.remedy(),
            Error::Drive { source: DriveError::Open(error), letter, path }
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Some(format!("to read it only, say --drive {letter}={path},ro"))
            }
            _ => None,
        }
    }
}

fn temporary(error: &std::io::Error) -> Option<ExitCode> {
    match error.raw_os_error() {
        Some(libc::EAGAIN | libc::ENOMEM | libc::EBUSY | libc::EMFILE | libc::ENFILE) => {
            Some(ExitCode::Temporary)
        }
        _ => None,
    }
}

/// A full disk empties again; a path that cannot be written is a wrong argument; the rest may pass.
fn output(error: &std::io::Error) -> ExitCode {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound
        | Kind::AlreadyExists
        | Kind::PermissionDenied
        | Kind::IsADirectory
        | Kind::NotADirectory
        | Kind::ReadOnlyFilesystem
        | Kind::InvalidFilename => ExitCode::Usage,
        _ => ExitCode::Temporary,
    }
}
