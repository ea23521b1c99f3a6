//! The monitor's own events.

use super::Phase;
use crate::clock::rdtsc;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonitorEvent {
    /// Name, `Vmm.` and a word.
    pub name: &'static str,
    /// Begin, end or instant.
    pub phase: Phase,
    /// Host time stamp counter.
    pub tsc: u64,
}

/// What one thread noted, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    events: Vec<MonitorEvent>,
}

impl Spans {
    /// Notes that something happened now.
    pub fn instant(&mut self, name: &'static str) {
        self.at(name, Phase::Instant, rdtsc());
    }

    /// Notes an event at a time already read.
    pub fn at(&mut self, name: &'static str, phase: Phase, tsc: u64) {
        self.events.push(MonitorEvent { name, phase, tsc });
    }

    /// Notes beginning and end of `work`.
    pub fn span<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        self.at(name, Phase::Begin, rdtsc());
        let result = work();
        self.at(name, Phase::End, rdtsc());
        result
    }

    /// All of them.
    pub fn events(&self) -> &[MonitorEvent] {
        &self.events
    }
}
