//! The file allocation table: for each cluster, which one comes next.

use crate::block::Class;
use crate::boot::Kind;
use crate::error::Error;
use crate::store::Store;

/// The last cluster of a chain.
pub(crate) const END: u32 = 0x0FFF_FFFF;
/// A cluster that cannot be used.
const BAD: u32 = 0x0FFF_FFF7;

/// Clusters one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub first: u32,
    pub count: u32,
}

/// An entry, as 28 bits whatever the kind; what a block does not hold is bad.
fn get(kind: Kind, bytes: &[u8], index: u32) -> u32 {
    let index = index as usize;
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    let widened = |value: u32, last: u32| if value >= last { value | END & !(last | 0xF) } else { value };
    match kind {
        Kind::Fat12 => {
            let at = index + index / 2;
            let (Some(low), Some(high)) = (byte(at), byte(at + 1)) else { return BAD };
            widened((low | high << 8) >> (index % 2 * 4) & 0xFFF, 0xFF0)
        }
        Kind::Fat16 => match bytes.get(2 * index..).and_then(|rest| rest.first_chunk()) {
            Some(entry) => widened(u16::from_le_bytes(*entry).into(), 0xFFF0),
            None => BAD,
        },
        Kind::Fat32 => match bytes.get(4 * index..).and_then(|rest| rest.first_chunk()) {
            Some(entry) => u32::from_le_bytes(*entry) & END,
            None => BAD,
        },
    }
}

/// Sets an entry. The four highest bits of FAT32 stay.
fn put(kind: Kind, bytes: &mut [u8], index: u32, value: u32) {
    let index = index as usize;
    match kind {
        Kind::Fat12 => {
            let at = index + index / 2;
            if let Some([low, high]) = bytes.get_mut(at..at + 2) {
                let value = value as u16 & 0xFFF;
                let old = u16::from_le_bytes([*low, *high]);
                let new = if index.is_multiple_of(2) { old & 0xF000 | value } else { old & 0xF | value << 4 };
                [*low, *high] = new.to_le_bytes();
            }
        }
        Kind::Fat16 => {
            if let Some(entry) = bytes.get_mut(2 * index..2 * index + 2) {
                entry.copy_from_slice(&(value as u16).to_le_bytes());
            }
        }
        Kind::Fat32 => {
            if let Some(entry) = bytes.get_mut(4 * index..4 * index + 4) {
                let top = entry.last().map_or(0, |&byte| u32::from(byte) << 24 & !END);
                entry.copy_from_slice(&(value & END | top).to_le_bytes());
            }
        }
    }
}

/// Where the entries of a block are in it, in bytes. There is one at least.
fn bytes_of(kind: Kind, from: u32, count: u32) -> core::ops::Range<usize> {
    let (from, last) = (from as usize, (from + count) as usize - 1);
    match kind {
        Kind::Fat12 => from + from / 2..last + last / 2 + 2,
        Kind::Fat16 => 2 * from..2 * last + 2,
        Kind::Fat32 => 4 * from..4 * last + 4,
    }
}

impl Store {
    /// How many of the clusters from one on have their entries in one block, and the block's first entry.
    fn entries(&self, cluster: u32) -> (u32, u32) {
        let geometry = &self.geometry;
        let (span, first) = geometry.table_span(cluster);
        let bytes = span.sectors * geometry.sector;
        let held = match geometry.kind {
            Kind::Fat12 => geometry.clusters + 2,
            Kind::Fat16 => bytes / 2,
            Kind::Fat32 => bytes / 4,
        };
        ((first + held).min(geometry.clusters + 2).saturating_sub(cluster), first)
    }

    fn table(&mut self, cluster: u32) -> Result<&[u8], Error> {
        let (span, _) = self.geometry.table_span(cluster);
        self.view(Class::Table, span)
    }

    /// What a cluster's entry says, in 28 bits. Entries 0 and 1 belong to no cluster.
    pub(crate) fn entry(&mut self, cluster: u32) -> Result<u32, Error> {
        let (kind, (_, first)) = (self.geometry.kind, self.geometry.table_span(cluster));
        Ok(get(kind, self.table(cluster)?, cluster - first))
    }

