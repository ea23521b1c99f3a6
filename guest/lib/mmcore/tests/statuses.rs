//! Each status where its service gives it.

mod common;

use common::{END, LOW, Process, parts, view};
use mmcore::*;
use nt::NtStatus as S;
use nt::memory::*;

const RW: u32 = PAGE_READWRITE;
const BOTH: u32 = MEM_RESERVE | MEM_COMMIT;

#[test]
fn allocate_checks_its_arguments_in_order() {
    let mut p = Process::new(100);
    let request = Allocate { base: 0, zero_bits: 22, size: 0, allocation_type: 0, protect: 0 };
    let mut allocate = |request| p.space.allocate(&mut p.ledger, &request).map(|done| done.base);
    assert_eq!(allocate(request), Err(S::INVALID_PARAMETER_3));
    let request = Allocate { zero_bits: 0, ..request };
    for kind in [
        0,
        MEM_TOP_DOWN,
        MEM_RESET | MEM_COMMIT,
        MEM_COMMIT | 1,
        MEM_COMMIT | MEM_WRITE_WATCH,
        MEM_LARGE_PAGES,
    ] {
        assert_eq!(allocate(Allocate { allocation_type: kind, ..request }), Err(S::INVALID_PARAMETER_5));
    }
    let request = Allocate { allocation_type: BOTH, ..request };
    for protect in [0, 3, PAGE_GUARD, PAGE_GUARD | PAGE_NOACCESS, 0x800 | RW] {
        assert_eq!(allocate(Allocate { protect, ..request }), Err(S::INVALID_PAGE_PROTECTION));
    }
    let request = Allocate { protect: RW, ..request };
    assert_eq!(allocate(Allocate { base: END, ..request }), Err(S::INVALID_PARAMETER_2));
    assert_eq!(allocate(Allocate { base: u64::MAX, ..request }), Err(S::INVALID_PARAMETER_2));
    assert_eq!(allocate(request), Err(S::INVALID_PARAMETER_4));
    assert_eq!(allocate(Allocate { size: u64::MAX, ..request }), Err(S::INVALID_PARAMETER_4));
    let request = Allocate { size: 1, ..request };
    assert_eq!(allocate(Allocate { protect: PAGE_WRITECOPY, ..request }), Err(S::INVALID_PAGE_PROTECTION));
    assert_eq!(
        allocate(Allocate { allocation_type: BOTH | MEM_LARGE_PAGES, ..request }),
        Err(S::NOT_SUPPORTED)
    );
    assert_eq!(allocate(request), Ok(LOW));
}

#[test]
fn allocations_begin_at_64_kib_and_are_whole_pages() {
    let mut p = Process::new(100);
    assert_eq!(p.allocate(0, 1, MEM_COMMIT, RW), Ok((LOW, PAGE)), "no address means reserve");
    assert_eq!(p.allocate(0, 0x1_0001, MEM_RESERVE, RW), Ok((0x2_0000, 0x1_1000)));
    assert_eq!(p.allocate(0, 1, MEM_RESERVE, RW), Ok((0x4_0000, PAGE)));
    assert_eq!(p.allocate(0, 1, MEM_RESERVE | MEM_TOP_DOWN, RW), Ok((END - 0x1_0000, PAGE)));
    assert_eq!(p.allocate(0x5_1234, 0x1000, MEM_RESERVE, RW), Ok((0x5_0000, 0x3000)));
    assert_eq!(p.allocate(0x5_0000, 1, MEM_RESERVE, RW), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.allocate(0x4_F000, 0x1001, MEM_RESERVE, RW), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.allocate(0, END, MEM_RESERVE, RW), Err(S::NO_MEMORY));
    // The low megabyte of RtlCreateUserProcess: from address 4.
    assert_eq!(p.allocate(4, 0x1_0000 - 256, MEM_RESERVE, RW), Ok((0, 0x1_0000)));
}

