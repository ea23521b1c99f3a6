//! Page faults at user addresses.

use alloc::sync::Arc;

use hal::address_space::AddressSpace;
use hal::frames::{self, Page};
use hal::trap::{FAULT_FETCH, FAULT_USER, FAULT_WRITE};
use mmcore::{Access, CopyFrom, Fault, GuardHit, Mode, PageState, Resolve, Rights, Slot, Stack};
use nt::NtStatus;
use nt::layout::teb;

use super::section::{Content, Section};
use super::space::{ProcessSpace, access, no_memory};
use super::{PAGE, charge, paging, writer};
use crate::ke::sched;
use crate::ps::Process;

/// Pages of an image are mapped that many at once, where they can be.
const AROUND: u32 = 16;
/// Pages that are read at once where one after the other is needed.
const AHEAD: u32 = 8;

/// Why a fault cannot be mended.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// What the access comes to.
    pub status: NtStatus,
    /// What a disk said, if that is IN_PAGE_ERROR; else the same.
    pub cause: NtStatus,
}

impl Failure {
    /// A page could not be read.
    pub fn in_page(cause: NtStatus) -> Self {
        Self { status: NtStatus::IN_PAGE_ERROR, cause }
    }
}

impl From<NtStatus> for Failure {
    fn from(status: NtStatus) -> Self {
        Self { status, cause: status }
    }
}

/// What came of a fault while the space was locked.
enum Step {
    /// The access can be tried again.
    Done,
    /// The fault must be looked at again.
    Again,
    /// The page must be read first, and so many in all that follow it in the paging file.
    PageIn(Slot, Rights, u32),
    /// A page of a section must be read first.
    SectionIn(Arc<Section>, u32),
}

/// Mends a fault of the current process, or says what is wrong.
///
/// # Errors
/// ACCESS_VIOLATION when the address is nobody's or its protection forbids the access;
/// GUARD_PAGE_VIOLATION; STACK_OVERFLOW at the end of the stack; IN_PAGE_ERROR; NO_MEMORY when there is no
/// page left.
pub fn resolve(address: u64, error: u64) -> Result<(), Failure> {
    let thread = sched::current();
    let wanted = if error & FAULT_WRITE != 0 {
        Access::Write
    } else if error & FAULT_FETCH != 0 {
        Access::Execute
    } else {
        Access::Read
    };
    let mode = if error & FAULT_USER != 0 { Mode::User } else { Mode::Kernel };
    mend(thread.process(), address, wanted, mode, thread.task().teb())
}

/// Sees to it that the kernel can get at a page of a process, its own or another one.
///
/// # Errors
/// As [`resolve`].
pub fn make_accessible(process: &Process, address: u64, wanted: Access) -> Result<(), NtStatus> {
    mend(process, address, wanted, Mode::Kernel, 0).map_err(|failure| failure.status)
}

/// No guard may be held: this may wait. `teb` is that of the thread that faulted, or 0.
fn mend(process: &Process, address: u64, wanted: Access, mode: Mode, teb: u64) -> Result<(), Failure> {
    loop {
        let step = {
            let mut space = process.space().lock();
            let space = space.as_mut().ok_or(NtStatus::ACCESS_VIOLATION)?;
            space.faults = space.faults.wrapping_add(1);
            space.step(address, wanted, mode, teb)
        };
        let done = match step {
            Ok(Step::Done) => return Ok(()),
            Ok(Step::Again) => Ok(()),
            Ok(Step::PageIn(slot, rights, count)) => page_in(process, address, slot, rights, count),
            Ok(Step::SectionIn(section, index)) => section.page_in(index),
            Err(status) => Err(status.into()),
        };
        match done {
            // Once there is room again, it can be tried again.
            Err(Failure { status: NtStatus::NO_MEMORY, .. }) if writer::relieve() || !frames::is_short() => {}
            done => done?,
        }
    }
}

