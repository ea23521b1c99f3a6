//! Private memory: allocated, protected, queried, locked, freed.

use nt::NtStatus as S;
use nt::memory::*;
use nt::psinfo::QuotaLimits;
use nt::security::privilege;
use nt::types::Handle;

use super::call::{self, ME, peek, poke};
use super::{PAGE, check, fails, is};
use crate::asm;

const RW: u32 = PAGE_READWRITE;
const BOTH: u32 = MEM_RESERVE | MEM_COMMIT;

/// What happens to private memory over its life, twice: the second time takes nothing that the first one has
/// not left.
pub fn private() {
    life();
    lock();
    copies();
    trimming();
    counters();
    let before = call::free_pages();
    life();
    lock();
    copies();
    trimming();
    counters();
    check("free-pages", call::free_pages() == before);
}

fn life() {
    let Ok((base, size)) = call::allocate(0, 5 * PAGE + 1, MEM_RESERVE, RW) else {
        return check("reserve", false);
    };
    check("reserve", size == 6 * PAGE && base.is_multiple_of(0x1_0000));
    fails("read-reserved", copy_out(base), S::ACCESS_VIOLATION);
    let committed = call::allocate(base + PAGE + 5, 2 * PAGE, MEM_COMMIT, RW);
    check("commit", committed == Ok((base + PAGE, 3 * PAGE)));
    poke(base + PAGE, 7);
    check("demand-zero", peek(base + 2 * PAGE) == 0 && peek(base + PAGE) == 7);
    let region = call::query(base + PAGE).unwrap_or_default();
    let expected = (base, 3 * PAGE, MEM_COMMIT, RW, MEM_PRIVATE);
    let got = (region.allocation_base, region.region_size, region.state, region.protect, region.kind);
    check("query", got == expected);

    check("protect", call::protect(base + PAGE, 1, PAGE_READONLY) == Ok(RW) && peek(base + PAGE) == 7);
    fails("write-protected", copy_in(base + PAGE), S::ACCESS_VIOLATION);
    check("no-access", call::protect(base + PAGE, 1, PAGE_NOACCESS) == Ok(PAGE_READONLY));
    fails("read-protected", copy_out(base + PAGE), S::ACCESS_VIOLATION);
    check("unprotect", call::protect(base + PAGE, 1, RW) == Ok(PAGE_NOACCESS) && peek(base + PAGE) == 7);

    check("decommit", call::free(base + PAGE, PAGE, MEM_DECOMMIT) == Ok((base + PAGE, PAGE)));
    fails("read-decommitted", copy_out(base + PAGE), S::ACCESS_VIOLATION);
    check("recommit", call::allocate(base, 6 * PAGE, MEM_COMMIT, RW).is_ok() && peek(base + PAGE) == 0);
    check("release", call::free(base, 0, MEM_RELEASE) == Ok((base, 6 * PAGE)));
    check("free", call::query(base).is_ok_and(|region| region.state == MEM_FREE));
}

/// What the kernel says when it is to read from an address.
fn copy_out(address: u64) -> Result<(), S> {
    let mut byte = 0_u8;
    let place = core::ptr::from_mut(&mut byte).expose_provenance() as u64;
    match call::write(ME, place, address, 1) {
        (S::SUCCESS, 1) => Ok(()),
        (S::PARTIAL_COPY, 0) => Err(S::ACCESS_VIOLATION),
        (status, _) => Err(status),
    }
}

/// What the kernel says when it is to write to an address.
fn copy_in(address: u64) -> Result<(), S> {
    let byte = 9_u8;
    let place = core::ptr::from_ref(&byte).expose_provenance() as u64;
    match call::read(ME, place, address, 1) {
        (S::SUCCESS, 1) => Ok(()),
        (S::PARTIAL_COPY, 0) => Err(S::ACCESS_VIOLATION),
        (status, _) => Err(status),
    }
}