#[test]
fn zero_bits_bound_the_address() {
    let mut space: Space<common::Shared> = Space::new(Limits { lowest: LOW, end: 0x7FF_0000_0000 });
    let mut ledger = Ledger::new(0);
    let mut top = |zero_bits| {
        let allocation_type = MEM_RESERVE | MEM_TOP_DOWN;
        let request = Allocate { base: 0, zero_bits, size: PAGE, allocation_type, protect: RW };
        space.allocate(&mut ledger, &request).map(|done| done.base)
    };
    assert_eq!(top(0), Ok(0x7FE_FFFF_0000));
    assert_eq!(top(1), Ok(0x7FFF_0000));
    assert_eq!(top(12), Ok(0xF_0000));
    assert_eq!(top(21), Err(S::NO_MEMORY), "2 KiB, none of which is given out");
    assert_eq!(top(31), Err(S::INVALID_PARAMETER_3));
    assert_eq!(top(0x3FFF_FFFF), Ok(0x3FFF_0000));
    assert_eq!(top(u64::MAX), Ok(0x7FE_FFFE_0000));
}

#[test]
fn commit_stays_inside_one_allocation_and_the_limit() {
    let mut p = Process::new(4);
    assert_eq!(p.allocate(LOW, 1, MEM_COMMIT, RW), Err(S::CONFLICTING_ADDRESSES));
    p.allocate(LOW, 0x1_0000, MEM_RESERVE, RW).unwrap();
    p.allocate(LOW + 0x1_0000, 0x1_0000, MEM_RESERVE, RW).unwrap();
    assert_eq!(p.allocate(LOW + 0xF000, 0x2000, MEM_COMMIT, RW), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.allocate(LOW, PAGE, MEM_COMMIT, PAGE_WRITECOPY), Err(S::INVALID_PAGE_PROTECTION));
    assert_eq!(p.allocate(LOW, 0x5000, MEM_COMMIT, RW), Err(S::COMMITMENT_LIMIT));
    assert_eq!(p.allocate(LOW + 0x1FFF, 2, MEM_COMMIT, RW), Ok((LOW + 0x1000, 0x2000)));
    assert_eq!(p.allocate(LOW, 0x4000, MEM_COMMIT, PAGE_READONLY), Ok((LOW, 0x4000)));
    assert_eq!(p.space.account().charged(), 4);
    assert_eq!(p.allocate(0, PAGE, BOTH, RW), Err(S::COMMITMENT_LIMIT));
    assert_eq!(p.space.vads().count(), 2, "nothing stays of what failed");
    p.space.account_mut().set_quota(Some(4));
    p.ledger.raise_limit(10);
    assert_eq!(p.allocate(LOW + 0x4000, 1, MEM_COMMIT, RW), Err(S::PAGEFILE_QUOTA_EXCEEDED));
    assert_eq!(p.allocate(LOW, 1, MEM_RESET, RW), Ok((LOW, PAGE)));
    assert_eq!(p.allocate(END - PAGE, 1, MEM_RESET, RW), Err(S::CONFLICTING_ADDRESSES));
}

#[test]
fn free_says_what_is_wrong() {
    let mut p = Process::new(100);
    p.allocate(LOW, 0x4000, BOTH, RW).unwrap();
    for kind in [0, MEM_DECOMMIT | MEM_RELEASE, MEM_RELEASE | 1] {
        assert_eq!(p.free(LOW, 0, kind), Err(S::INVALID_PARAMETER_4));
    }
    assert_eq!(p.free(END, 0, MEM_RELEASE), Err(S::INVALID_PARAMETER_2));
    assert_eq!(p.free(LOW, END, MEM_RELEASE), Err(S::INVALID_PARAMETER_3));
    assert_eq!(p.free(LOW + 0x4000, 1, MEM_RELEASE), Err(S::MEMORY_NOT_ALLOCATED));
    assert_eq!(p.free(LOW, 0x4001, MEM_RELEASE), Err(S::UNABLE_TO_FREE_VM));
    assert_eq!(p.free(LOW + PAGE, 0, MEM_RELEASE), Err(S::FREE_VM_NOT_AT_BASE));
    assert_eq!(p.free(LOW + PAGE, 0, MEM_DECOMMIT), Err(S::FREE_VM_NOT_AT_BASE));
    let section = p.section(PAGE, RW, SEC_COMMIT).unwrap();
    let base = p.map(&section, view(RW)).unwrap().base;
    assert_eq!(p.free(base, 0, MEM_RELEASE), Err(S::UNABLE_TO_DELETE_SECTION));
    assert!(p.space.lock(LOW, Lock::All));
    assert_eq!(p.free(LOW, 0, MEM_RELEASE), Err(S::INVALID_PAGE_PROTECTION));
    assert!(p.space.lock(LOW, Lock::None));
    // The middle: two allocations stay.
    assert_eq!(p.free(LOW + PAGE, 1, MEM_RELEASE), Ok((LOW + PAGE, PAGE)));
    assert_eq!(p.space.query(LOW + 0x2000).map(|info| info.allocation_base), Ok(LOW + 0x2000));
    assert_eq!(p.free(LOW + 0x2000, 0, MEM_DECOMMIT), Ok((LOW + 0x2000, 0x2000)));
    assert_eq!(p.free(LOW, 0, MEM_RELEASE), Ok((LOW, PAGE)));
    assert_eq!(p.space.account().charged(), 0);
}