/// Reads pages of a paging file and maps them.
fn page_in(process: &Process, address: u64, first: Slot, rights: Rights, count: u32) -> Result<(), Failure> {
    let Some(pages) = paging::read(first, count)? else { return Ok(()) };
    let mut space = process.space().lock();
    let space = space.as_mut().ok_or(NtStatus::ACCESS_VIOLATION)?;
    let start = address & !(PAGE - 1);
    for (n, page) in (0..).zip(pages) {
        let (address, slot) = (start + u64::from(n) * PAGE, Slot { index: first.index + n, ..first });
        // Somebody else may have freed the range meanwhile.
        if space.state(address) != (PageState::PagedOut { slot }) {
            continue;
        }
        let rights = if n == 0 { Some(rights) } else { space.space.commit_at(address).rights(true) };
        if let Some(rights) = rights {
            space.map_own(address, page, rights)?;
            space.read_last = address;
            paging::give_back(slot);
        }
    }
    Ok(())
}

impl ProcessSpace {
    /// Maps a page that is to be written by the kernel, at once.
    pub(super) fn make_present(&mut self, address: u64) -> Result<(), NtStatus> {
        match self.step(address, Access::Write, Mode::Kernel, 0)? {
            Step::Done => Ok(()),
            Step::Again | Step::PageIn(..) | Step::SectionIn(..) => Err(NtStatus::ACCESS_VIOLATION),
        }
    }

    fn step(&mut self, address: u64, wanted: Access, mode: Mode, teb: u64) -> Result<Step, NtStatus> {
        let state = self.state(address);
        let fault = Fault { address, access: wanted, mode, state };
        let tables = &mut self.tables;
        let resolve = self.space.fault(&mut charge::ledger(), &fault, || stack_of(tables, teb));
        let page = address & !(PAGE - 1);
        match resolve {
            Resolve::DemandZero { rights } => {
                let zero = Page::zeroed().ok_or(NtStatus::NO_MEMORY)?;
                self.map_own(page, zero, rights)?;
            }
            Resolve::CopyOnWrite { from, rights } => match (self.copy(page, from)?, from) {
                (Some(copy), _) => self.map_own(page, copy, rights)?,
                (None, CopyFrom::Section(index)) => {
                    return Ok(Step::SectionIn(self.section_at(page)?, index));
                }
                (None, _) => return Err(NtStatus::IN_PAGE_ERROR),
            },
            Resolve::MapImage { page: file_page, rights } => {
                let section = self.section_at(page)?;
                match section.image_page(&file_page)? {
                    Content::Static(_) => self.map_image_pages(page, &section, rights)?,
                    Content::Page(shared) => self.map_shared(page, shared, rights)?,
                    Content::Out => return Ok(Step::SectionIn(section, file_page.index)),
                }
            }
            Resolve::SectionPage { index, rights } => match self.section_at(page)?.page(index)? {
                Content::Static(bytes) => {
                    self.tables.map_static(page, bytes, rights.execute).map_err(no_memory)?;
                    self.set.grown(self.tables.present());
                }
                Content::Page(shared) => {
                    let rights = self.shared_rights(page, rights, wanted);
                    self.map_shared(page, shared, rights)?;
                }
                Content::Out => return Ok(Step::SectionIn(self.section_at(page)?, index)),
            },
            Resolve::Transition { rights, .. } | Resolve::Remap { rights, .. } => {
                let rights = match state {
                    PageState::Shared { .. } => self.shared_rights(page, rights, wanted),
                    _ => rights,
                };
                self.tables.protect(page, access(rights));
                self.set.grown(self.tables.present());
            }
            Resolve::PageIn { slot, rights } => {
                let count = 1 + self.ahead(page, slot);
                return Ok(Step::PageIn(slot, rights, count));
            }
            // Pages are read into frames that no entry names yet, so no entry says that it is in flight.
            Resolve::Wait { .. } => return Err(NtStatus::IN_PAGE_ERROR),
            Resolve::GuardHit(hit) => return self.guard_hit(hit, state, teb),
            Resolve::Violation(status) => return Err(status),
        }
        Ok(Step::Done)
    }

    fn map_own(&mut self, page: u64, frame: Page, rights: Rights) -> Result<(), NtStatus> {
        self.tables.map(page, frame, access(rights)).map_err(no_memory)?;
        self.set.grown(self.tables.present());
        Ok(())
    }

