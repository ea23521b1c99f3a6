//! Where a hive's file is, and what a flush means there.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use nt::NtStatus;
use regf::{HiveFile, Step};

use crate::io::{self, FileObject};
use crate::ke::dispatcher::{self, Signal};
use crate::ke::wait::{self, Mode};

/// A hive's file.
#[derive(Debug)]
pub enum Store {
    /// None: it goes when the system does.
    Volatile,
    /// In the boot archive. Nothing can be written there: the monitor saves the hive as it is when the
    /// system has stopped, and as it is in memory it is whole and clean after every change.
    Archive {
        /// Its path.
        path: String,
        /// Where it lies.
        address: usize,
    },
    /// On a volume.
    Files(Arc<Files>),
}

impl Store {
    /// The path of the hive's file, if there is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Archive { path, .. } => Some(path),
            Self::Files(files) => Some(&files.path),
            Self::Volatile => None,
        }
    }

    /// The files that a flush writes to.
    pub fn files(&self) -> Option<Arc<Files>> {
        match self {
            Self::Files(files) => Some(files.clone()),
            Self::Volatile | Self::Archive { .. } => None,
        }
    }
}

/// A hive's file and its log, open as long as the hive is loaded.
#[derive(Debug)]
pub struct Files {
    primary: Arc<FileObject>,
    log: Arc<FileObject>,
    path: String,
    state: KernelCell<State>,
    /// Signalled while nobody writes.
    turn: Signal,
}

#[derive(Debug, Default)]
struct State {
    is_busy: bool,
    /// What a flush that failed should have written. Written again from its beginning, it does no harm to what it
    /// wrote before.
    unfinished: Vec<Planned>,
}

/// A step of a flush, to be carried out when the registry is not borrowed.
#[derive(Debug)]
pub enum Planned {
    /// Bytes for an offset of a file.
    Write(HiveFile, u64, Vec<u8>),
    /// What was written to a file is to be on the disk before anything else is written.
    Barrier(HiveFile),
}

impl From<Step<'_>> for Planned {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::Write { file, offset, bytes } => Self::Write(file, offset, bytes.into()),
            Step::Barrier(file) => Self::Barrier(file),
        }
    }
}

impl Files {
    /// A hive file and its log.
    pub fn new(primary: Arc<FileObject>, log: Arc<FileObject>) -> Self {
        let path = primary.full_path();
        Self { primary, log, path, state: KernelCell::new(State::default()), turn: dispatcher::unsignalled() }
    }

    /// Writes what a flush before this one left, and what `plan` says. One thread does so at a time; it may wait.
    ///
    /// # Errors
    /// Those of `plan`; REGISTRY_IO_FAILED.
    pub fn flush(
        &self,
        plan: impl FnOnce(&mut Vec<Planned>) -> Result<(), NtStatus>,
    ) -> Result<(), NtStatus> {
        while self.is_taken() {
            wait::wait_for_any(&[&self.turn], None, Mode::Kernel);
        }
        let mut steps = core::mem::take(&mut self.state.lock().unfinished);
        let result = plan(&mut steps).and_then(|()| self.carry_out(&mut steps));
        {
            let mut state = self.state.lock();
            state.unfinished = if result.is_ok() { Vec::new() } else { steps };
            state.is_busy = false;
        }
        dispatcher::signal(&self.turn);
        result
    }

    fn is_taken(&self) -> bool {
        let taken = core::mem::replace(&mut self.state.lock().is_busy, true);
        if !taken {
            dispatcher::reset(&self.turn);
        }
        taken
    }

    fn carry_out(&self, steps: &mut [Planned]) -> Result<(), NtStatus> {
        let file = |which: &HiveFile| match which {
            HiveFile::Primary => &self.primary,
            HiveFile::Log => &self.log,
        };
        for step in steps {
            let done = match step {
                Planned::Write(which, offset, bytes) => io::write(file(which), *offset, bytes.clone()),
                Planned::Barrier(which) => io::flush(file(which)),
            };
            done.map_err(|_| NtStatus::REGISTRY_IO_FAILED)?;
        }
        Ok(())
    }
}