#[test]
fn protect_says_what_is_wrong() {
    let mut p = Process::new(100);
    p.allocate(LOW, 0x4000, MEM_RESERVE, RW).unwrap();
    p.allocate(LOW, 0x2000, MEM_COMMIT, RW).unwrap();
    assert_eq!(p.protect(LOW, 1, 0), Err(S::INVALID_PAGE_PROTECTION));
    assert_eq!(p.protect(END, 1, RW), Err(S::INVALID_PARAMETER_2));
    assert_eq!(p.protect(LOW, 0, RW), Err(S::INVALID_PARAMETER_3));
    assert_eq!(p.protect(LOW, END, RW), Err(S::INVALID_PARAMETER_3));
    assert_eq!(p.protect(LOW, 0x5000, RW), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.protect(LOW + 0x8000, 1, RW), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.protect(LOW, 0x3000, RW), Err(S::NOT_COMMITTED));
    assert_eq!(p.protect(LOW, 1, PAGE_EXECUTE_WRITECOPY), Err(S::INVALID_PAGE_PROTECTION));
    assert_eq!(p.protect(LOW + 5, 0x1000, PAGE_READONLY), Ok((LOW, 0x2000, RW)));
    assert_eq!(p.protect(LOW, 1, RW), Ok((LOW, PAGE, PAGE_READONLY)));
    assert_eq!(p.space.query(END), Err(S::INVALID_PARAMETER));
}

#[test]
fn sections_check_their_arguments() {
    let mut p = Process::new(10);
    let mut create = |size, protect, attributes, source| {
        Section::create(&mut p.ledger, &Create { size, protect, attributes }, source)
            .map(|section| section.size())
    };
    let memory = || Source::PagingFile;
    for attributes in
        [0, SEC_COMMIT | SEC_RESERVE, SEC_IMAGE | SEC_COMMIT, SEC_IMAGE | SEC_BASED, SEC_COMMIT | 1]
    {
        assert_eq!(create(1, RW, attributes, memory()), Err(S::INVALID_PARAMETER_6));
    }
    for protect in [0, PAGE_NOACCESS, RW | PAGE_GUARD, RW | PAGE_NOCACHE] {
        assert_eq!(create(1, protect, SEC_COMMIT, memory()), Err(S::INVALID_PAGE_PROTECTION));
    }
    assert_eq!(create(0, RW, SEC_COMMIT, memory()), Err(S::INVALID_PARAMETER_4));
    assert_eq!(create(u64::MAX, RW, SEC_RESERVE, memory()), Err(S::SECTION_TOO_BIG));
    assert_eq!(create(11 * PAGE, RW, SEC_COMMIT, memory()), Err(S::COMMITMENT_LIMIT));
    assert_eq!(create(11 * PAGE, RW, SEC_RESERVE, memory()), Ok(11 * PAGE));
    assert_eq!(create(1, RW, SEC_COMMIT, memory()), Ok(PAGE));
    assert_eq!(create(1, RW, SEC_IMAGE, memory()), Err(S::INVALID_FILE_FOR_SECTION));
    assert_eq!(create(0, RW, SEC_COMMIT, Source::File(0)), Err(S::MAPPED_FILE_SIZE_ZERO));
    assert_eq!(create(6, PAGE_READONLY, SEC_COMMIT, Source::File(5)), Err(S::SECTION_TOO_BIG));
    assert_eq!(create(6, PAGE_WRITECOPY, SEC_COMMIT, Source::File(5)), Err(S::SECTION_TOO_BIG));
    assert_eq!(create(6, RW, SEC_COMMIT, Source::File(5)), Ok(6), "the file is to be extended");
    assert_eq!(create(0, PAGE_READONLY, SEC_COMMIT, Source::File(5)), Ok(5));
    let mut bad = parts();
    bad.swap(0, 1);
    assert_eq!(ImageMap::new(LOW, 0x8000, bad).map(|_| ()), Err(S::INVALID_IMAGE_FORMAT));
    assert_eq!(ImageMap::new(LOW, 0x6000, parts()).map(|_| ()), Err(S::INVALID_IMAGE_FORMAT));
}

