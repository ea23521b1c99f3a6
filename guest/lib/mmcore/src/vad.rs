//! Virtual address descriptors: one for each allocation or view of a process.

use core::ops::Range;

use nt::memory::{MEM_IMAGE, MEM_MAPPED, MEM_PRIVATE};

use crate::PAGE;
use crate::protect::{Protection, Rights};
use crate::runs::Runs;
use crate::section::SectionRef;

/// What a page of an allocation or view is to its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// An address and nothing else.
    Reserved,
    /// A page that belongs to a section; the process does not pay for it.
    Shared(Protection),
    /// A page that the process pays for: private memory, or a page of a view that may be copied, or could
    /// be at some time.
    Own(Protection),
}

impl Commit {
    /// Its protection when it is committed.
    pub const fn protection(self) -> Option<Protection> {
        match self {
            Self::Reserved => None,
            Self::Shared(protection) | Self::Own(protection) => Some(protection),
        }
    }

    /// Whether the process pays for it.
    pub const fn is_charged(self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Whether what is written goes to a page that others see.
    pub fn shares_writes(self) -> bool {
        match self {
            Self::Shared(protection) => {
                !protection.is_copy_on_write()
                    && protection.without_guard().rights().is_some_and(|rights| rights.write)
            }
            _ => false,
        }
    }

    /// What user mode may do with the page when it is mapped; `None` when it must not be mapped.
    /// `own` says whether the mapped frame is the process's own: a frame of the section (or file) is
    /// written only through a page that shares writes.
    pub fn rights(self, own: bool) -> Option<Rights> {
        let rights = self.protection()?.rights()?;
        Some(Rights { write: rights.write && (own || self.shares_writes()), ..rights })
    }

    /// The same with another protection. A page that was charged stays charged: it may have been copied.
    pub(crate) fn with(self, protection: Protection) -> Self {
        match self {
            Self::Reserved => Self::Reserved,
            Self::Shared(_) if !protection.is_copy_on_write() => Self::Shared(protection),
            Self::Shared(_) | Self::Own(_) => Self::Own(protection),
        }
    }
}

/// What must not be done to an allocation or view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lock {
    /// Everything may be.
    #[default]
    None,
    /// Its protection stays (SEC_NO_CHANGE).
    Protection,
    /// It stays as it is as long as the process does: PEB, TEBs, `KUSER_SHARED_DATA`.
    All,
}

/// What an allocation is.
#[derive(Debug)]
pub enum Kind<S> {
    /// Private memory.
    Private,
    /// A view of a section.
    View(View<S>),
}

/// The part of a section that a view shows.
#[derive(Debug)]
pub struct View<S> {
    /// The section.
    pub section: S,
    /// The page of the section that is the view's first.
    pub first: u32,
    /// The section is an image.
    pub image: bool,
    /// Some of the section's pages may not be committed, so it must be asked.
    pub(crate) sparse: bool,
}

/// An allocation or view: addresses `start..end`, in whole pages.
#[derive(Debug)]
pub struct Vad<S> {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) protection: Protection,
    pub(crate) lock: Lock,
    pub(crate) kind: Kind<S>,
    pub(crate) pages: Runs<Commit>,
}

impl<S> Vad<S> {
    /// First address.
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// First address behind it.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// The protection with which it was made.
    pub const fn protection(&self) -> Protection {
        self.protection
    }

    /// What it is.
    pub const fn kind(&self) -> &Kind<S> {
        &self.kind
    }

    /// Its view of a section, if it is one.
    pub const fn view(&self) -> Option<&View<S>> {
        match &self.kind {
            Kind::View(view) => Some(view),
            Kind::Private => None,
        }
    }

    /// MEM_PRIVATE, MEM_MAPPED or MEM_IMAGE.
    pub const fn memory_type(&self) -> u32 {
        match &self.kind {
            Kind::Private => MEM_PRIVATE,
            Kind::View(View { image: true, .. }) => MEM_IMAGE,
            Kind::View(_) => MEM_MAPPED,
        }
    }

    /// Its number of pages.
    pub(crate) const fn len(&self) -> u32 {
        ((self.end - self.start) / PAGE) as u32
    }

    /// What must not be done to it.
    pub const fn lock(&self) -> Lock {
        self.lock
    }

    /// The page at an address, which must lie inside or be the end.
    pub const fn page(&self, address: u64) -> u32 {
        ((address - self.start) / PAGE) as u32
    }

    /// The pages at a range of addresses.
    pub(crate) const fn range(&self, start: u64, end: u64) -> Range<u32> {
        self.page(start)..self.page(end)
    }

    /// The ranges of addresses in it that can have pages.
    pub fn backed(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let runs = self.pages.iter(0..self.len()).filter(|(_, commit)| *commit != Commit::Reserved);
        runs.map(|(run, _)| self.start + u64::from(run.start) * PAGE..self.start + u64::from(run.end) * PAGE)
    }

    /// The pages around one, within `window`, that are what it is.
    pub fn alike(&self, page: u32, window: Range<u32>) -> Range<u32> {
        let mut runs = self.pages.iter(window.start..window.end.min(self.len()));
        runs.find(|(run, _)| run.contains(&page)).map_or(page..page + 1, |(run, _)| run)
    }

    /// Pages that the process pays for.
    pub(crate) fn charged(&self, pages: Range<u32>) -> u64 {
        self.pages.count(pages, Commit::is_charged)
    }
}

impl<S: SectionRef> Vad<S> {
    /// What a page is, and up to which page (of the view) at least it is the same.
    pub(crate) fn commit_run(&self, page: u32) -> (Commit, u32) {
        let (run, commit) =
            self.pages.iter(page..self.len()).next().unwrap_or((0..self.len(), Commit::Reserved));
        let Some(view) = self.view().filter(|view| view.sparse && commit != Commit::Reserved) else {
            return (commit, run.end);
        };
        let (committed, end) = view.section.with(|section| section.committed(view.first + page));
        let end = end.saturating_sub(view.first).min(run.end);
        (if committed { commit } else { Commit::Reserved }, end)
    }

    /// What a page is.
    pub fn commit(&self, page: u32) -> Commit {
        match self.view() {
            Some(view) if view.sparse => self.commit_run(page).0,
            _ => self.pages.get(page),
        }
    }
}
