//! Clusters that have become free go back to the disk, whose owner may have other use for the room.
//!
//! A machine that stops finds what the table on its disk says, so they are discarded when that is there to stay: after a flush that
//! somebody asks for, or when there is much of them.

use crate::error::Error;
use crate::store::Store;
use crate::table::Run;

/// Runs that are remembered at most. The shortest ones are forgotten, and keep their room until they are used again.
const RUNS: usize = 32;
/// So many bytes are worth a flush of their own.
const MANY: u64 = 4 << 20;
/// Fewer bytes are not worth a request: hosts give room back by pages.
const LEAST: u64 = 4096;

impl Store {
    /// Remembers clusters that have become free.
    pub(crate) fn leave(&mut self, mut run: Run) {
        if !self.disk.can_discard() {
            return;
        }
        let adjoins = |other: &Run, run: Run| {
            other.first + other.count == run.first || run.first + run.count == other.first
        };
        while let Some(at) = self.leftover.iter().position(|other| adjoins(other, run)) {
            let other = self.leftover.swap_remove(at);
            run = Run { first: run.first.min(other.first), count: run.count + other.count };
        }
        if self.leftover.len() >= RUNS {
            let shortest = self.leftover.iter_mut().min_by_key(|other| other.count);
            if let Some(shortest) = shortest.filter(|shortest| shortest.count < run.count) {
                *shortest = run;
            }
        } else if self.leftover.try_reserve(1).is_ok() {
            self.leftover.push(run);
        }
    }

    /// All that is kept goes to the disk, to stay; then what is free goes back.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.write_back()?;
        self.disk.flush().map_err(Error::Disk)?;
        for run in core::mem::take(&mut self.leftover) {
            self.give_back(run);
        }
        Ok(())
    }

    /// Does so when it pays.
    pub(crate) fn give_back_if_much(&mut self) -> Result<(), Error> {
        let clusters: u64 = self.leftover.iter().map(|run| u64::from(run.count)).sum();
        if clusters * u64::from(self.geometry.cluster_bytes()) < MANY { Ok(()) } else { self.flush() }
    }

    /// Discards those of the clusters that are still free. What the disk does not take it keeps.
    fn give_back(&mut self, run: Run) {
        let (mut at, end) = (run.first, run.first + run.count);
        while let Ok(Some(free)) = self.find_free(at, end, end - at) {
            let start = self.offset(self.geometry.sector_of(free.first));
            let length = u64::from(free.count) * u64::from(self.geometry.cluster_bytes());
            if length >= LEAST && self.disk.discard(start, length).is_err() {
                return;
            }
            at = free.first + free.count;
        }
    }
}