#[test]
fn views_check_their_arguments() {
    let mut p = Process::new(100);
    let section = p.section(0x2_0000, PAGE_READONLY, SEC_COMMIT).unwrap();
    let good = view(PAGE_READONLY);
    for (request, status) in [
        (MapView { inherit: 0, ..good }, S::INVALID_PARAMETER_8),
        (MapView { allocation_type: MEM_RESERVE, ..good }, S::INVALID_PARAMETER_9),
        (MapView { protect: 0, ..good }, S::INVALID_PAGE_PROTECTION),
        (MapView { zero_bits: 25, ..good }, S::INVALID_PARAMETER_4),
        (MapView { base: END, ..good }, S::INVALID_PARAMETER_3),
        (MapView { size: END + 1, ..good }, S::INVALID_PARAMETER_3),
        (MapView { base: LOW + PAGE, ..good }, S::MAPPED_ALIGNMENT),
        (MapView { offset: PAGE, ..good }, S::MAPPED_ALIGNMENT),
        (MapView { protect: RW, ..good }, S::SECTION_PROTECTION),
        (MapView { protect: PAGE_EXECUTE_READ, ..good }, S::SECTION_PROTECTION),
        (MapView { offset: 0x2_0000, ..good }, S::INVALID_VIEW_SIZE),
        (MapView { offset: 0x1_0000, size: 0x1_0001, ..good }, S::INVALID_VIEW_SIZE),
        (MapView { size: PAGE, commit_size: PAGE + 1, ..good }, S::INVALID_PARAMETER_5),
        (MapView { base: END - 0x1_0000, ..good }, S::CONFLICTING_ADDRESSES),
    ] {
        assert_eq!(p.map(&section, request), Err(status), "{request:?}");
    }
    let mapped = p.map(&section, MapView { offset: 0x1_0000, size: 5, ..good }).unwrap();
    assert_eq!(mapped, Mapped { base: LOW, size: PAGE, status: S::SUCCESS });
    assert_eq!(p.map(&section, MapView { base: LOW, ..good }), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.protect(LOW, 1, RW), Err(S::SECTION_PROTECTION));
    assert_eq!(p.unmap(LOW + PAGE), Err(S::NOT_MAPPED_VIEW));
    assert_eq!(p.unmap(LOW + 0xFFF), Ok((LOW, PAGE)));
    p.allocate(LOW, 1, MEM_RESERVE, RW).unwrap();
    assert_eq!(p.unmap(LOW), Err(S::NOT_MAPPED_VIEW));
    p.allocate(LOW + 0x1_0000, END - LOW - 0x1_0000, MEM_RESERVE, RW).unwrap();
    assert_eq!(p.map(&section, good), Err(S::NO_MEMORY));
}

