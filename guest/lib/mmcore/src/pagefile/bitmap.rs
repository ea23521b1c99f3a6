//! A bit for each slot of a file.

use alloc::vec::Vec;

use nt::NtStatus;

const BITS: u32 = 64;
/// Free slots around those with contents that nobody needs are discarded with them, that many on either side: disks give space
/// back in larger units.
const AROUND: u32 = 16;

/// Which slots are in use.
#[derive(Debug)]
pub(super) struct Bitmap {
    /// A set bit is a used slot; bits beyond the length are set.
    words: Vec<u64>,
    /// A set bit is a free slot that was in use since it was last discarded.
    stale: Vec<u64>,
    len: u32,
    used: u32,
    /// How many bits of `stale` are set.
    leftover: u32,
    peak: u32,
    /// Behind the slots taken last, where the search begins.
    hint: u32,
}

impl Bitmap {
    pub(super) fn new(len: u32) -> Result<Self, NtStatus> {
        let mut bitmap =
            Self { words: Vec::new(), stale: Vec::new(), len: 0, used: 0, leftover: 0, peak: 0, hint: 0 };
        bitmap.grow(len)?;
        Ok(bitmap)
    }

    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    pub(super) const fn used(&self) -> u32 {
        self.used
    }

    pub(super) const fn peak(&self) -> u32 {
        self.peak
    }

    /// Adds free slots up to a length.
    pub(super) fn grow(&mut self, len: u32) -> Result<(), NtStatus> {
        let words = len.div_ceil(BITS) as usize;
        let more = words.saturating_sub(self.words.len());
        self.words.try_reserve_exact(more).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        self.stale.try_reserve_exact(more).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        self.words.resize(words, u64::MAX);
        self.stale.resize(words, 0);
        for slot in self.len..len {
            self.words[(slot / BITS) as usize] &= !(1 << (slot % BITS));
        }
        self.len = self.len.max(len);
        Ok(())
    }

    pub(super) fn is_used(&self, slot: u32) -> bool {
        slot < self.len && self.words[(slot / BITS) as usize] >> (slot % BITS) & 1 != 0
    }

    /// The first run of `wanted` free slots from the hint on and around, else the longest: its first
    /// slot and its length, at most `wanted`.
    pub(super) fn find(&self, wanted: u32) -> Option<(u32, u32)> {
        if wanted == 0 || self.used == self.len {
            return None;
        }
        let upper = self.longest(self.hint, self.len, wanted);
        if upper.1 == wanted {
            return Some(upper);
        }
        let lower = self.longest(0, self.hint, wanted);
        let best = if lower.1 > upper.1 { lower } else { upper };
        (best.1 > 0).then_some(best)
    }

    fn longest(&self, start: u32, end: u32, wanted: u32) -> (u32, u32) {
        let mut best = (0, 0);
        let mut slot = self.next(start, end, false);
        while slot < end && best.1 < wanted {
            let stop = self.next(slot, end.min(slot.saturating_add(wanted)), true);
            if stop - slot > best.1 {
                best = (slot, stop - slot);
            }
            slot = self.next(stop, end, false);
        }
        best
    }

    /// The first slot of `slot..end` that is in use (or is free); `end` if there is none.
    fn next(&self, slot: u32, end: u32, used: bool) -> u32 {
        next(&self.words, slot, end, used)
    }

    /// Takes slots that [`Self::find`] found.
    pub(super) fn take(&mut self, first: u32, count: u32) {
        self.occupy(first, count);
        self.peak = self.peak.max(self.used);
        self.hint = first + count;
    }

    /// They are in use; what was in them before does not matter.
    fn occupy(&mut self, first: u32, count: u32) {
        for slot in first..first + count {
            let (word, bit) = ((slot / BITS) as usize, 1 << (slot % BITS));
            self.words[word] |= bit;
            self.leftover -= u32::from(self.stale[word] & bit != 0);
            self.stale[word] &= !bit;
        }
        self.used += count;
    }

    /// Free slots with contents that nobody needs.
    pub(super) const fn leftover(&self) -> u32 {
        self.leftover
    }

    /// The next run of at least `least` free slots from a slot on, some of which have contents that nobody needs. They are in use
    /// until [`Self::discarded`].
    pub(super) fn take_leftover(&mut self, from: u32, least: u32) -> Option<(u32, u32)> {
        let mut from = from;
        while from < self.len && self.leftover > 0 {
            let stale = next(&self.stale, from, self.len, true);
            if stale == self.len {
                return None;
            }
            // The free slots just before it may be the other part of what the disk gives back as a whole.
            let start = (from.max(stale.saturating_sub(AROUND))..stale).rev();
            let first = start.take_while(|&slot| !self.is_used(slot)).last().unwrap_or(stale);
            let mut end = stale;
            loop {
                let behind = next(&self.stale, end, self.len, false);
                let limit = self.len.min(behind.saturating_add(AROUND));
                end = self.next(behind, limit, true);
                if !(end == limit && end < self.len && next(&self.stale, end, end + 1, true) == end) {
                    break;
                }
            }
            if end > first && end - first >= least {
                self.occupy(first, end - first);
                return Some((first, end - first));
            }
            from = end.max(stale + 1);
        }
        None
    }

    /// Slots that [`Self::take_leftover`] took are free.
    pub(super) fn discarded(&mut self, first: u32, count: u32) {
        for slot in first..first + count {
            self.words[(slot / BITS) as usize] &= !(1 << (slot % BITS));
        }
        self.used -= count;
    }

    pub(super) fn give_back(&mut self, slot: u32) -> bool {
        let used = self.is_used(slot);
        if used {
            let (word, bit) = ((slot / BITS) as usize, 1 << (slot % BITS));
            self.words[word] &= !bit;
            self.stale[word] |= bit;
            self.used -= 1;
            self.leftover += 1;
        }
        used
    }
}

/// The first slot of `slot..end` whose bit is set (or is not); `end` if there is none.
fn next(words: &[u64], slot: u32, end: u32, set: bool) -> u32 {
    let mut slot = slot;
    while slot < end {
        let word = words[(slot / BITS) as usize];
        let word = (if set { word } else { !word }) >> (slot % BITS);
        if word != 0 {
            return (slot + word.trailing_zeros()).min(end);
        }
        slot = (slot / BITS + 1) * BITS;
    }
    end
}
