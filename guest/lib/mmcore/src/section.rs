//! Sections: what can be mapped. Who has the frames of a section is the kernel's business; which
//! pages there are, where they come from and who may use them how, is said here.

mod create;
mod image;

use alloc::sync::Arc;
use core::ops::Range;

use nt::NtStatus;

pub use create::{Create, Source};
pub use image::{ImageMap, Subsection};

use crate::charge::Ledger;
use crate::protect::Protection;
use crate::runs::Runs;
use crate::vad::Commit;

/// A section object's description.
#[derive(Debug)]
pub struct Section {
    size: u64,
    protection: Protection,
    based: Option<u64>,
    pub(crate) no_change: bool,
    kind: SectionKind,
}

/// What a section is made of.
#[derive(Debug)]
pub enum SectionKind {
    /// Memory and paging file.
    Anonymous {
        /// Which of its pages are committed.
        committed: Runs<bool>,
    },
    /// A data file, from its first byte on.
    File,
    /// An image file.
    Image(ImageMap),
}

/// A part of a file that fills a page, or the beginning of one; the rest of the page is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePage {
    /// The page within the section.
    pub index: u32,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// How many bytes come from the file: 1 to 4096.
    pub len: u32,
}

/// Where the first content of a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// It is zero.
    Zero,
    /// It is a page of an image that nobody shares for writing.
    File(FilePage),
    /// It is a page that all views of the section share; the index is the page within the section.
    Section(u32),
}

/// How a view holds on to its section; the kernel implements it for its counted reference.
pub trait SectionRef: Clone {
    /// Works on the section.
    fn with<R>(&self, work: impl FnOnce(&mut Section) -> R) -> R;
}

/// Something that has a section inside; a counted reference to it is what views hold.
pub trait SectionLock {
    /// Works on the section.
    fn with<R>(&self, work: impl FnOnce(&mut Section) -> R) -> R;
}

impl<L: SectionLock> SectionRef for Arc<L> {
    #[inline]
    fn with<R>(&self, work: impl FnOnce(&mut Section) -> R) -> R {
        SectionLock::with(&**self, work)
    }
}

impl Section {
    /// Its size in bytes: whole pages, except that of a data file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its number of pages.
    pub const fn pages(&self) -> u32 {
        self.size.div_ceil(crate::PAGE) as u32
    }

    /// The most that views may ask for.
    pub const fn protection(&self) -> Protection {
        self.protection
    }

    /// The address that it has in every process (SEC_BASED).
    pub const fn based(&self) -> Option<u64> {
        self.based
    }

    /// Gives a based section its address, which its creator chose.
    pub const fn set_based(&mut self, address: u64) {
        self.based = Some(address);
    }

    /// What it is made of.
    pub const fn kind(&self) -> &SectionKind {
        &self.kind
    }

    /// The image that it is, if it is one.
    pub const fn image(&self) -> Option<&ImageMap> {
        match &self.kind {
            SectionKind::Image(map) => Some(map),
            _ => None,
        }
    }

    /// Whether it is memory and paging file.
    pub(crate) const fn is_anonymous(&self) -> bool {
        matches!(self.kind, SectionKind::Anonymous { .. })
    }

    /// Whether some of its pages may not be committed.
    pub(crate) fn is_sparse(&self) -> bool {
        match &self.kind {
            SectionKind::Anonymous { committed } => {
                committed.count(0..self.pages(), |committed| !committed) > 0
            }
            _ => false,
        }
    }

    /// Whether a page is committed, and up to which page it is the same.
    pub(crate) fn committed(&self, page: u32) -> (bool, u32) {
        let pages = page..self.pages();
        match &self.kind {
            SectionKind::Anonymous { committed } => {
                committed.iter(pages).next().map_or((false, u32::MAX), |(run, value)| (value, run.end))
            }
            _ => (true, u32::MAX),
        }
    }

    /// Commits pages of a section that was made with SEC_RESERVE. The system pays, not the process:
    /// the pages live as long as the section.
    ///
    /// # Errors
    /// ALREADY_COMMITTED for a file or image, COMMITMENT_LIMIT, INSUFFICIENT_RESOURCES.
    pub fn commit(&mut self, ledger: &mut Ledger, pages: Range<u32>) -> Result<(), NtStatus> {
        let pages = pages.start..pages.end.min(self.pages());
        let SectionKind::Anonymous { committed } = &mut self.kind else {
            return Err(NtStatus::ALREADY_COMMITTED);
        };
        committed.reserve()?;
        ledger.charge(committed.count(pages.clone(), |committed| !committed))?;
        committed.set(pages, true);
        Ok(())
    }

    /// Makes a section of a data file larger; it is never made smaller. Returns its size in bytes.
    ///
    /// # Errors
    /// SECTION_NOT_EXTENDED when it is not of a data file, or the file (of `len` bytes) ends before.
    pub const fn extend(&mut self, size: u64, len: u64) -> Result<u64, NtStatus> {
        if !matches!(self.kind, SectionKind::File) || size > self.size && size > len {
            return Err(NtStatus::SECTION_NOT_EXTENDED);
        }
        if size > self.size {
            self.size = size;
        }
        Ok(self.size)
    }

    /// Commit charge that the section itself has, in pages.
    pub fn charge(&self) -> u64 {
        match &self.kind {
            SectionKind::Anonymous { committed } => committed.count(0..self.pages(), |committed| committed),
            _ => 0,
        }
    }

    /// Gives the charge back when the last reference goes.
    pub fn destroy(self, ledger: &mut Ledger) {
        ledger.give_back(self.charge());
    }

    /// What a view with a protection may do with a page of the section, and who pays for it.
    pub(crate) fn view_commit(protection: Protection) -> Commit {
        if protection.is_copy_on_write() { Commit::Own(protection) } else { Commit::Shared(protection) }
    }

    /// Where the content of a page comes from, for a view that shares the page or may have its own.
    pub(crate) fn backing(&self, page: u32, commit: Commit) -> Backing {
        let SectionKind::Image(map) = &self.kind else { return Backing::Section(page) };
        match (map.file_page(page), commit) {
            // What can be shared for writing must be a frame of the section, not of the file.
            (Some(file), _) if !map.is_shared(page) => Backing::File(file),
            (None, Commit::Own(_)) => Backing::Zero,
            _ => Backing::Section(page),
        }
    }
}
