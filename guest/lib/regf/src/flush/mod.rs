//! Writing a hive so that a power cut at any moment leaves it old or new, never between.
//!
//! The means are Windows' own since 8.1 ("Format of transaction log files", "New format"):
//!
//! 1. all that is new goes to the log, summed;
//! 2. the primary file's base block is marked dirty: its first sequence number is one ahead;
//! 3. what is new goes to the primary file;
//! 4. the base block is written with equal sequence numbers.
//!
//! After each comes a barrier. Until 2 is on the disk the hive is clean and its log is ignored, and from 2 to 4 the
//! log is whole. So one sector that is either old or new decides, and even that one may be torn: then the log's copy of
//! the base block is used. One log file is enough, as it is only overwritten while the primary file is
//! clean; after a flush that failed half-way, the next one adds an entry to the log instead.
//!
//! Changes are logged by sectors of 512 bytes rather than by pages of 4096, as every byte is summed.

mod log;
mod marvin;
mod recover;

pub use recover::{RecoverError, Recovered, Recovery, recover};

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::edit::{HiveMut, Image, set_u32};
use crate::layout::{BASE_SIZE, SECTOR, base};

/// One of the two files of a hive on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiveFile {
    /// The hive itself.
    Primary,
    /// Its log, `.LOG1`.
    Log,
}

/// What is to be done next. Offsets and lengths of writes are multiples of 512.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Write these bytes at an offset of a file, which grows if it must, with zeros.
    Write {
        /// To which file.
        file: HiveFile,
        /// Where, in bytes.
        offset: u64,
        /// What.
        bytes: &'a [u8],
    },
    /// Bring all that was written to a file to the disk before anything else is written.
    Barrier(HiveFile),
}

/// What is known of the files on disk.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    sector: OnDisk,
    /// The log, if the primary file may not be clean.
    pending: Option<Pending>,
}

/// The base block's first sector as it was when the primary file was last clean.
#[derive(Clone, Debug)]
enum OnDisk {
    /// There is no file yet.
    Nothing,
    /// As it is in memory.
    Same,
    /// Not as it is in memory.
    Was(Box<[u8; SECTOR]>),
}

/// A log that the primary file may need.
#[derive(Clone, Copy, Debug)]
struct Pending {
    /// Sequence number of its last entry.
    sequence: u32,
    /// Where its last entry ends, in bytes.
    end: u64,
}

impl Disk {
    pub(crate) fn fresh() -> Self {
        Self { sector: OnDisk::Nothing, pending: None }
    }

    pub(crate) fn clean() -> Self {
        Self { sector: OnDisk::Same, pending: None }
    }

    pub(crate) fn is_fresh(&self) -> bool {
        matches!(self.sector, OnDisk::Nothing)
    }

    /// The sector in memory is about to change: what it is now is what is on the disk.
    pub(crate) fn keep(&mut self, sector: &[u8; SECTOR]) {
        if matches!(self.sector, OnDisk::Same) {
            self.sector = OnDisk::Was(Box::new(*sector));
        }
    }

    /// The sector on the disk, if there is one, given that in memory.
    fn sector(&self, memory: &[u8]) -> Option<[u8; SECTOR]> {
        match &self.sector {
            OnDisk::Nothing => None,
            OnDisk::Same => memory.first_chunk().copied(),
            OnDisk::Was(sector) => Some(**sector),
        }
    }
}