#[test]
fn a_reserved_section_is_committed_through_any_view() {
    let mut p = Process::new(100);
    let section = p.section(0x8000, RW, SEC_RESERVE).unwrap();
    let a = p.map(&section, MapView { commit_size: 0x1001, ..view(RW) }).unwrap().base;
    let b = p.map(&section, view(RW)).unwrap().base;
    let state = |p: &Process, address| p.space.query(address).map(|info| (info.state, info.region_size));
    assert_eq!((state(&p, a), state(&p, b + 0x2000)), (Ok((MEM_COMMIT, 0x2000)), Ok((MEM_RESERVE, 0x6000))));
    assert_eq!(p.protect(b + 0x2000, 1, PAGE_READONLY), Err(S::NOT_COMMITTED));
    assert_eq!(p.allocate(b + 0x3000, 0x1000, MEM_COMMIT, PAGE_EXECUTE_READ), Err(S::SECTION_PROTECTION));
    assert_eq!(p.allocate(b + 0x3000, 0x1000, MEM_COMMIT, RW), Ok((b + 0x3000, PAGE)));
    assert_eq!(
        (state(&p, a + 0x3000), state(&p, a + 0x2000)),
        (Ok((MEM_COMMIT, PAGE)), Ok((MEM_RESERVE, PAGE)))
    );
    assert_eq!((p.space.account().charged(), p.ledger.committed()), (0, 3), "the system pays");
    assert_eq!(
        p.fault(a + 0x4000, Access::Read, PageState::Untouched, None),
        Resolve::Violation(S::ACCESS_VIOLATION)
    );
}

#[test]
fn images_go_where_they_want_to_be_if_they_can() {
    let mut p = Process::new(100);
    let image = p.image(LOW + 0x2_0000, parts());
    let first = p.map(&image, view(PAGE_READONLY)).unwrap();
    assert_eq!(first, Mapped { base: LOW + 0x2_0000, size: 0x8000, status: S::SUCCESS });
    assert_eq!(p.space.account().charged(), 2, "what may be copied");
    let second = p.map(&image, view(PAGE_READONLY)).unwrap();
    assert_eq!((second.base, second.status), (LOW, S::IMAGE_NOT_AT_BASE));
    assert_eq!(p.allocate(LOW, 1, MEM_COMMIT, RW), Err(S::ALREADY_COMMITTED));
    assert_eq!(p.space.query(LOW + 0x7000).map(|info| (info.state, info.kind)), Ok((MEM_RESERVE, MEM_IMAGE)));
    assert_eq!(
        p.space.query(LOW + 0x1000).map(|info| (info.protect, info.region_size)),
        Ok((PAGE_EXECUTE_READ, 0x2000))
    );
    assert_eq!(p.protect(LOW + 0x1000, 0x2000, RW), Ok((LOW + 0x1000, 0x2000, PAGE_EXECUTE_READ)));
    assert_eq!(p.space.query(LOW + 0x1000).map(|info| info.protect), Ok(PAGE_WRITECOPY));
    assert_eq!(p.space.account().charged(), 6);
    p.protect(LOW + 0x1000, 0x2000, PAGE_EXECUTE_READ).unwrap();
    assert_eq!(p.space.account().charged(), 6, "they may have been copied");
    assert_eq!(p.unmap(LOW), Ok((LOW, 0x8000)));
    assert_eq!(p.space.account().charged(), 2);
}

#[test]
fn based_and_unchanging_views() {
    let mut p = Process::new(100);
    let section = p.section(0x2_0000, RW, SEC_COMMIT | SEC_BASED | SEC_NO_CHANGE).unwrap();
    section.0.borrow_mut().set_based(LOW + 0x4_0000);
    assert_eq!(p.map(&section, MapView { base: LOW, ..view(RW) }), Err(S::CONFLICTING_ADDRESSES));
    let at = p.map(&section, MapView { offset: 0x1_0000, ..view(RW) }).unwrap().base;
    assert_eq!(at, LOW + 0x5_0000);
    assert_eq!(p.map(&section, view(RW)), Err(S::CONFLICTING_ADDRESSES));
    assert_eq!(p.protect(at, 1, PAGE_READONLY), Err(S::INVALID_PAGE_PROTECTION));
    assert!(p.space.lock(at, Lock::All));
    assert_eq!(p.unmap(at), Err(S::INVALID_PAGE_PROTECTION));
}
