//! What grinding threads leave for who watches them: how far they are, and their last calls.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::arena::THREADS;
use crate::asm::ARGUMENTS;

/// Calls of each thread that are remembered.
pub const LAST: usize = 32;

/// One call.
#[derive(Debug)]
pub struct Call {
    /// Service number.
    pub number: AtomicU64,
    /// What it returned; [`Call::UNDER_WAY`] until then.
    pub status: AtomicU64,
    /// Its arguments.
    pub arguments: [AtomicU64; ARGUMENTS],
}

impl Call {
    const fn new() -> Self {
        Self {
            number: AtomicU64::new(0),
            status: AtomicU64::new(0),
            arguments: [const { AtomicU64::new(0) }; ARGUMENTS],
        }
    }

    /// The status of a call that has not returned.
    pub const UNDER_WAY: u64 = u64::MAX;
}

/// One thread.
#[derive(Debug)]
pub struct Thread {
    /// Thread id.
    pub id: AtomicU64,
    /// Calls made.
    pub calls: AtomicU64,
    /// Not 0 when it has made its calls.
    pub done: AtomicU64,
    /// The last calls; the next one goes to `calls` modulo [`LAST`].
    pub last: [Call; LAST],
}

/// What a process shares with who watches it.
#[derive(Debug)]
pub struct Record {
    /// What the random numbers depend on.
    pub seed: AtomicU64,
    /// Calls that each thread is to make.
    pub limit: AtomicU64,
    /// Not 0 when the process runs as an ordinary user.
    pub ordinary: AtomicU64,
    /// The threads.
    pub threads: [Thread; THREADS],
}

impl Record {
    /// Asks the next process to make calls.
    pub fn begin(&self, seed: u64, limit: u64, ordinary: bool) {
        self.seed.store(seed, Ordering::Relaxed);
        self.limit.store(limit, Ordering::Relaxed);
        self.ordinary.store(ordinary.into(), Ordering::Relaxed);
        for thread in &self.threads {
            for field in [&thread.id, &thread.calls, &thread.done] {
                field.store(0, Ordering::Relaxed);
            }
        }
    }

    /// Calls made by all threads.
    pub fn calls(&self) -> u64 {
        self.threads.iter().map(|thread| thread.calls.load(Ordering::Relaxed)).sum()
    }

    /// Nothing done yet.
    pub const fn new() -> Self {
        Self {
            seed: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            ordinary: AtomicU64::new(0),
            threads: [const { Thread::new() }; THREADS],
        }
    }
}

impl Thread {
    const fn new() -> Self {
        Self {
            id: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            done: AtomicU64::new(0),
            last: [const { Call::new() }; LAST],
        }
    }

    /// Remembers a call that is about to be made; gives where its status goes.
    pub fn begin(&self, number: u64, arguments: &[u64; ARGUMENTS]) -> &Call {
        let call = &self.last[self.calls.load(Ordering::Relaxed) as usize % LAST];
        call.status.store(Call::UNDER_WAY, Ordering::Relaxed);
        call.number.store(number, Ordering::Relaxed);
        for (to, &from) in call.arguments.iter().zip(arguments) {
            to.store(from, Ordering::Relaxed);
        }
        call
    }
}
