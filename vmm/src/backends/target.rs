//! One destination, opened.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use super::TargetSpec;
use crate::sys::stdout;

/// A pipe takes this much without blocking once it says that it has room (POSIX `PIPE_BUF` on Linux).
const PIPE_CHUNK: usize = 4096;

/// A destination failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the guest's output to {target}: {source}")]
pub struct BackendError {
    /// Which one.
    pub target: String,
    /// Why.
    pub source: io::Error,
}

/// What a write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything is out.
    Done,
    /// The destination cannot take more now.
    Blocked,
}

/// A destination.
#[derive(Debug)]
pub struct Target {
    name: String,
    file: Arc<File>,
    /// May block, so it gets only as much as it has room for.
    stream: bool,
    /// Not written yet.
    pending: Vec<u8>,
}

impl Target {
    /// Opens it.
    ///
    /// # Errors
    /// [`BackendError`] when the file cannot be made.
    pub fn open(spec: &TargetSpec) -> Result<Self, BackendError> {
        let (name, file, stream) = match spec {
            TargetSpec::Stdio if stdout::was_closed() => {
                ("standard output".to_owned(), Err(io::Error::from_raw_os_error(libc::EBADF)), true)
            }
            TargetSpec::Stdio => {
                let stdout = io::stdout().as_fd().try_clone_to_owned();
                ("standard output".to_owned(), stdout.map(File::from), true)
            }
            TargetSpec::Stderr => {
                let stderr = io::stderr().as_fd().try_clone_to_owned();
                ("standard error".to_owned(), stderr.map(File::from), true)
            }
            TargetSpec::File(path) => (path.display().to_string(), File::create(path), false),
        };
        match file {
            Ok(file) => Ok(Self { name, file: Arc::new(file), stream, pending: Vec::new() }),
            Err(source) => Err(BackendError { target: name, source }),
        }
    }

    /// Adds to what is to be written.
    pub fn queue(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The descriptor to wait for when [`Target::flush`] said "blocked".
    pub fn blocked_on(&self) -> Option<Arc<File>> {
        (!self.pending.is_empty()).then(|| Arc::clone(&self.file))
    }

    /// Bytes that wait to be written.
    pub fn backlog(&self) -> usize {
        self.pending.len()
    }

    /// Writes as much as goes without blocking.
    ///
    /// # Errors
    /// [`BackendError`]; what was pending is dropped then.
    pub fn flush(&mut self) -> Result<Progress, BackendError> {
        let mut written = 0;
        let result = loop {
            let rest = &self.pending[written..];
            if rest.is_empty() {
                break Ok(Progress::Done);
            }
            let chunk = if self.stream { &rest[..rest.len().min(PIPE_CHUNK)] } else { rest };
            if self.stream && !has_room(self.file.as_fd()) {
                break Ok(Progress::Blocked);
            }
            match self.file.write(chunk) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    break Ok(Progress::Blocked);
                }
                Err(error) => break Err(error),
            }
        };
        match result {
            Ok(Progress::Done) => self.pending.clear(),
            Ok(Progress::Blocked) => drop(self.pending.drain(..written)),
            Err(_) => self.pending = Vec::new(),
        }
        result.map_err(|source| BackendError { target: self.name.clone(), source })
    }
}

fn has_room(fd: BorrowedFd<'_>) -> bool {
    use crate::sys::poll::{Waiter, poll};
    let mut waiters = [Waiter::write(Some(fd))];
    poll(&mut waiters, Some(std::time::Duration::ZERO)).is_ok() && waiters[0].ready
}
