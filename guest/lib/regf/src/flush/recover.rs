//! Bringing a dirty hive back: its log is replayed.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use super::log::{Entry, Log};
use super::{HiveFile, Step, edited};
use crate::base::BaseBlock;
use crate::edit::set_u32;
use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::layout::{BASE_SIZE, SECTOR, base};

/// What [`recover`] found.
#[derive(Clone, Debug)]
pub enum Recovery {
    /// The hive is clean: its log, whatever is in it, is of no interest.
    Clean,
    /// The hive was dirty, and this is it with its log replayed.
    Replayed(Recovered),
}

/// A hive that was brought back, in memory. On disk it is still dirty, until [`Recovered::repair`].
#[derive(Clone, Debug)]
pub struct Recovered {
    image: Vec<u8>,
    /// What was replayed, in the image.
    pages: Vec<Range<usize>>,
}

/// Why a dirty hive could not be brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoverError {
    /// It is no hive at all, or what came out was none.
    Hive(HiveError),
    /// No log is whole and fits the hive.
    NoLog,
    /// There is no memory for the hive as large as the log says it is.
    NoMemory,
}

impl fmt::Display for RecoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hive(error) => error.fmt(f),
            Self::NoMemory => f.write_str("there is no memory for the recovered hive"),
            Self::NoLog => f.write_str("the hive is dirty, and no log is whole and fits it"),
        }
    }
}

impl core::error::Error for RecoverError {}

impl From<HiveError> for RecoverError {
    fn from(error: HiveError) -> Self {
        Self::Hive(error)
    }
}

/// Brings a hive to a state in which it was flushed, with its logs: one, or two as Windows keeps them, in any
/// order, missing ones left out or empty. Logs of the format before Windows 8.1 are not read.
///
/// # Errors
/// [`RecoverError`]. What the logs can do, they do: a hive that is refused is neither old nor new.
pub fn recover(primary: &[u8], logs: &[&[u8]]) -> Result<Recovery, RecoverError> {
    // A base block whose checksum is wrong says nothing: the log's copy takes its place.
    let base = BaseBlock::read(primary).ok().filter(|base| base.sum_is_right);
    if base.is_some_and(|base| base.is_clean()) {
        return Ok(Recovery::Clean);
    }
    let mut logs: Vec<Log<'_>> = logs.iter().filter_map(|log| Log::read(log)).collect();
    logs.sort_by_key(|log| log.sequence);
    let first = match base {
        // Numbers wrap around, so their order is that of their distance.
        Some(base) => logs.iter().position(|log| !is_before(log.sequence, base.secondary_sequence)),
        None => logs.len().checked_sub(1),
    };
    let logs = first.and_then(|first| logs.get(first..)).ok_or(RecoverError::NoLog)?;

    let mut replay = Replay { image: primary.to_vec(), pages: Vec::new(), last: None };
    replay.image.resize(primary.len().max(BASE_SIZE), 0);
    for log in logs {
        if replay.last.is_none_or(|last| log.sequence == last.wrapping_add(1)) {
            log.entries().try_for_each(|entry| replay.apply(&entry))?;
        }
    }
    let last = replay.last.ok_or(RecoverError::NoLog)?;
    if base.is_some_and(|base| is_before(last, base.primary_sequence)) {
        return Err(RecoverError::NoLog);
    }
    let sector = match base {
        Some(_) => primary.first_chunk(),
        None => logs.first().map(|log| log.sector),
    };
    replay.finish(sector.ok_or(RecoverError::NoLog)?, last)
}

/// Whether one sequence number comes before another.
fn is_before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

struct Replay {
    image: Vec<u8>,
    pages: Vec<Range<usize>>,
    /// Sequence number of the last entry.
    last: Option<u32>,
}

impl Replay {
    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), RecoverError> {
        let len = BASE_SIZE + entry.bins_size as usize;
        let more = len.saturating_sub(self.image.len());
        self.image.try_reserve(more).map_err(|_| RecoverError::NoMemory)?;
        self.image.resize(len, 0);
        for (offset, page) in entry.pages().flatten() {
            let range = BASE_SIZE + offset..BASE_SIZE + offset + page.len();
            if let Some(room) = self.image.get_mut(range.clone()) {
                room.copy_from_slice(page);
                self.pages.push(range);
            }
        }
        self.last = Some(entry.sequence);
        Ok(())
    }

    /// Writes a clean base block and looks whether what has come out is a hive.
    fn finish(mut self, sector: &[u8; SECTOR], sequence: u32) -> Result<Recovery, RecoverError> {
        let bins_size = self.image.len() - BASE_SIZE;
        let clean = edited(*sector, |sector| {
            set_u32(sector, base::FILE_TYPE, 0);
            set_u32(sector, base::BINS_SIZE, bins_size as u32);
            set_u32(sector, base::PRIMARY_SEQUENCE, sequence);
            set_u32(sector, base::SECONDARY_SEQUENCE, sequence);
        });
        match self.image.first_chunk_mut() {
            Some(first) => *first = clean,
            None => return Err(HiveError::new(Fault::Truncated, self.image.len()).into()),
        }
        let hive = Hive::clean(&self.image)?;
        hive.root()?;
        if let Some(Err(error)) = hive.bins().find(Result::is_err) {
            return Err(error.into());
        }
        Ok(Recovery::Replayed(Recovered { image: self.image, pages: self.pages }))
    }
}

impl Recovered {
    /// The hive file as it should be.
    pub fn bytes(&self) -> &[u8] {
        &self.image
    }

    /// Writes to the primary file what was replayed, and nothing else: that is what the log can bring back if the
    /// power fails again. A hive that has grown has the end of its last bin in the log, so the file reaches its end.
    /// Returns the image, which [`crate::HiveMut::open`] takes.
    ///
    /// # Errors
    /// The first error of `step`.
    pub fn repair<E>(self, mut step: impl FnMut(Step<'_>) -> Result<(), E>) -> Result<Vec<u8>, E> {
        for page in &self.pages {
            let bytes = self.image.get(page.clone()).unwrap_or_default();
            step(Step::Write { file: HiveFile::Primary, offset: page.start as u64, bytes })?;
        }
        step(Step::Barrier(HiveFile::Primary))?;
        let first = self.image.get(..SECTOR).unwrap_or_default();
        step(Step::Write { file: HiveFile::Primary, offset: 0, bytes: first })?;
        step(Step::Barrier(HiveFile::Primary))?;
        Ok(self.image)
    }
}