/// Locked pages stay in the working set, others can be taken from it and come back as they were.
fn lock() {
    let Ok((base, _)) = call::allocate(0, 4 * PAGE, BOTH, RW) else { return check("lock-memory", false) };
    poke(base, 1);
    is("lock", call::lock(base, 2 * PAGE, MAP_PROCESS), S::SUCCESS);
    is("lock-again", call::lock(base + PAGE, 2 * PAGE, MAP_PROCESS), S::WAS_LOCKED);
    let locked = call::counters().working_set_size;
    poke(base + 3 * PAGE, 3);
    let touched = call::counters().working_set_size;
    is("unlock-other", call::unlock(base, 4 * PAGE, MAP_PROCESS), S::NOT_LOCKED);
    let taken = call::counters().working_set_size;
    check("working-set", (touched, taken) == (locked + PAGE, locked));
    check("comes-back", peek(base + 3 * PAGE) == 3 && peek(base) == 1);
    is("unlock", call::unlock(base, 3 * PAGE, MAP_PROCESS), S::SUCCESS);
    is("unlock-again", call::unlock(base, PAGE, MAP_PROCESS), S::NOT_LOCKED);
    check("all-there", peek(base + 3 * PAGE) == 3 && peek(base) == 1);
    fails("lock-reserved", call::lock(0x5_0000_0000, 1, MAP_PROCESS).ok(), S::ACCESS_VIOLATION);
    check("unlock-free", call::free(base, 0, MEM_RELEASE).is_ok());
}

/// Reading and writing as if the own process were another one, across pages.
fn copies() {
    let Ok((base, _)) = call::allocate(0, 4 * PAGE, BOTH, RW) else { return check("copy-memory", false) };
    poke(base + PAGE - 1, 0x55);
    poke(base + PAGE, 0x66);
    let (status, count) = call::read(ME, base + PAGE - 4, base + 2 * PAGE - 4, 0x100);
    check("copy", (status, count) == (S::SUCCESS, 0x100));
    check("copied", peek(base + 2 * PAGE - 1) == 0x55 && peek(base + 2 * PAGE) == 0x66);
    let end = base + 4 * PAGE;
    let (status, count) = call::read(ME, end - 8, base, 16);
    check("partial-read", (status, count) == (S::PARTIAL_COPY, 8));
    let (status, count) = call::write(ME, end - PAGE - 8, base, 2 * PAGE);
    check("partial-write", (status, count) == (S::PARTIAL_COPY, PAGE + 8));
    check("copy-code", call::read(ME, copies as fn() as usize as u64, base, 8) == (S::SUCCESS, 8));
    let handle = Handle(0x4444);
    check("copy-handle", call::read(handle, base, base, 8).0 == S::INVALID_HANDLE);
    check("copy-free", call::free(base, 0, MEM_RELEASE).is_ok());
}

fn counters() {
    let before = call::counters();
    let Ok((base, _)) = call::allocate(0, 16 * PAGE, BOTH, RW) else { return check("counters", false) };
    (0..8).for_each(|page| poke(base + page * PAGE, 1));
    let now = call::counters();
    check("counts-private", now.private_usage == before.private_usage + 16 * PAGE);
    check("counts-virtual", now.virtual_size == before.virtual_size + 16 * PAGE);
    check("counts-present", now.working_set_size == before.working_set_size + 8 * PAGE);
    check("counts-faults", now.page_fault_count == before.page_fault_count + 8);
    check("counts-free", call::free(base, 0, MEM_RELEASE).is_ok());
    let after = call::counters();
    check(
        "counts-peak",
        after.private_usage == before.private_usage && after.peak_pagefile_usage >= now.private_usage,
    );
}

