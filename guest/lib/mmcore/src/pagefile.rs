//! Paging files: which slots of which file are in use. No I/O: who writes a page asks here where.

mod bitmap;

use alloc::vec::Vec;

use nt::NtStatus;

use bitmap::Bitmap;

/// Most paging files there can be.
pub const MAX_FILES: usize = 16;

/// The number of a paging file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileNumber(u8);

impl FileNumber {
    /// `None` from 16 on.
    pub const fn new(number: u8) -> Option<Self> {
        if (number as usize) < MAX_FILES { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// A page's place in a paging file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The file.
    pub file: FileNumber,
    /// Which page of it.
    pub index: u32,
}

/// Slots that adjoin, to be written in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRun {
    /// The first.
    pub first: Slot,
    /// How many; not 0.
    pub count: u32,
}

/// A paging file. Sizes are in pages.
#[derive(Debug)]
pub struct PagingFile {
    minimum: u32,
    maximum: u32,
    slots: Bitmap,
}

impl PagingFile {
    /// The size with which it was made.
    pub const fn minimum(&self) -> u32 {
        self.minimum
    }

    /// The size to which it may grow.
    pub const fn maximum(&self) -> u32 {
        self.maximum
    }

    /// Its size now.
    pub const fn size(&self) -> u32 {
        self.slots.len()
    }

    /// Slots in use.
    pub const fn used(&self) -> u32 {
        self.slots.used()
    }

    /// The most that was in use at any time.
    pub const fn peak(&self) -> u32 {
        self.slots.peak()
    }
}

/// All paging files of the system.
#[derive(Debug, Default)]
pub struct PagingFiles {
    files: Vec<PagingFile>,
}

impl PagingFiles {
    /// None yet.
    pub const fn new() -> Self {
        Self { files: Vec::new() }
    }

    /// Whether NtCreatePagingFile may make a file of these sizes, in pages.
    ///
    /// # Errors
    /// INVALID_PARAMETER_2 for a minimum and _3 for a maximum that is 0 or too large, INVALID_PARAMETER_MIX
    /// when the minimum is above the maximum, TOO_MANY_PAGING_FILES.
    pub fn check(&self, minimum: u64, maximum: u64) -> Result<(u32, u32), NtStatus> {
        let in_range = |pages| u32::try_from(pages).ok().filter(|&pages| pages > 0 && pages < u32::MAX);
        let minimum = in_range(minimum).ok_or(NtStatus::INVALID_PARAMETER_2)?;
        let maximum = in_range(maximum).ok_or(NtStatus::INVALID_PARAMETER_3)?;
        if minimum > maximum {
            return Err(NtStatus::INVALID_PARAMETER_MIX);
        }
        if self.files.len() >= MAX_FILES {
            return Err(NtStatus::TOO_MANY_PAGING_FILES);
        }
        Ok((minimum, maximum))
    }

    /// Adds a file that exists and has `minimum` pages. The commit limit rises by as many.
    ///
    /// # Errors
    /// As [`Self::check`]; INSUFFICIENT_RESOURCES.
    pub fn add(&mut self, minimum: u64, maximum: u64) -> Result<FileNumber, NtStatus> {
        let (minimum, maximum) = self.check(minimum, maximum)?;
        let number = FileNumber(self.files.len() as u8);
        self.files.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        self.files.push(PagingFile { minimum, maximum, slots: Bitmap::new(minimum)? });
        Ok(number)
    }

    /// The files in the order of their numbers.
    pub fn files(&self) -> &[PagingFile] {
        &self.files
    }

    /// Slots that are free in all files.
    pub fn free_slots(&self) -> u64 {
        self.files.iter().map(|file| u64::from(file.size() - file.used())).sum()
    }

    /// By how many pages, at most `wanted`, a file may still grow.
    pub fn growth(&self, file: FileNumber, wanted: u32) -> u32 {
        self.file(file).map_or(0, |file| wanted.min(file.maximum - file.size()))
    }

    /// Takes note that a file has grown by so many pages. The commit limit rises by as many.
    ///
    /// # Errors
    /// INVALID_PARAMETER beyond its maximum or for no file, INSUFFICIENT_RESOURCES.
    pub fn grown(&mut self, file: FileNumber, pages: u32) -> Result<(), NtStatus> {
        let file = self.files.get_mut(usize::from(file.0)).ok_or(NtStatus::INVALID_PARAMETER)?;
        let size = file.size().checked_add(pages).filter(|&size| size <= file.maximum);
        file.slots.grow(size.ok_or(NtStatus::INVALID_PARAMETER)?)
    }

    /// Takes up to `wanted` adjoining slots: a run of that length from the emptiest file that has one,
    /// else the longest there is. `None` when no slot is free, or none is wanted.
    pub fn take(&mut self, wanted: u32) -> Option<SlotRun> {
        let free = |file: &PagingFile| file.size() - file.used();
        let mut best: Option<(usize, u32, u32)> = None;
        for (number, file) in self.files.iter().enumerate() {
            let Some((first, count)) = file.slots.find(wanted) else { continue };
            let better = best.is_none_or(|(other, _, length)| {
                count > length || count == length && free(file) > free(&self.files[other])
            });
            if better {
                best = Some((number, first, count));
            }
        }
        let (number, index, count) = best?;
        self.files.get_mut(number)?.slots.take(index, count);
        Some(SlotRun { first: Slot { file: FileNumber(number as u8), index }, count })
    }

    /// Gives a slot back. Returns false, and does nothing, when it was not in use.
    pub fn give_back(&mut self, slot: Slot) -> bool {
        self.files.get_mut(usize::from(slot.file.0)).is_some_and(|file| file.slots.give_back(slot.index))
    }

    /// Free slots with contents that nobody needs, in all files.
    pub fn leftover(&self) -> u64 {
        self.files.iter().map(|file| u64::from(file.slots.leftover())).sum()
    }

    /// The next run of at least `least` free slots of a file, from a slot on, with contents that nobody needs, to be discarded. They
    /// are in use until [`Self::discarded`], so that nobody writes there meanwhile.
    pub fn take_leftover(&mut self, from: Slot, least: u32) -> Option<SlotRun> {
        let file = self.files.get_mut(usize::from(from.file.0))?;
        let (index, count) = file.slots.take_leftover(from.index, least)?;
        Some(SlotRun { first: Slot { index, ..from }, count })
    }

    /// Slots that [`Self::take_leftover`] gave are free, and nothing is in them.
    pub fn discarded(&mut self, run: SlotRun) {
        if let Some(file) = self.files.get_mut(usize::from(run.first.file.0)) {
            file.slots.discarded(run.first.index, run.count);
        }
    }

    /// Whether a slot is in use.
    pub fn is_used(&self, slot: Slot) -> bool {
        self.file(slot.file).is_some_and(|file| file.slots.is_used(slot.index))
    }

    fn file(&self, file: FileNumber) -> Option<&PagingFile> {
        self.files.get(usize::from(file.0))
    }
}
