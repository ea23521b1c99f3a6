//! What faults lead to.

mod common;

use common::{LOW, Process, parts, view};
use mmcore::*;
use nt::NtStatus as S;
use nt::memory::*;

const RW: u32 = PAGE_READWRITE;
const NEW: PageState = PageState::Untouched;
const READ_WRITE: Rights = Rights { write: true, execute: false };
const READ: Rights = Rights { write: false, execute: false };
const DENIED: Resolve = Resolve::Violation(S::ACCESS_VIOLATION);

#[test]
fn private_memory() {
    let mut p = Process::new(100);
    p.allocate(LOW, 0x4000, MEM_RESERVE, RW).unwrap();
    p.allocate(LOW, 0x2000, MEM_COMMIT, RW).unwrap();
    p.protect(LOW + 0x1000, 1, PAGE_READONLY).unwrap();
    assert_eq!(p.fault(LOW, Access::Read, NEW, None), Resolve::DemandZero { rights: READ_WRITE });
    assert_eq!(p.fault(LOW, Access::Execute, NEW, None), DENIED);
    assert_eq!(p.fault(LOW + 0x1000, Access::Write, NEW, None), DENIED);
    assert_eq!(p.fault(LOW + 0x1000, Access::Read, NEW, None), Resolve::DemandZero { rights: READ });
    assert_eq!(p.fault(LOW + 0x2000, Access::Read, NEW, None), DENIED, "reserved only");
    assert_eq!(p.fault(LOW - 1, Access::Read, NEW, None), DENIED, "nobody's");
    let slot = Slot { file: FileNumber::new(3).unwrap(), index: 7 };
    for (state, resolve) in [
        (PageState::PagedOut { slot }, Resolve::PageIn { slot, rights: READ_WRITE }),
        (PageState::Transition { frame: 1 }, Resolve::Transition { frame: 1, rights: READ_WRITE }),
        (PageState::Own { frame: 1 }, Resolve::Remap { frame: 1, rights: READ_WRITE }),
        (PageState::InFlight { frame: 1 }, Resolve::Wait { frame: 1 }),
    ] {
        assert_eq!(p.fault(LOW, Access::Write, state, None), resolve);
    }
}

#[test]
fn the_kernel_does_not_execute_what_is_the_users() {
    let commit = Commit::Own(Protection::EXECUTE_READ);
    let decide = |mode| decide(commit, NEW, Access::Execute, mode, || Backing::Zero);
    assert_eq!(decide(Mode::Kernel), DENIED);
    assert_eq!(decide(Mode::User), Resolve::DemandZero { rights: Rights { write: false, execute: true } });
}

#[test]
fn images_are_mapped_and_copied_when_written() {
    let mut p = Process::new(100);
    let image = p.image(LOW, parts());
    p.map(&image, view(PAGE_READONLY)).unwrap();
    let code = FilePage { index: 2, offset: 0x1400, len: 0x800 };
    let execute = Rights { write: false, execute: true };
    assert_eq!(
        p.fault(LOW + 0x2000, Access::Execute, NEW, None),
        Resolve::MapImage { page: code, rights: execute }
    );
    assert_eq!(p.fault(LOW + 0x2000, Access::Write, NEW, None), DENIED);
    let data = FilePage { index: 3, offset: 0x1C00, len: 0x200 };
    assert_eq!(
        p.fault(LOW + 0x3000, Access::Read, NEW, None),
        Resolve::MapImage { page: data, rights: READ }
    );
    let copy = |from| Resolve::CopyOnWrite { from, rights: READ_WRITE };
    assert_eq!(p.fault(LOW + 0x3000, Access::Write, NEW, None), copy(CopyFrom::File(data)));
    let mapped = PageState::Shared { frame: 5 };
    assert_eq!(p.fault(LOW + 0x3000, Access::Write, mapped, None), copy(CopyFrom::Frame(5)));
    assert_eq!(p.fault(LOW + 0x3000, Access::Read, mapped, None), Resolve::Remap { frame: 5, rights: READ });
    assert_eq!(p.fault(LOW + 0x4000, Access::Write, NEW, None), Resolve::DemandZero { rights: READ_WRITE });
    assert_eq!(p.fault(LOW + 0x5000, Access::Read, NEW, None), DENIED, "between sections");
    let shared = Resolve::SectionPage { index: 6, rights: READ_WRITE };
    assert_eq!(p.fault(LOW + 0x6000, Access::Write, NEW, None), shared);
}

