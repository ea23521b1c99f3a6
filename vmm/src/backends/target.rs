//! One destination, opened.

use std::fs::File;
use std::io::{self, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::TargetSpec;
use super::listen::{self, Relay};
use crate::sys::{pty, stdout};

/// A pipe takes this much without blocking once it says that it has room (POSIX `PIPE_BUF` on Linux).
const PIPE_CHUNK: usize = 4096;
/// What waits at most for a pseudo-terminal, which nobody may be looking at.
const UNWATCHED_MAX: usize = 64 << 10;

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

/// What kind of destination it is, as far as that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Never blocks.
    File,
    /// May block, so it gets only as much as it has room for.
    Stream,
    /// The same; when its other end goes, that is a hang-up, no failure.
    Peer,
    /// The same; when nobody takes its bytes, they are dropped.
    Unwatched,
}

/// A destination.
#[derive(Debug)]
pub struct Target {
    name: String,
    file: Arc<File>,
    kind: Kind,
    /// Bytes that it may still get.
    room: Option<u64>,
    /// Its bytes are dropped, or some have been; somebody was told.
    drops: bool,
    /// Its other end has gone.
    gone: bool,
    /// Not written yet.
    pending: Vec<u8>,
    /// The other end of a pseudo-terminal and its path.
    pty: Option<(File, PathBuf)>,
    /// Who serves a socket of ours.
    relay: Option<Relay>,
}

impl Target {
    /// Opens it. `None` for what is a source alone.
    ///
    /// # Errors
    /// [`BackendError`] when the file cannot be made, or nobody listens.
    pub fn open(spec: &TargetSpec) -> Result<Option<Self>, BackendError> {
        let duplicate = |fd: io::Result<OwnedFd>| fd.map(File::from);
        let (mut room, mut other_end, mut relay) = (None, None, None);
        let (name, file, kind) = match spec {
            TargetSpec::Input(_) => return Ok(None),
            TargetSpec::Stdio if stdout::was_closed() => {
                ("standard output".to_owned(), Err(io::Error::from_raw_os_error(libc::EBADF)), Kind::Stream)
            }
            TargetSpec::Stdio => {
                ("standard output".to_owned(), stdout::unblocked(io::stdout()), Kind::Stream)
            }
            TargetSpec::Stderr => {
                ("standard error".to_owned(), stdout::unblocked(io::stderr()), Kind::Stream)
            }
            TargetSpec::File { path, max } => {
                room = *max;
                (path.display().to_string(), File::create(path), Kind::File)
            }
            TargetSpec::Unix(path) => {
                let stream = UnixStream::connect(path);
                (path.display().to_string(), duplicate(stream.map(OwnedFd::from)), Kind::Peer)
            }
            TargetSpec::Tcp(address) => {
                let stream = TcpStream::connect(address);
                (address.clone(), duplicate(stream.map(OwnedFd::from)), Kind::Peer)
            }
            TargetSpec::Listen(place) => match listen::start(place) {
                Ok((file, server, name)) => {
                    relay = Some(server);
                    (name, Ok(file), Kind::Unwatched)
                }
                Err(error) => {
                    let name = match place {
                        listen::Place::Unix(path) => path.display().to_string(),
                        listen::Place::Tcp(address) => address.clone(),
                    };
                    (name, Err(error), Kind::Unwatched)
                }
            },
            TargetSpec::Pty => {
                let file = pty::open().map(|pty| {
                    other_end = Some((pty.slave, pty.path));
                    pty.master
                });
                ("a pseudo-terminal".to_owned(), file, Kind::Unwatched)
            }
        };
        match file {
            Ok(file) => Ok(Some(Self {
                name,
                file: Arc::new(file),
                kind,
                room,
                drops: false,
                gone: false,
                pending: Vec::new(),
                pty: other_end,
                relay,
            })),
            Err(source) => Err(BackendError { target: name, source }),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the other end of a pseudo-terminal is.
    pub fn pty_path(&self) -> Option<&std::path::Path> {
        self.pty.as_ref().map(|(_, path)| path.as_path())
    }

    /// Whether it is a socket that listens, where its name says.
    pub fn listens(&self) -> bool {
        self.relay.is_some()
    }

    /// The run is over: who is at the other end of a socket of ours gets the rest.
    pub fn finish(&mut self, until: Instant) {
        if let Some(mut relay) = self.relay.take() {
            while matches!(self.flush(), Ok(Progress::Blocked)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
            relay.finish(until);
        }
    }

    /// Where input comes from, if it is one to read from, too.
    pub fn input(&self) -> Option<Arc<File>> {
        matches!(self.kind, Kind::Peer | Kind::Unwatched).then(|| Arc::clone(&self.file))
    }

    /// Adds to what is to be written, as far as that is wanted.
    pub fn queue(&mut self, bytes: &[u8]) {
        let mut taken = if self.gone { 0 } else { bytes.len() };
        if let Some(room) = &mut self.room {
            taken = taken.min(usize::try_from(*room).unwrap_or(usize::MAX));
            *room -= taken as u64;
        }
        if self.kind == Kind::Unwatched {
            taken = taken.min(UNWATCHED_MAX.saturating_sub(self.pending.len()));
        }
        if taken < bytes.len() && !self.gone && !std::mem::replace(&mut self.drops, true) {
            tell(format_args!("smvm: {} takes no more: the guest's output to it is dropped", self.name));
        }
        self.pending.extend_from_slice(&bytes[..taken]);
    }

    /// The descriptor to wait for when [`Target::flush`] said "blocked".
    pub fn blocked_on(&self) -> Option<Arc<File>> {
        (!self.pending.is_empty()).then(|| Arc::clone(&self.file))
    }

    /// Bytes that wait to be written, and that the guest has to wait for.
    pub fn backlog(&self) -> usize {
        if self.kind == Kind::Unwatched { 0 } else { self.pending.len() }
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
            let is_stream = self.kind != Kind::File;
            let chunk = if is_stream { &rest[..rest.len().min(PIPE_CHUNK)] } else { rest };
            if is_stream && !has_room(self.file.as_fd()) {
                break Ok(Progress::Blocked);
            }
            match (&*self.file).write(chunk) {
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
        match result {
            Err(error) if self.kind == Kind::Peer => {
                self.gone = true;
                tell(format_args!(
                    "smvm: {} has hung up ({error}): the guest's output to it is dropped",
                    self.name
                ));
                Ok(Progress::Done)
            }
            other => other.map_err(|source| BackendError { target: self.name.clone(), source }),
        }
    }
}

/// Says something to whoever runs this. A standard error that is closed is no reason to stop.
pub(crate) fn tell(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn has_room(fd: BorrowedFd<'_>) -> bool {
    use crate::sys::poll::{Waiter, poll};
    let mut waiters = [Waiter::write(Some(fd))];
    poll(&mut waiters, Some(Duration::ZERO)).is_ok() && waiters[0].ready
}
