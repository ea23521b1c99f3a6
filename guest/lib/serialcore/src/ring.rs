//! The input buffer.

use alloc::collections::VecDeque;

/// What has arrived and nobody has read. It never holds more than its limit: what comes then is lost, and counted.
#[derive(Clone, Debug)]
pub struct Ring {
    bytes: VecDeque<u8>,
    limit: usize,
    lost: u64,
}

impl Ring {
    /// An empty one that holds `limit` bytes. It takes memory as it fills.
    pub const fn new(limit: usize) -> Self {
        Self { bytes: VecDeque::new(), limit, lost: 0 }
    }

    /// Bytes in it.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How much more it holds.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.bytes.len())
    }

    /// Changes the limit; never below what is in it, so that nothing is lost by it.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(self.bytes.len());
    }

    /// Puts bytes in; gives how many were lost.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.room());
        self.bytes.extend(bytes.get(..taken).unwrap_or_default());
        let lost = bytes.len() - taken;
        self.lost += lost as u64;
        lost
    }

    /// Moves at most `count` bytes to the end of `into`.
    pub fn take(&mut self, count: usize, into: &mut alloc::vec::Vec<u8>) {
        let count = count.min(self.bytes.len());
        let (front, back) = self.bytes.as_slices();
        let from_front = count.min(front.len());
        into.extend_from_slice(front.get(..from_front).unwrap_or_default());
        into.extend_from_slice(back.get(..count - from_front).unwrap_or_default());
        self.bytes.drain(..count);
    }

    /// Forgets what is in it.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Bytes lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}