#[test]
fn views_share_or_copy() {
    let mut p = Process::new(100);
    let section = p.section(0x2_0000, PAGE_EXECUTE_READWRITE, SEC_COMMIT).unwrap();
    let shared = p.map(&section, MapView { offset: 0x1_0000, ..view(RW) }).unwrap().base;
    let index = 17;
    assert_eq!(
        p.fault(shared + PAGE, Access::Read, NEW, None),
        Resolve::SectionPage { index, rights: READ_WRITE }
    );
    let copied = p.map(&section, MapView { offset: 0x1_0000, ..view(PAGE_WRITECOPY) }).unwrap().base;
    assert_eq!(p.space.account().charged(), 16);
    assert_eq!(p.fault(copied + PAGE, Access::Read, NEW, None), Resolve::SectionPage { index, rights: READ });
    assert_eq!(
        p.fault(copied + PAGE, Access::Write, NEW, None),
        Resolve::CopyOnWrite { from: CopyFrom::Section(index), rights: READ_WRITE }
    );
    assert_eq!(p.space.commit_at(copied).rights(false), Some(READ));
    assert_eq!(p.space.commit_at(copied).rights(true), Some(READ_WRITE));
}

#[test]
fn a_guard_page_is_hit_once() {
    let mut p = Process::new(100);
    p.allocate(LOW, PAGE, MEM_RESERVE | MEM_COMMIT, RW | PAGE_GUARD).unwrap();
    assert_eq!(p.space.commit_at(LOW).rights(true), None);
    let hit = p.fault(LOW + 8, Access::Read, PageState::Own { frame: 1 }, None);
    assert_eq!(hit, Resolve::GuardHit(GuardHit::Page));
    assert_eq!(GuardHit::Page.status(), S::GUARD_PAGE_VIOLATION);
    assert_eq!(
        p.space.query(LOW).map(|info| (info.protect, info.allocation_protect)),
        Ok((RW, RW | PAGE_GUARD))
    );
    assert_eq!(p.fault(LOW + 8, Access::Read, NEW, None), Resolve::DemandZero { rights: READ_WRITE });
}

#[test]
fn a_stack_grows_to_its_last_page_but_one() {
    let mut p = Process::new(100);
    let stack = Stack { base: LOW + 0x8000, lowest: LOW };
    p.allocate(LOW, 0x8000, MEM_RESERVE, RW).unwrap();
    p.allocate(LOW + 0x7000, PAGE, MEM_COMMIT, RW).unwrap();
    p.allocate(LOW + 0x6000, PAGE, MEM_COMMIT, RW | PAGE_GUARD).unwrap();
    for limit in (2..=6_u32).rev().map(|page| LOW + u64::from(page) * PAGE) {
        let hit = p.fault(limit + 0xFF8, Access::Write, NEW, Some(stack));
        let grown = GuardHit::StackGrown { limit, guard: limit - PAGE };
        assert_eq!(hit, Resolve::GuardHit(grown));
        assert!(grown.status().is_success());
        assert_eq!(
            p.fault(limit, Access::Write, NEW, Some(stack)),
            Resolve::DemandZero { rights: READ_WRITE }
        );
    }
    let overflow = GuardHit::StackOverflow { limit: LOW + 0x1000 };
    assert_eq!(p.fault(LOW + 0x1008, Access::Write, NEW, Some(stack)), Resolve::GuardHit(overflow));
    assert_eq!(overflow.status(), S::STACK_OVERFLOW);
    assert_eq!(p.fault(LOW + 8, Access::Write, NEW, Some(stack)), DENIED);
    assert_eq!((p.space.account().charged(), p.ledger.committed()), (7, 7));
}

#[test]
fn a_stack_that_cannot_be_paid_for_overflows() {
    let mut p = Process::new(2);
    let stack = Stack { base: LOW + 0x8000, lowest: LOW };
    p.allocate(LOW, 0x8000, MEM_RESERVE, RW).unwrap();
    p.allocate(LOW + 0x6000, PAGE, MEM_COMMIT, RW | PAGE_GUARD).unwrap();
    p.allocate(LOW + 0x7000, PAGE, MEM_COMMIT, RW).unwrap();
    let hit = p.fault(LOW + 0x6FF8, Access::Write, NEW, Some(stack));
    assert_eq!(hit, Resolve::GuardHit(GuardHit::StackOverflow { limit: LOW + 0x6000 }));
}
