//! The PFN database: one entry a page frame, free lists, and the knowledge which frames are zero.
//!
//! Memory that nobody has touched since the machine was started is known to be zero on some hosts;
//! clearing a page costs there what two thousand instructions cost. So frames are taken from
//! untouched ranges by bumping a pointer (their entries are not even written before), and only
//! frames that have been in use ever need clearing.
#![no_std]
#![forbid(unsafe_code)]

use core::ops::Range;

/// Size of a page in bytes.
pub const PAGE: u64 = 4096;
/// Most untouched ranges the database can hold.
pub const MAX_RANGES: usize = 16;

const NONE: u32 = u32::MAX;

/// A counted reference to a page frame. Not `Clone`: to lose it is to leak the page.
/// [`PfnDatabase::share`] makes another one.
#[must_use = "a dropped frame is a leaked page"]
#[derive(Debug, PartialEq, Eq)]
pub struct Frame(u32);

impl Frame {
    /// Page frame number.
    pub fn number(&self) -> u32 {
        self.0
    }

    /// Physical address of the frame.
    pub fn address(&self) -> u64 {
        u64::from(self.0) * PAGE
    }
}

/// What a frame is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum PageState {
    /// Never handed out; the database's memory starts out as this.
    #[default]
    Untouched = 0,
    /// On the free list; its content is whatever it was.
    Free,
    /// On the zeroed list.
    Zeroed,
    /// In use: there are references to it.
    Active,
}

/// One entry of the database.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Pfn {
    /// On a list: the next frame. Active: the number of references besides the first.
    link: u32,
    state: PageState,
}

impl Pfn {
    /// A frame with one reference to it.
    const ACTIVE: Self = Self { link: 0, state: PageState::Active };
}

/// A range of untouched frames: numbers `next..end`.
#[derive(Clone, Copy, Debug, Default)]
struct Untouched {
    next: u32,
    end: u32,
}

/// What is known of the content of a frame just allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All bytes are zero.
    Zero,
    /// Anything.
    Unknown,
}

/// The database. Its entries lie in memory that its owner provides.
#[derive(Debug)]
pub struct PfnDatabase<'a> {
    entries: &'a mut [Pfn],
    untouched: [Untouched; MAX_RANGES],
    ranges: usize,
    untouched_content: Content,
    free: u32,
    zeroed: u32,
    available: u32,
    total: u32,
}

impl<'a> PfnDatabase<'a> {
    /// A database over `entries` (entry n is frame n, all default), knowing no memory yet.
    pub fn new(entries: &'a mut [Pfn], untouched_content: Content) -> Self {
        Self {
            entries,
            untouched: [Untouched::default(); MAX_RANGES],
            ranges: 0,
            untouched_content,
            free: NONE,
            zeroed: NONE,
            available: 0,
            total: 0,
        }
    }

    /// Adds untouched frames `first..end`, to be handed out after those added before. What lies beyond the entries or does not fit the table of
    /// ranges is left unused.
    pub fn add_untouched(&mut self, first: u32, end: u32) {
        let end = end.min(self.entries.len() as u32);
        if first < end && self.ranges < MAX_RANGES {
            self.untouched[self.ranges] = Untouched { next: first, end };
            self.ranges += 1;
            self.available += end - first;
            self.total += end - first;
        }
    }

    /// Frames that can be allocated now.
    pub fn available(&self) -> u32 {
        self.available
    }

    /// Frames the database manages.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// Number of the last frame that it could manage.
    pub fn highest(&self) -> u32 {
        (self.entries.len() as u32).saturating_sub(1)
    }

    /// The state of a frame; `None` beyond the database.
    pub fn state(&self, number: u32) -> Option<PageState> {
        self.entries.get(number as usize).map(|entry| entry.state)
    }

    /// Allocates one frame for a user who needs it zero: from the zeroed list, then untouched, then
    /// free. The content says whether the caller has to clear it.
    pub fn allocate_for_zero(&mut self) -> Option<(Frame, Content)> {
        if let Some(frame) = self.pop_zeroed() {
            return Some((frame, Content::Zero));
        }
        if let Some(frame) = self.take_untouched(1) {
            return Some((frame, self.untouched_content));
        }
        self.pop_free().map(|frame| (frame, Content::Unknown))
    }

    /// Allocates one frame for a user who will overwrite it: from the free list first, so that zero
    /// frames are kept for those who need them.
    pub fn allocate_any(&mut self) -> Option<Frame> {
        self.pop_free().or_else(|| self.take_untouched(1)).or_else(|| self.pop_zeroed())
    }

