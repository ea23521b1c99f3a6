//! The search for free addresses.

use super::{Space, granule};
use crate::GRANULARITY;
use crate::section::SectionRef;

impl<S: SectionRef> Space<S> {
    /// The lowest (or highest) free range of `size` bytes, whole pages, that begins at a multiple of
    /// 64 KiB and ends at or below `end`.
    pub(super) fn hole(&self, size: u64, end: u64, top_down: bool) -> Option<u64> {
        let end = end.min(self.limits.end);
        if top_down { self.highest_hole(size, end) } else { self.lowest_hole(size, end) }
    }

    fn lowest_hole(&self, size: u64, end: u64) -> Option<u64> {
        let mut start = self.floor;
        let first = self.first_after(start).saturating_sub(1);
        for vad in self.vads.get(first..).unwrap_or(&[]) {
            if vad.end <= start {
                continue;
            }
            if start.checked_add(size)? <= vad.start {
                break;
            }
            start = vad.end.checked_next_multiple_of(GRANULARITY)?;
        }
        (start.checked_add(size)? <= end).then_some(start)
    }

    fn highest_hole(&self, size: u64, end: u64) -> Option<u64> {
        let mut end = end;
        for vad in self.vads.iter().rev() {
            if vad.start >= end {
                continue;
            }
            let start = granule(end.checked_sub(size)?);
            if start >= vad.end {
                break;
            }
            end = vad.start;
        }
        let start = granule(end.checked_sub(size)?);
        (start >= self.limits.lowest).then_some(start)
    }
}
