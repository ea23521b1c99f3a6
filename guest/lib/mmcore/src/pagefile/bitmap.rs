//! A bit for each slot of a file.

use alloc::vec::Vec;

use nt::NtStatus;

const BITS: u32 = 64;

/// Which slots are in use.
#[derive(Debug)]
pub(super) struct Bitmap {
    /// A set bit is a used slot; bits beyond the length are set.
    words: Vec<u64>,
    len: u32,
    used: u32,
    peak: u32,
    /// Behind the slots taken last, where the search begins.
    hint: u32,
}

impl Bitmap {
    pub(super) fn new(len: u32) -> Result<Self, NtStatus> {
        let mut bitmap = Self { words: Vec::new(), len: 0, used: 0, peak: 0, hint: 0 };
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
        self.words.resize(words, u64::MAX);
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
        let mut slot = slot;
        while slot < end {
            let word = self.words[(slot / BITS) as usize];
            let word = (if used { word } else { !word }) >> (slot % BITS);
            if word != 0 {
                return (slot + word.trailing_zeros()).min(end);
            }
            slot = (slot / BITS + 1) * BITS;
        }
        end
    }

    /// Takes slots that [`Self::find`] found.
    pub(super) fn take(&mut self, first: u32, count: u32) {
        for slot in first..first + count {
            self.words[(slot / BITS) as usize] |= 1 << (slot % BITS);
        }
        self.used += count;
        self.peak = self.peak.max(self.used);
        self.hint = first + count;
    }

    pub(super) fn give_back(&mut self, slot: u32) -> bool {
        let used = self.is_used(slot);
        if used {
            self.words[(slot / BITS) as usize] &= !(1 << (slot % BITS));
            self.used -= 1;
        }
        used
    }
}