    /// Allocates `count` adjoining frames and returns the first one's number; all of them are
    /// `Active` and are given back one by one with [`Self::adopt`] and [`Self::release`].
    ///
    /// Once there is no such untouched range, this looks at every frame.
    pub fn allocate_run(&mut self, count: u32) -> Option<(u32, Content)> {
        if count > 0
            && let Some(frame) = self.take_untouched(count)
        {
            return Some((frame.0, self.untouched_content));
        }
        match count {
            0 => None,
            1 => self.allocate_any().map(|frame| (frame.0, Content::Unknown)),
            _ => self.take_listed(count).map(|first| (first, Content::Unknown)),
        }
    }

    /// Takes adjoining frames from the lists.
    fn take_listed(&mut self, count: u32) -> Option<u32> {
        let mut len = 0;
        let last = self.entries.iter().position(|entry| {
            len = if matches!(entry.state, PageState::Free | PageState::Zeroed) { len + 1 } else { 0 };
            len == count
        })? as u32;
        let first = last + 1 - count;
        self.free = self.unlink(self.free, first..last + 1);
        self.zeroed = self.unlink(self.zeroed, first..last + 1);
        self.entries[first as usize..=last as usize].fill(Pfn::ACTIVE);
        self.available -= count;
        Some(first)
    }

    /// Takes the frames of a range out of a list; returns its new head.
    fn unlink(&mut self, mut head: u32, frames: Range<u32>) -> u32 {
        let mut kept: Option<u32> = None;
        let mut number = head;
        while let Some(&Pfn { link, .. }) = self.entries.get(number as usize) {
            if frames.contains(&number) {
                match kept {
                    Some(kept) => self.entries[kept as usize].link = link,
                    None => head = link,
                }
            } else {
                kept = Some(number);
            }
            number = link;
        }
        head
    }

    /// Makes a token again for a reference to an `Active` frame whose number is all that was kept.
    pub fn adopt(&mut self, number: u32) -> Option<Frame> {
        (self.state(number)? == PageState::Active).then_some(Frame(number))
    }

    /// Another reference to a frame. `None` when there are 2^32 already.
    pub fn share(&mut self, frame: &Frame) -> Option<Frame> {
        let entry = &mut self.entries[frame.0 as usize];
        debug_assert_eq!(entry.state, PageState::Active);
        entry.link = entry.link.checked_add(1)?;
        Some(Frame(frame.0))
    }

    /// How many references to a frame there are.
    pub fn references(&self, frame: &Frame) -> u64 {
        u64::from(self.entries[frame.0 as usize].link) + 1
    }

    /// Gives a reference back, and the frame with the last one. The content counts only then.
    pub fn release(&mut self, frame: Frame, content: Content) {
        let entry = &mut self.entries[frame.0 as usize];
        debug_assert_eq!(entry.state, PageState::Active);
        if entry.link != 0 {
            entry.link -= 1;
            return;
        }
        let (head, state) = match content {
            Content::Zero => (&mut self.zeroed, PageState::Zeroed),
            Content::Unknown => (&mut self.free, PageState::Free),
        };
        *entry = Pfn { link: *head, state };
        *head = frame.0;
        self.available += 1;
    }

    fn take_untouched(&mut self, count: u32) -> Option<Frame> {
        // From the lowest range that has them: early on, only low memory is mapped.
        let range = self.untouched[..self.ranges].iter_mut().find(|range| range.end - range.next >= count)?;
        let first = range.next;
        range.next += count;
        self.available -= count;
        for entry in &mut self.entries[first as usize..(first + count) as usize] {
            *entry = Pfn::ACTIVE;
        }
        Some(Frame(first))
    }

    fn pop_zeroed(&mut self) -> Option<Frame> {
        let number = self.zeroed;
        let entry = self.entries.get_mut(number as usize)?;
        self.zeroed = entry.link;
        *entry = Pfn::ACTIVE;
        self.available -= 1;
        Some(Frame(number))
    }