    fn map_shared(&mut self, page: u64, frame: Page, rights: Rights) -> Result<(), NtStatus> {
        self.tables.map_shared(page, frame, access(rights)).map_err(no_memory)?;
        self.set.grown(self.tables.present());
        Ok(())
    }

    /// Maps a page of an image that lies in memory as it should be, and its neighbours of the same kind: a
    /// fault costs more than a dozen of them.
    fn map_image_pages(&mut self, page: u64, section: &Section, rights: Rights) -> Result<(), NtStatus> {
        let Some((vad, view)) = self.space.find(page).and_then(|vad| Some((vad, vad.view()?))) else {
            return Err(NtStatus::ACCESS_VIOLATION);
        };
        let index = vad.page(page);
        let start = index & !(AROUND - 1);
        let alike = vad.alike(index, start..start + AROUND);
        let (first, bytes) =
            section.static_pages(view.first + index, view.first + alike.start..view.first + alike.end)?;
        let address = vad.start() + u64::from(first - view.first) * PAGE;
        self.tables.map_static(address, bytes, rights.execute).map_err(no_memory)?;
        self.set.grown(self.tables.present());
        Ok(())
    }

    /// A copy of a page; nothing when it must be read first.
    fn copy(&mut self, page: u64, from: CopyFrom) -> Result<Option<Page>, NtStatus> {
        match from {
            CopyFrom::Frame(_) => {
                self.tables.pin(page).and_then(|old| old.copy()).map(Some).ok_or(NtStatus::NO_MEMORY)
            }
            CopyFrom::File(file_page) => self.section_at(page)?.copy_image_page(&file_page).map(Some),
            CopyFrom::Section(index) => self.section_at(page)?.copy_page(index),
        }
    }

    /// How many pages behind one are worth reading with it: they follow it in the file, and the one before it was
    /// read last.
    fn ahead(&mut self, page: u64, slot: Slot) -> u32 {
        if self.read_last + PAGE != page {
            return 0;
        }
        let follows = |space: &mut Self, n: u32| {
            let slot = Slot { index: slot.index + n, ..slot };
            space.state(page + u64::from(n) * PAGE) == (PageState::PagedOut { slot })
        };
        (1..AHEAD).take_while(|&n| follows(self, n)).count() as u32
    }

    fn section_at(&self, page: u64) -> Result<Arc<Section>, NtStatus> {
        let view = self.space.find(page).and_then(|vad| vad.view()).ok_or(NtStatus::ACCESS_VIOLATION)?;
        Ok(view.section.clone())
    }

    fn guard_hit(&mut self, hit: GuardHit, state: PageState, teb: u64) -> Result<Step, NtStatus> {
        match hit {
            GuardHit::Page => {}
            GuardHit::StackGrown { limit, guard } => {
                self.tables.hide(guard);
                self.tables.write(teb + teb::STACK_LIMIT, &limit.to_le_bytes());
                return match (state, self.space.commit_at(limit).rights(true)) {
                    // What nearly always happens: the access would come back at once.
                    (PageState::Untouched, Some(rights)) => {
                        let zero = Page::zeroed().ok_or(NtStatus::NO_MEMORY)?;
                        self.map_own(limit, zero, rights)?;
                        Ok(Step::Done)
                    }
                    _ => Ok(Step::Again),
                };
            }
            GuardHit::StackOverflow { limit } => {
                self.tables.write(teb + teb::STACK_LIMIT, &limit.to_le_bytes());
            }
        }
        Err(hit.status())
    }
}

/// The stack that a TEB tells of. TEBs are always in memory.
fn stack_of(tables: &mut AddressSpace, teb: u64) -> Option<Stack> {
    let (mut base, mut lowest) = ([0; 8], [0; 8]);
    let found = teb != 0
        && tables.read(teb + teb::STACK_BASE, &mut base)
        && tables.read(teb + teb::DEALLOCATION_STACK, &mut lowest);
    found.then_some(Stack { base: u64::from_le_bytes(base), lowest: u64::from_le_bytes(lowest) })
}