    /// Sets a cluster's entry.
    pub(crate) fn set_entry(&mut self, cluster: u32, value: u32) -> Result<(), Error> {
        self.set_entries(Run { first: cluster, count: 1 }, |_| value)
    }

    /// Sets the entries of clusters.
    pub(crate) fn set_entries(&mut self, run: Run, value: impl Fn(u32) -> u32) -> Result<(), Error> {
        let kind = self.geometry.kind;
        let (mut cluster, end) = (run.first, run.first + run.count);
        while cluster < end {
            let (held, first) = self.entries(cluster);
            let count = held.min(end - cluster);
            if count == 0 {
                return Err(Error::Corrupt("cluster beyond the end"));
            }
            let (span, _) = self.geometry.table_span(cluster);
            let bytes = self.change(Class::Table, span, bytes_of(kind, cluster - first, count))?;
            for n in cluster..cluster + count {
                put(kind, bytes, n - first, value(n));
            }
            cluster += count;
        }
        Ok(())
    }

    /// How many clusters one after another a chain has from one on, up to `most`, and what the last one's entry says.
    pub(crate) fn follow(&mut self, cluster: u32, most: u32) -> Result<(u32, u32), Error> {
        let kind = self.geometry.kind;
        let mut at = cluster;
        loop {
            let (held, first) = self.entries(at);
            if held == 0 {
                return Err(Error::Corrupt("chain leads out of the volume"));
            }
            let bytes = self.table(at)?;
            for n in at..at + held {
                let value = get(kind, bytes, n - first);
                if value != n + 1 || n + 1 - cluster >= most {
                    return Ok((n + 1 - cluster, value));
                }
            }
            at += held;
        }
    }

    /// The first free clusters one after another from one on, up to `most` of them.
    pub(crate) fn find_free(&mut self, from: u32, end: u32, most: u32) -> Result<Option<Run>, Error> {
        let kind = self.geometry.kind;
        let (mut at, mut run) = (from, None::<Run>);
        while at < end {
            let (held, first) = self.entries(at);
            let bytes = self.table(at)?;
            for n in at..(at + held).min(end) {
                match (get(kind, bytes, n - first), &mut run) {
                    (0, None) => run = Some(Run { first: n, count: 1 }),
                    (0, Some(run)) => run.count += 1,
                    (_, None) => continue,
                    (_, Some(_)) => return Ok(run),
                }
                if run.is_some_and(|run| run.count >= most) {
                    return Ok(run);
                }
            }
            at += held.max(1);
        }
        Ok(run)
    }

    /// Free clusters, counted unless that has been done.
    pub(crate) fn count_free(&mut self) -> Result<u32, Error> {
        if let Some(free) = self.free {
            return Ok(free);
        }
        let (kind, end) = (self.geometry.kind, self.geometry.clusters + 2);
        let (mut at, mut free) = (2, 0);
        while at < end {
            let (held, first) = self.entries(at);
            let bytes = self.table(at)?;
            free += (at..at + held).filter(|n| get(kind, bytes, n - first) == 0).count() as u32;
            at += held.max(1);
        }
        self.free = Some(free);
        Ok(free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_where_they_belong_and_leave_their_neighbours_alone() {
        for (kind, end) in [(Kind::Fat12, 0xFFF), (Kind::Fat16, 0xFFFF), (Kind::Fat32, END)] {
            let mut bytes = [0_u8; 64];
            for n in 0..15 {
                put(kind, &mut bytes, n, n * 17 + 3);
            }
            put(kind, &mut bytes, 7, END);
            for n in 0..15 {
                let expected = if n == 7 { END } else { n * 17 + 3 };
                assert_eq!(get(kind, &bytes, n), expected, "{kind:?} {n}");
            }
            put(kind, &mut bytes, 7, end - 8);
            assert_eq!(get(kind, &bytes, 7), BAD, "{kind:?}");
            assert_eq!(get(kind, &bytes, 1000), BAD);
        }
        // The four bits that are not FAT32's.
        let mut bytes = [0xF0; 4];
        put(Kind::Fat32, &mut bytes, 0, 5);
        assert_eq!(bytes, [5, 0, 0, 0xF0]);
    }
}