    fn pop_free(&mut self) -> Option<Frame> {
        let number = self.free;
        let entry = self.entries.get_mut(number as usize)?;
        self.free = entry.link;
        *entry = Pfn::ACTIVE;
        self.available -= 1;
        Some(Frame(number))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::BTreeSet;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn every_frame_is_handed_out_once() {
        let mut entries = vec![Pfn::default(); 64];
        let mut database = PfnDatabase::new(&mut entries, Content::Zero);
        database.add_untouched(4, 10);
        database.add_untouched(20, 100);
        assert_eq!((database.total(), database.available()), (50, 50));
        let mut seen = BTreeSet::new();
        while let Some((frame, content)) = database.allocate_for_zero() {
            assert_eq!(content, Content::Zero);
            assert!(seen.insert(frame.number()));
        }
        assert_eq!(seen, (4..10).chain(20..64).collect());
        assert_eq!(database.available(), 0);
        assert_eq!(database.allocate_any(), None);
    }

    #[test]
    fn dirty_frames_are_not_called_zero() {
        let mut entries = vec![Pfn::default(); 3];
        let mut database = PfnDatabase::new(&mut entries, Content::Zero);
        database.add_untouched(1, 3);
        let (a, _) = database.allocate_for_zero().unwrap();
        let (b, _) = database.allocate_for_zero().unwrap();
        let (a_number, b_number) = (a.number(), b.number());
        database.release(a, Content::Unknown);
        database.release(b, Content::Zero);
        // The zero frame goes to whoever needs zero, the dirty one to whoever does not.
        let any = database.allocate_any().unwrap();
        assert_eq!(any.number(), a_number);
        database.release(any, Content::Unknown);
        let (zero, content) = database.allocate_for_zero().unwrap();
        assert_eq!((zero.number(), content), (b_number, Content::Zero));
        assert_eq!(database.allocate_for_zero().map(|(_, content)| content), Some(Content::Unknown));
    }

    #[test]
    fn unknown_memory_is_never_called_zero() {
        let mut entries = vec![Pfn::default(); 8];
        let mut database = PfnDatabase::new(&mut entries, Content::Unknown);
        database.add_untouched(0, 8);
        assert_eq!(database.allocate_for_zero().map(|(_, content)| content), Some(Content::Unknown));
        assert_eq!(database.allocate_run(3).map(|(_, content)| content), Some(Content::Unknown));
    }

    #[test]
    fn a_frame_goes_with_its_last_reference() {
        let mut entries = vec![Pfn::default(); 2];
        let mut database = PfnDatabase::new(&mut entries, Content::Zero);
        database.add_untouched(0, 2);
        let (first, _) = database.allocate_for_zero().unwrap();
        let second = database.share(&first).unwrap();
        let third = database.share(&second).unwrap();
        assert_eq!((database.references(&first), third.number()), (3, first.number()));
        database.release(second, Content::Zero);
        database.release(first, Content::Zero);
        assert_eq!((database.references(&third), database.available()), (1, 1));
        database.release(third, Content::Unknown);
        assert_eq!(database.available(), 2);
        // What was on a list begins with one reference again.
        let again = database.allocate_any().unwrap();
        assert_eq!(database.references(&again), 1);
        database.release(again, Content::Unknown);
        assert_eq!(database.state(0), Some(PageState::Free));
    }

    #[test]
    fn runs_are_found_among_frames_that_came_back() {
        let mut entries = vec![Pfn::default(); 16];
        let mut database = PfnDatabase::new(&mut entries, Content::Zero);
        database.add_untouched(0, 16);
        let mut frames: Vec<_> = core::iter::from_fn(|| database.allocate_any()).map(Some).collect();
        // 3..7 and 9..11 in an order that is neither theirs nor the lists'.
        for number in [5, 10, 3, 9, 6, 4] {
            let content = if number % 2 == 0 { Content::Zero } else { Content::Unknown };
            database.release(frames[number].take().unwrap(), content);
        }
        assert_eq!(database.allocate_run(5), None);
        assert_eq!(database.allocate_run(4), Some((3, Content::Unknown)));
        assert_eq!((database.available(), database.allocate_run(3)), (2, None));
        assert_eq!(
            database.allocate_run(1),
            Some((9, Content::Unknown)),
            "the free one before the zeroed one"
        );
        assert_eq!(
            database.allocate_for_zero().map(|(frame, content)| (frame.0, content)),
            Some((10, Content::Zero))
        );
        assert_eq!((database.available(), database.allocate_any()), (0, None));
        assert!((0..16).all(|number| database.state(number) == Some(PageState::Active)));
    }

    #[test]
    fn runs_adjoin_and_come_back_one_by_one() {
        let mut entries = vec![Pfn::default(); 32];
        let mut database = PfnDatabase::new(&mut entries, Content::Zero);
        database.add_untouched(0, 32);
        let (first, _) = database.allocate_run(8).unwrap();
        assert_eq!(database.available(), 24);
        assert_eq!(database.allocate_run(25), None);
        assert_eq!(database.allocate_run(0), None);
        let frames: Vec<_> = (first..first + 8).map(|number| database.adopt(number).unwrap()).collect();
        for frame in frames {
            database.release(frame, Content::Unknown);
        }
        assert_eq!(database.available(), 32);
        assert_eq!(database.adopt(first), None, "a free frame has no owner");
        assert_eq!(database.adopt(99), None);
    }
}
