//! A log of VM exits: how many of each kind, and the last ones in full.

use serde::Serialize;

use crate::clock::rdtsc;
use crate::kvm::{Exit, ExitKind};

/// How many exits are remembered.
const REMEMBERED: usize = 64;

/// One exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExitRecord {
    /// Host time stamp counter.
    pub tsc: u64,
    /// What kind.
    pub kind: ExitKind,
    /// Port, address, vector or suberror.
    pub address: u64,
    /// Bytes of the access.
    pub size: u8,
    /// What was written or read: the first eight bytes.
    pub value: u64,
    /// Where the guest was.
    pub rip: u64,
}

/// The log.
#[derive(Clone, Debug)]
pub struct ExitLog {
    counts: [u64; ExitKind::ALL.len()],
    ring: Vec<ExitRecord>,
    next: usize,
}

impl Default for ExitLog {
    fn default() -> Self {
        Self { counts: [0; ExitKind::ALL.len()], ring: Vec::with_capacity(REMEMBERED), next: 0 }
    }
}

impl ExitLog {
    /// Notes an exit that has been handled, so that a read shows what was read.
    pub(crate) fn note(&mut self, exit: &Exit<'_>, rip: u64) {
        let kind = exit.kind();
        self.counts[kind as usize] += 1;
        let (address, data): (u64, &[u8]) = match exit {
            Exit::PortWrite { port, data, .. } => ((*port).into(), data),
            Exit::PortRead { port, data, .. } => ((*port).into(), data),
            Exit::MmioWrite { address, data } => (*address, data),
            Exit::MmioRead { address, data } => (*address, data),
            Exit::Eoi(vector) => ((*vector).into(), &[]),
            Exit::InternalError { suberror, .. } => ((*suberror).into(), &[]),
            Exit::EntryFailed(reason) => (*reason, &[]),
            Exit::MemoryFault(address) => (*address, &[]),
            Exit::Other(reason) => ((*reason).into(), &[]),
            Exit::Kicked | Exit::Shutdown | Exit::Halt => (0, &[]),
        };
        let mut value = [0; 8];
        value.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
        let record = ExitRecord {
            tsc: rdtsc(),
            kind,
            address,
            size: data.len().min(255) as u8,
            value: u64::from_le_bytes(value),
            rip,
        };
        if self.ring.len() < REMEMBERED {
            self.ring.push(record);
        } else {
            self.ring[self.next] = record;
        }
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// How many exits of each kind there were; kinds without any are left out.
    pub fn counts(&self) -> impl Iterator<Item = (ExitKind, u64)> + '_ {
        ExitKind::ALL
            .into_iter()
            .map(|kind| (kind, self.counts[kind as usize]))
            .filter(|(_, count)| *count > 0)
    }

    /// How many there were in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The last exits, oldest first.
    pub fn last(&self) -> impl Iterator<Item = &ExitRecord> {
        let (newer, older) = self.ring.split_at(self.next.min(self.ring.len()));
        older.iter().chain(newer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_ones_in_order() {
        let mut log = ExitLog::default();
        for port in 0..100u16 {
            log.note(&Exit::PortWrite { port, size: 1, data: &[port as u8] }, 0);
        }
        log.note(&Exit::Shutdown, 7);
        let ports: Vec<u64> = log.last().map(|record| record.address).collect();
        assert_eq!(ports.len(), REMEMBERED);
        assert_eq!(ports[..2], [37, 38]);
        assert_eq!(log.last().last().map(|record| record.kind), Some(ExitKind::Shutdown));
        assert_eq!(log.total(), 101);
        assert_eq!(log.counts().count(), 2);
    }
}
