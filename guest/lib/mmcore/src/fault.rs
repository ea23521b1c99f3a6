//! What a page fault means.

mod stack;

use nt::NtStatus;

pub use stack::{GuardHit, Stack};

use crate::charge::Ledger;
use crate::pagefile::Slot;
use crate::protect::{Base, Rights};
use crate::section::{Backing, FilePage, SectionRef};
use crate::space::Space;
use crate::state::PageState;
use crate::vad::{Commit, Kind};

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read.
    Read,
    /// To write.
    Write,
    /// To execute.
    Execute,
}

/// Who tried it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The kernel, copying from or to the process. It never executes the process's pages.
    Kernel,
    /// The process.
    User,
}

/// A page fault.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Address.
    pub address: u64,
    /// What was tried.
    pub access: Access,
    /// Who tried.
    pub mode: Mode,
    /// What the page table says of the page.
    pub state: PageState,
}

/// What a private copy is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    /// A frame that is mapped now, for reading.
    Frame(u32),
    /// A part of the image file; the rest of the page is zero.
    File(FilePage),
    /// A page of the section, which is made first if there is none.
    Section(u32),
}

/// What to do about a fault. `rights` are those of the new page-table entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolve {
    /// Map a zero page, the process's own.
    DemandZero {
        /// For the entry.
        rights: Rights,
    },
    /// Copy, and map the copy, the process's own.
    CopyOnWrite {
        /// Of what.
        from: CopyFrom,
        /// For the entry.
        rights: Rights,
    },
    /// Map a page of an image file, for reading: as it lies in memory if it does and fills the page, else
    /// the section's copy of it.
    MapImage {
        /// Which.
        page: FilePage,
        /// For the entry; never to write.
        rights: Rights,
    },
    /// Map the section's page, after making it if there is none yet.
    SectionPage {
        /// Which page of the section.
        index: u32,
        /// For the entry.
        rights: Rights,
    },
    /// Read the page from a paging file, the process's own.
    PageIn {
        /// Where it is.
        slot: Slot,
        /// For the entry.
        rights: Rights,
    },
    /// Take the frame back into the working set.
    Transition {
        /// Which.
        frame: u32,
        /// For the entry.
        rights: Rights,
    },
    /// The frame is the right one: only the entry must change (its rights have, or nothing has).
    Remap {
        /// Which.
        frame: u32,
        /// For the entry.
        rights: Rights,
    },
    /// The page is being read into this frame; wait for that and look again.
    Wait {
        /// Which.
        frame: u32,
    },
    /// A guard page was hit, and is none any more.
    GuardHit(GuardHit),
    /// The access is not allowed.
    Violation(NtStatus),
}

/// What a fault means at a page whose range says `commit` and whose page table says `state`.
/// `backing` is asked for only when the page has no content yet.
pub fn decide(
    commit: Commit,
    state: PageState,
    access: Access,
    mode: Mode,
    backing: impl FnOnce() -> Backing,
) -> Resolve {
    const VIOLATION: Resolve = Resolve::Violation(NtStatus::ACCESS_VIOLATION);
    let Some(protection) = commit.protection() else { return VIOLATION };
    if protection.is_guard() {
        return Resolve::GuardHit(GuardHit::Page);
    }
    let Some(own) = protection.rights() else { return VIOLATION };
    let allowed = match access {
        Access::Read => protection.base() != Base::NoAccess,
        Access::Write => own.write,
        Access::Execute => own.execute && mode == Mode::User,
    };
    if !allowed {
        return VIOLATION;
    }
    // Of what is the section's or the file's, and whether this write needs a copy of it.
    let shared = Rights { write: own.write && commit.shares_writes(), ..own };
    let copy = access == Access::Write && !shared.write;
    match state {
        PageState::Own { frame } => Resolve::Remap { frame, rights: own },
        PageState::Transition { frame } => Resolve::Transition { frame, rights: own },
        PageState::InFlight { frame } => Resolve::Wait { frame },
        PageState::PagedOut { slot } => Resolve::PageIn { slot, rights: own },
        PageState::Shared { frame } if copy => {
            Resolve::CopyOnWrite { from: CopyFrom::Frame(frame), rights: own }
        }
        PageState::Shared { frame } => Resolve::Remap { frame, rights: shared },
        PageState::Untouched => match backing() {
            Backing::Zero => Resolve::DemandZero { rights: own },
            Backing::File(page) if copy => Resolve::CopyOnWrite { from: CopyFrom::File(page), rights: own },
            Backing::File(page) => Resolve::MapImage { page, rights: shared },
            Backing::Section(page) if copy => {
                Resolve::CopyOnWrite { from: CopyFrom::Section(page), rights: own }
            }
            Backing::Section(index) => Resolve::SectionPage { index, rights: shared },
        },
    }
}

impl<S: SectionRef> Space<S> {
    /// What to do about a fault of this process. A guard that was hit is gone afterwards, and a stack has
    /// grown; after [`GuardHit::StackGrown`] ask again. The stack of the thread, if it has one, is asked for
    /// only when a guard was hit.
    pub fn fault(
        &mut self,
        ledger: &mut Ledger,
        fault: &Fault,
        stack: impl FnOnce() -> Option<Stack>,
    ) -> Resolve {
        let Some(vad) = self.seek(fault.address) else {
            return Resolve::Violation(NtStatus::ACCESS_VIOLATION);
        };
        let page = vad.page(fault.address);
        let commit = vad.commit(page);
        let (state, access, mode) = (fault.state, fault.access, fault.mode);
        let resolve = match &vad.kind {
            Kind::Private => decide(commit, state, access, mode, || Backing::Zero),
            Kind::View(view) => decide(commit, state, access, mode, || {
                view.section.with(|section| section.backing(view.first + page, commit))
            }),
        };
        match resolve {
            Resolve::GuardHit(_) => self.guard_hit(ledger, fault.address, commit, stack()),
            resolve => resolve,
        }
    }
}