impl<I: Image> HiveMut<I> {
    /// Brings all changes to disk: tells `step` what to do, in order. Does nothing if nothing has changed.
    ///
    /// A hive from [`HiveMut::create`] is written whole the first time, to a file that must be empty or gone, its first
    /// sector last; until that is there, it is no hive.
    ///
    /// # Errors
    /// The first error of `step`. Then the hive on disk is still old or new, with its log, and the next flush
    /// writes what this one should have.
    pub fn flush<E>(&mut self, mut step: impl FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
        if !self.is_changed() {
            return Ok(());
        }
        let Some(on_disk) = self.disk.sector(self.bytes()) else { return self.flush_fresh(step) };
        let old = crate::layout::u32_in(&on_disk, base::SECONDARY_SEQUENCE);
        let last = self.disk.pending.map_or(old, |pending| pending.sequence);
        let sequence = last.wrapping_add(1);
        let clean = self.next_sector(sequence);

        // 1. The log. Behind what the primary file may still need, or from the start.
        let runs: Vec<Range<usize>> =
            self.dirty.runs().map(|run| run.start..run.end.min(self.bins_size)).collect();
        let hive = self.hive();
        let pages = runs.iter().filter_map(|run| Some((run.start as u32, hive.bins.get(run.clone())?)));
        let entry = log::entry(sequence, self.bins_size as u32, pages);
        let offset = match self.disk.pending {
            Some(pending) => pending.end,
            None => {
                let start = [&log::base_block(&clean)[..], &entry].concat();
                step(Step::Write { file: HiveFile::Log, offset: 0, bytes: &start })?;
                SECTOR as u64
            }
        };
        if self.disk.pending.is_some() {
            step(Step::Write { file: HiveFile::Log, offset, bytes: &entry })?;
        }
        step(Step::Barrier(HiveFile::Log))?;

        // 2. From here on the log may be needed.
        self.disk.pending = Some(Pending { sequence, end: offset + entry.len() as u64 });
        let dirty = edited(on_disk, |sector| set_u32(sector, base::PRIMARY_SEQUENCE, sequence));
        step(Step::Write { file: HiveFile::Primary, offset: 0, bytes: &dirty })?;
        step(Step::Barrier(HiveFile::Primary))?;

        // 3.
        let hive = self.hive();
        for run in runs {
            let offset = (BASE_SIZE + run.start) as u64;
            let bytes = hive.bins.get(run).unwrap_or_default();
            step(Step::Write { file: HiveFile::Primary, offset, bytes })?;
        }
        step(Step::Barrier(HiveFile::Primary))?;

        // 4.
        step(Step::Write { file: HiveFile::Primary, offset: 0, bytes: &clean })?;
        step(Step::Barrier(HiveFile::Primary))?;
        self.settle_flush(clean);
        Ok(())
    }

    fn flush_fresh<E>(&mut self, mut step: impl FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
        let clean = self.next_sector(1);
        let rest = self.bytes().get(SECTOR..).unwrap_or_default();
        step(Step::Write { file: HiveFile::Primary, offset: SECTOR as u64, bytes: rest })?;
        step(Step::Barrier(HiveFile::Primary))?;
        step(Step::Write { file: HiveFile::Primary, offset: 0, bytes: &clean })?;
        step(Step::Barrier(HiveFile::Primary))?;
        self.settle_flush(clean);
        Ok(())
    }

    /// The first sector of the hive as it is now, as it will be when a flush has ended.
    fn next_sector(&self, sequence: u32) -> [u8; SECTOR] {
        let now = self.clock.0;
        edited(self.bytes().first_chunk().copied().unwrap_or([0; SECTOR]), |sector| {
            set_u32(sector, base::PRIMARY_SEQUENCE, sequence);
            set_u32(sector, base::SECONDARY_SEQUENCE, sequence);
            set_u32(sector, base::LAST_WRITTEN, now as u32);
            set_u32(sector, base::LAST_WRITTEN + 4, (now >> 32) as u32);
        })
    }

    fn settle_flush(&mut self, clean: [u8; SECTOR]) {
        // In memory that cannot be written to, the base block stays what it was, which does no harm.
        self.disk = match self.edit_base(|sector| *sector = clean) {
            true => Disk::clean(),
            false => Disk { sector: OnDisk::Was(Box::new(clean)), pending: None },
        };
        self.dirty.clear();
    }
}

/// A sector with changes and the right checksum.
fn edited(mut sector: [u8; SECTOR], edit: impl FnOnce(&mut [u8; SECTOR])) -> [u8; SECTOR] {
    edit(&mut sector);
    let sum = crate::base::checksum(&sector);
    set_u32(&mut sector, base::CHECKSUM, sum);
    sector
}