/// What is taken from the working set comes back; what is used again and again is not taken first.
fn trimming() {
    let Ok((base, _)) = call::allocate(0, 64 * PAGE, BOTH, RW) else { return check("trim-memory", false) };
    (0..64).for_each(|page| poke(base + page * PAGE, page as u8));
    is("lock", call::lock(base, PAGE, MAP_PROCESS), S::SUCCESS);
    let before = call::counters().working_set_size;
    let all = u64::MAX;
    let empty = QuotaLimits {
        minimum_working_set_size: all,
        maximum_working_set_size: all,
        ..QuotaLimits::default()
    };
    is("trim", call::set_limits(&empty), S::SUCCESS);
    let after = call::counters();
    check("trimmed", after.working_set_size + 60 * PAGE < before && after.peak_working_set_size >= before);
    check("trim-kept", (0..64).all(|page| peek(base + page * PAGE) == page as u8));
    let (was, now) = (after.page_fault_count, call::counters().page_fault_count);
    // The locked page was there all the time; so were code and stack, soon.
    check("trim-faults", (63..80).contains(&(now - was)));
    is("unlock", call::unlock(base, PAGE, MAP_PROCESS), S::SUCCESS);

    let limits = call::limits();
    check(
        "limits",
        limits.minimum_working_set_size < limits.maximum_working_set_size && limits.pagefile_limit == all,
    );
    let wrong =
        QuotaLimits { minimum_working_set_size: 2, maximum_working_set_size: 1, ..QuotaLimits::default() };
    is("limits-wrong", call::set_limits(&wrong), S::BAD_WORKING_SET_LIMIT);
    let private = call::counters().private_usage;
    let quota = |bytes| call::set_limits(&QuotaLimits { pagefile_limit: bytes, ..QuotaLimits::default() });
    is("quota-privilege", quota(private), S::PRIVILEGE_NOT_HELD);
    is("quota-enable", call::set_privilege(privilege::INCREASE_QUOTA, true), S::SUCCESS);
    is("quota", quota(private), S::SUCCESS);
    fails("quota-exceeded", call::allocate(0, PAGE, BOTH, RW), S::PAGEFILE_QUOTA_EXCEEDED);
    is("quota-lifted", quota(all), S::SUCCESS);
    is("quota-disable", call::set_privilege(privilege::INCREASE_QUOTA, false), S::SUCCESS);
    check("trim-free", call::free(base, 0, MEM_RELEASE).is_ok());
}

/// A guard page is hit once, by the kernel as well as by the program.
pub fn guard() {
    let Ok((base, _)) = call::allocate(0, 2 * PAGE, BOTH, RW | PAGE_GUARD) else {
        return check("guard-memory", false);
    };
    fails("guard-hit", copy_out(base), S::ACCESS_VIOLATION);
    check("guard-gone", copy_out(base) == Ok(()) && peek(base) == 0);
    let protect = |address| call::query(address).map(|region| region.protect);
    check("guard-query", protect(base) == Ok(RW) && protect(base + PAGE) == Ok(RW | PAGE_GUARD));
    poke(base, 5);
    check("guard-again", call::protect(base, 1, RW | PAGE_GUARD) == Ok(RW));
    fails("guard-hit-again", copy_in(base), S::ACCESS_VIOLATION);
    check("guard-kept", peek(base) == 5);
    check("guard-free", call::free(base, 0, MEM_RELEASE).is_ok());
    stack_limit();
}

/// The TEB knows how far the stack has grown.
fn stack_limit() {
    let teb = |offset| asm::teb(offset);
    let (base, limit) = (teb(nt::layout::teb::STACK_BASE), teb(nt::layout::teb::STACK_LIMIT));
    let lowest = teb(nt::layout::teb::DEALLOCATION_STACK);
    let below = |address: u64| call::query(address).map(|region| (region.state, region.protect));
    check("stack-base", lowest < limit && limit < base);
    check("stack-guard", below(limit - PAGE) == Ok((MEM_COMMIT, RW | PAGE_GUARD)));
    // The kernel grows it as well.
    let grown = copy_in(limit - 8);
    check("stack-grown", grown == Ok(()) && teb(nt::layout::teb::STACK_LIMIT) == limit - PAGE);
    check("stack-next-guard", below(limit - 2 * PAGE) == Ok((MEM_COMMIT, RW | PAGE_GUARD)));
    check("stack-first", below(lowest) == Ok((MEM_RESERVE, 0)));
}

/// Ends the process: nobody handles the exception.
pub fn touch_guard() {
    if let Ok((base, _)) = call::allocate(0, PAGE, BOTH, RW | PAGE_GUARD) {
        peek(base);
    }
}
