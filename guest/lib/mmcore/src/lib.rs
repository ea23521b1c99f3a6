//! The memory manager's pure part: what a process's addresses are, what a fault means, who pays.
//!
//! - [`Space`]: the allocations and views of a process, with the services on them (allocate, free,
//!   protect, query, map, unmap). Each returns the NTSTATUS that the service returns, and says what must
//!   be done to the page tables. Nothing has changed when it fails.
//! - [`Space::fault`] and [`decide`]: what to do about a page fault, as one [`Resolve`].
//! - [`PageState`]: where a page's content is; it is kept in page-table entries that are not present.
//! - [`Section`]: what can be mapped. [`SectionPages`]: what a section's pages have.
//! - [`Ledger`], [`Account`]: commit charge.
//! - [`PagingFiles`], [`WorkingSet`]: places for pages that must go, and which must.
//!
//! A range costs memory for its runs of unlike pages, not for its pages. Look-up is one comparison
//! for the range that was found last, else a binary search.
//!
//! Errors are `NtStatus` itself: which one it is, is what this crate knows. Sources: Microsoft's
//! documentation of the services (Windows Driver Kit, Windows SDK) and of their statuses ([MS-ERREF]);
//! M. Russinovich et al., "Windows Internals", on the memory manager.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod charge;
mod fault;
mod pagefile;
mod protect;
mod runs;
mod section;
mod space;
mod state;
mod states;
mod vad;
mod working_set;

pub use charge::{Account, Ledger};
pub use fault::{Access, CopyFrom, Fault, GuardHit, Mode, Resolve, Stack, decide};
pub use pagefile::{FileNumber, MAX_FILES, PagingFile, PagingFiles, Slot, SlotRun};
pub use protect::{Base, Protection, Rights};
pub use runs::Runs;
pub use section::{
    Backing, Create, FilePage, ImageMap, Section, SectionKind, SectionLock, SectionRef, Source, Subsection,
};
pub use space::{Allocate, Allocated, Freed, Limits, MapView, Mapped, Protected, Space, Unmapped};
pub use state::PageState;
pub use states::SectionPages;
pub use vad::{Commit, Kind, Lock, Vad, View};
pub use working_set::{Resident, WorkingSet};

/// Size of a page in bytes.
pub const PAGE: u64 = 4096;
/// What the addresses of allocations and views, and the offsets of views, are multiples of.
pub const GRANULARITY: u64 = 0x1_0000;
