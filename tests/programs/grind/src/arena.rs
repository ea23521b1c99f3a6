//! Memory that arguments point to. Words, because both threads and the kernel write to them at any time.

use core::sync::atomic::{AtomicU64, Ordering};

/// Grinding threads; each has an arena.
pub const THREADS: usize = 2;
/// Words of an arena: room for the arguments of some calls.
const WORDS: usize = 4096;

static ARENAS: [[AtomicU64; WORDS]; THREADS] = [const { [const { AtomicU64::new(0) }; WORDS] }; THREADS];

/// A thread's arena. What is taken out of it is used again after some calls.
#[derive(Debug)]
pub struct Arena {
    words: &'static [AtomicU64; WORDS],
    next: usize,
}

/// A piece of an arena.
#[derive(Clone, Copy, Debug)]
pub struct Slot(&'static [AtomicU64]);

impl Arena {
    /// The arena of a thread.
    pub fn of(thread: usize) -> Self {
        Self { words: &ARENAS[thread % THREADS], next: 0 }
    }

    /// Takes `bytes`, on a boundary of 16 bytes.
    pub fn take(&mut self, bytes: usize) -> Slot {
        let words = bytes.div_ceil(16) * 2;
        if self.next + words > WORDS {
            self.next = 0;
        }
        let slot = Slot(&self.words[self.next..self.next + words]);
        self.next += words;
        slot
    }
}

impl Slot {
    /// Its address.
    pub fn address(self) -> u64 {
        self.0.as_ptr().expose_provenance() as u64
    }

    /// Number of words in it.
    pub fn words(self) -> usize {
        self.0.len()
    }

    /// Writes a word, if it has that many.
    pub fn put(self, word: usize, value: u64) {
        if let Some(place) = self.0.get(word) {
            place.store(value, Ordering::Relaxed);
        }
    }

    /// Reads a word; 0 beyond its end.
    pub fn get(self, word: usize) -> u64 {
        self.0.get(word).map_or(0, |place| place.load(Ordering::Relaxed))
    }
}
