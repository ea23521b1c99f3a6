//! Chains of clusters: what a file or folder has, as runs that are looked up once.

use alloc::vec::Vec;

use crate::block::Class;
use crate::error::Error;
use crate::store::Store;
use crate::table::{END, Run};

/// A chain, as far as it has been followed.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    /// The first cluster; 0 for none.
    pub first: u32,
    runs: Vec<Run>,
    /// Clusters in the runs.
    known: u32,
    /// The runs are all there is.
    is_whole: bool,
}

impl Chain {
    /// The chain from a cluster on; 0 for one without clusters.
    pub(crate) fn new(first: u32) -> Self {
        Self { first, is_whole: first == 0, ..Self::default() }
    }

    fn last(&self) -> Option<u32> {
        self.runs.last().map(|run| run.first + run.count - 1)
    }

    fn push(&mut self, run: Run) -> Result<(), Error> {
        match self.runs.last_mut() {
            Some(last) if last.first + last.count == run.first => last.count += run.count,
            _ => {
                self.runs.try_reserve(1).map_err(|_| Error::NoMemory)?;
                self.runs.push(run);
            }
        }
        self.known += run.count;
        Ok(())
    }

    /// Follows it for one run more.
    fn learn(&mut self, store: &mut Store) -> Result<(), Error> {
        let next = match self.last() {
            None => self.first,
            Some(last) => store.entry(last)?,
        };
        if next > 0x0FFF_FFF7 {
            self.is_whole = true;
            return Ok(());
        }
        if !store.geometry.holds(next) {
            return Err(Error::Corrupt("chain leads to no cluster"));
        }
        let left = store.geometry.clusters.saturating_sub(self.known);
        if left == 0 {
            return Err(Error::Corrupt("chain without an end"));
        }
        let (count, _) = store.follow(next, left)?;
        self.push(Run { first: next, count })
    }

    /// The cluster of that number in the chain, and how many come one after another from there on.
    pub(crate) fn at(&mut self, store: &mut Store, index: u32) -> Result<Option<Run>, Error> {
        while self.known <= index && !self.is_whole {
            self.learn(store)?;
        }
        let mut before = 0;
        for run in &self.runs {
            if index - before < run.count {
                let within = index - before;
                return Ok(Some(Run { first: run.first + within, count: run.count - within }));
            }
            before += run.count;
        }
        Ok(None)
    }

    /// Clusters of it.
    pub(crate) fn length(&mut self, store: &mut Store) -> Result<u32, Error> {
        while !self.is_whole {
            self.learn(store)?;
        }
        Ok(self.known)
    }

    /// Makes it longer, or leaves it as it is.
    pub(crate) fn grow(&mut self, store: &mut Store, clusters: u32) -> Result<(), Error> {
        self.length(store)?;
        let tail = self.last();
        let runs = store.allocate(tail, clusters)?;
        self.runs.try_reserve(runs.len()).map_err(|_| Error::NoMemory)?;
        if tail.is_none() {
            self.first = runs.first().map_or(0, |run| run.first);
        }
        runs.into_iter().try_for_each(|run| self.push(run))
    }

    /// Gives back all clusters but the first `keep`. What refers to them must not, on the disk, any more.
    pub(crate) fn cut(&mut self, store: &mut Store, keep: u32) -> Result<(), Error> {
        let length = self.length(store)?;
        if keep >= length {
            return Ok(());
        }
        if let Some(last) = keep.checked_sub(1) {
            let last = self.at(store, last)?.ok_or(Error::Corrupt("short chain"))?;
            store.set_entry(last.first, END)?;
            store.write_class(Class::Table)?;
        } else {
            self.first = 0;
        }
        let mut before = 0;
        let runs = core::mem::take(&mut self.runs);
        self.known = 0;
        let mut freed = Ok(());
        for run in runs {
            let kept = keep.saturating_sub(before).min(run.count);
            before += run.count;
            if kept > 0 {
                self.push(Run { first: run.first, count: kept })?;
            }
            if kept < run.count && freed.is_ok() {
                freed = store.release(Run { first: run.first + kept, count: run.count - kept });
            }
        }
        freed
    }
}

impl Store {
    /// Takes free clusters and links them, to each other and to the end of a chain; none of them if there are not enough.
    fn allocate(&mut self, tail: Option<u32>, wanted: u32) -> Result<Vec<Run>, Error> {
        let end = self.geometry.clusters + 2;
        let start = tail.map_or(self.hint, |tail| tail + 1);
        let start = if (2..end).contains(&start) { start } else { 2 };
        let (mut runs, mut found) = (Vec::new(), 0);
        for (mut at, end) in [(start, end), (2, start)] {
            while found < wanted {
                let Some(run) = self.find_free(at, end, wanted - found)? else { break };
                runs.try_reserve(1).map_err(|_| Error::NoMemory)?;
                runs.push(run);
                found += run.count;
                at = run.first + run.count;
            }
        }
        if found < wanted {
            self.free = Some(found);
            return Err(Error::Full);
        }
        let mut next = END;
        for run in runs.iter().rev() {
            let last = run.first + run.count - 1;
            self.before_link(last, next)?;
            self.set_entries(*run, |n| if n == last { next } else { n + 1 })?;
            next = run.first;
        }
        if let (Some(tail), true) = (tail, wanted > 0) {
            self.before_link(tail, next)?;
            self.set_entry(tail, next)?;
        }
        self.hint = runs.last().map_or(self.hint, |run| run.first + run.count);
        self.free = self.free.map(|free| free.saturating_sub(wanted));
        Ok(runs)
    }

    /// The table is written from its end to its start: a link backwards needs what it leads to on the disk.
    fn before_link(&mut self, from: u32, to: u32) -> Result<(), Error> {
        if to < from { self.write_class(Class::Table) } else { Ok(()) }
    }

    /// Clusters become free.
    fn release(&mut self, run: Run) -> Result<(), Error> {
        self.forget(self.geometry.sector_of(run.first), run.count.saturating_mul(self.geometry.cluster));
        self.set_entries(run, |_| 0)?;
        self.free = self.free.map(|free| (free + run.count).min(self.geometry.clusters));
        self.hint = self.hint.min(run.first);
        self.leave(run);
        Ok(())
    }
}
