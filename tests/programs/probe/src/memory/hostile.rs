//! Bad pointers, lengths, handles and ranges for every service of the memory manager.
#![expect(unsafe_code, reason = "calls system services with what they must refuse")]

use nt::NtStatus as S;
use nt::memory::*;
use nt::process::SectionImageInformation;
use nt::types::{Handle, UserPtr};
use rt::syscall as nt_call;

use super::call::{self, ME};
use super::{PAGE, check, fails, is};
use crate::reg::{from, to};

const RW: u32 = PAGE_READWRITE;
/// Nowhere, the kernel, across the end of user memory, beyond canonical addresses.
const POINTERS: [u64; 7] =
    [0, 8, 0x7FF_FFFE_FFFD, 0x7FF_FFFF_0000, 0x8000_0000_0000, 0x4000_0000_0000, u64::MAX - 3];

/// All of it.
pub fn hostile() {
    all();
    let before = call::free_pages();
    all();
    check("free-pages", call::free_pages() == before);
}

fn all() {
    pointers();
    ranges();
    handles();
    locked();
    sections();
}

/// Every argument that is a pointer.
fn pointers() {
    let (mut base, mut size, mut number) = (0_u64, PAGE, 0_u64);
    let both = MEM_RESERVE | MEM_COMMIT;
    let Ok(section) = call::section(PAGE, RW, SEC_COMMIT, Handle::NULL) else {
        return check("section", false);
    };
    let mut wrong = 0;
    let mut count = |status: S| wrong += u32::from(status != S::ACCESS_VIOLATION);
    for address in POINTERS {
        let bad = UserPtr::new(address);
        // SAFETY: the kernel must not touch what the bad pointers point to; the others point to places here.
        unsafe {
            let (base, size) = (to(&mut base), to(&mut size));
            count(nt_call::NtAllocateVirtualMemory(ME, bad, 0, size, both, RW));
            count(nt_call::NtAllocateVirtualMemory(ME, base, 0, bad, both, RW));
            count(nt_call::NtFreeVirtualMemory(ME, bad, size, MEM_RELEASE));
            count(nt_call::NtFreeVirtualMemory(ME, base, bad, MEM_RELEASE));
            count(nt_call::NtProtectVirtualMemory(ME, bad, size, RW, to(&mut number)));
            count(nt_call::NtProtectVirtualMemory(ME, base, bad, RW, to(&mut number)));
            count(nt_call::NtProtectVirtualMemory(ME, base, size, RW, UserPtr::new(address)));
            count(nt_call::NtLockVirtualMemory(ME, bad, size, 1));
            count(nt_call::NtLockVirtualMemory(ME, base, bad, 1));
            count(nt_call::NtUnlockVirtualMemory(ME, bad, size, 1));
            count(nt_call::NtUnlockVirtualMemory(ME, base, bad, 1));
            let place = UserPtr::new(address);
            count(nt_call::NtQueryVirtualMemory(ME, 0x7FFE_0000, 0, place, 0x30, UserPtr::new(0)));
            count(nt_call::NtMapViewOfSection(section, ME, bad, 0, 0, UserPtr::new(0), size, 1, 0, RW));
            count(nt_call::NtMapViewOfSection(section, ME, base, 0, 0, UserPtr::new(0), bad, 1, 0, RW));
            count(nt_call::NtQuerySection(section, 0, place, 0x18, UserPtr::new(0)));
            count(nt_call::NtExtendSection(section, UserPtr::new(address)));
            if address != 0 {
                let size = from::<_, i64>(&PAGE);
                let none = UserPtr::new(0);
                count(nt_call::NtMapViewOfSection(
                    section,
                    ME,
                    base,
                    0,
                    0,
                    UserPtr::new(address),
                    to(&mut number),
                    1,
                    0,
                    RW,
                ));
                count(nt_call::NtCreateSection(
                    UserPtr::new(address),
                    0x1F,
                    none,
                    size,
                    RW,
                    SEC_COMMIT,
                    Handle::NULL,
                ));
                let bad_size = UserPtr::new(address);
                count(nt_call::NtCreateSection(
                    to(&mut number),
                    0x1F,
                    none,
                    bad_size,
                    RW,
                    SEC_COMMIT,
                    Handle::NULL,
                ));
                count(nt_call::NtReadVirtualMemory(
                    ME,
                    0x7FFE_0000,
                    UserPtr::new(0x7FFE_0000),
                    1,
                    UserPtr::new(address),
                ));
            }
        }
    }
    check("pointers", wrong == 0);
    rt::close(section);
    // Only ranges that leave user memory are refused at once; what is merely not there ends the copy.
    for address in POINTERS {
        let expected = if address <= 8 { S::PARTIAL_COPY } else { S::ACCESS_VIOLATION };
        is("read-from", call::read(ME, address, 0x7FFE_0000, 8).0, expected);
        is("write-to", call::write(ME, address, 0x7FFE_0000, 8).0, expected);
        is("read-to", call::read(ME, 0x7FFE_0000, address, 8).0, expected);
    }
    is("length", call::read(ME, 0x1_0000, 0x1_0000, u64::MAX).0, S::ACCESS_VIOLATION);
}

/// Ranges that overflow or make no sense.
fn ranges() {
    let reserve = MEM_RESERVE;
    for (name, base, size, expected) in [
        ("no-size", 0, 0, S::INVALID_PARAMETER_4),
        ("all-sizes", 0, u64::MAX, S::INVALID_PARAMETER_4),
        ("overflow", 0x1_0000, u64::MAX - 0xFFFF, S::INVALID_PARAMETER_4),
        ("beyond", 0x7FF_FFFF_0000, PAGE, S::INVALID_PARAMETER_2),
        ("kernel", 0x4000_0000_0000, PAGE, S::INVALID_PARAMETER_2),
        ("taken", 0x7FFE_0000, PAGE, S::CONFLICTING_ADDRESSES),
    ] {
        fails(name, call::allocate(base, size, reserve, RW), expected);
    }
    fails("type", call::allocate(0, PAGE, 0x80, RW), S::INVALID_PARAMETER_5);
    fails("protection", call::allocate(0, PAGE, reserve, 0), S::INVALID_PAGE_PROTECTION);
    fails("more-than-there-is", call::allocate(0, 1 << 40, MEM_COMMIT, RW), S::COMMITMENT_LIMIT);
    fails("free-type", call::free(0x1_0000, 0, 0), S::INVALID_PARAMETER_4);
    fails("free-free", call::free(0x5_0000_0000, 0, MEM_RELEASE), S::MEMORY_NOT_ALLOCATED);
    fails("free-all", call::free(0x1_0000, u64::MAX, MEM_RELEASE), S::INVALID_PARAMETER_3);
    fails("protect-free", call::protect(0x5_0000_0000, 1, RW), S::CONFLICTING_ADDRESSES);
    fails("protect-all", call::protect(0x1_0000, u64::MAX, RW), S::INVALID_PARAMETER_3);
    fails("query-kernel", call::query(0x4000_0000_0000), S::INVALID_PARAMETER);
    is("lock-all", call::lock(0x1_0000, u64::MAX, 1), S::INVALID_PARAMETER_3);
    is("lock-kind", call::lock(0x7FFE_0000, 1, 4), S::INVALID_PARAMETER);
    is("unlock-all", call::unlock(0x1_0000, 0x7FF_0000_0000, 1), S::NOT_LOCKED);
    is("unmap-nothing", call::unmap(0x5_0000_0000), S::NOT_MAPPED_VIEW);
    is("unmap-kernel", call::unmap(u64::MAX), S::NOT_MAPPED_VIEW);
}

/// Handles that are none, or of something else.
fn handles() {
    let (mut base, mut size) = (0_u64, PAGE);
    let mut wrong = 0;
    for (handle, expected) in
        [(Handle(0x4444), S::INVALID_HANDLE), (Handle::CURRENT_THREAD, S::OBJECT_TYPE_MISMATCH)]
    {
        let mut count = |status: S| wrong += u32::from(status != expected);
        // SAFETY: what is pointed to outlives the calls.
        unsafe {
            let (base, size) = (to(&mut base), to(&mut size));
            count(nt_call::NtAllocateVirtualMemory(handle, base, 0, size, MEM_RESERVE, RW));
            count(nt_call::NtFreeVirtualMemory(handle, base, size, MEM_RELEASE));
            count(nt_call::NtLockVirtualMemory(handle, base, size, 1));
            count(nt_call::NtFlushInstructionCache(handle, 0, 0));
            count(nt_call::NtUnmapViewOfSection(handle, 0));
            count(nt_call::NtMapViewOfSection(handle, ME, base, 0, 0, UserPtr::new(0), size, 1, 0, RW));
            count(nt_call::NtCreateSection(
                UserPtr::new(0),
                0x1F,
                UserPtr::new(0),
                from(&PAGE),
                RW,
                SEC_COMMIT,
                handle,
            ));
        }
    }
    check("handles", wrong == 0);
    // SAFETY: it takes no pointers.
    is("flush", unsafe { nt_call::NtFlushInstructionCache(ME, 0, 0) }, S::SUCCESS);
}

/// PEB, TEB and shared data stay as they are.
fn locked() {
    for (name, address) in
        [("peb", nt::layout::peb::ADDRESS), ("teb", crate::asm::teb(0x30)), ("shared-data", 0x7FFE_0000)]
    {
        let region = call::query(address).unwrap_or_default();
        fails(name, call::free(region.allocation_base, 0, MEM_RELEASE), S::INVALID_PAGE_PROTECTION);
        fails(name, call::free(address, 1, MEM_DECOMMIT), S::INVALID_PAGE_PROTECTION);
        fails(name, call::protect(address, 1, RW), S::INVALID_PAGE_PROTECTION);
        is(name, call::unlock(address, 1, 1), S::NOT_LOCKED);
    }
    check("shared-data-there", call::peek(0x7FFE_026C) == 5);
}

fn sections() {
    for (name, size, protect, kind, expected) in [
        ("section-no-size", 0, RW, SEC_COMMIT, S::INVALID_PARAMETER_4),
        ("section-negative", u64::MAX, RW, SEC_RESERVE, S::SECTION_TOO_BIG),
        ("section-too-much", 1 << 40, RW, SEC_COMMIT, S::COMMITMENT_LIMIT),
        ("section-kind", PAGE, RW, SEC_COMMIT | SEC_RESERVE, S::INVALID_PARAMETER_6),
        ("section-protection", PAGE, 0, SEC_COMMIT, S::INVALID_PAGE_PROTECTION),
        ("section-image", PAGE, RW, SEC_IMAGE, S::INVALID_FILE_FOR_SECTION),
        ("section-based", 1 << 41, RW, SEC_RESERVE | SEC_BASED, S::NO_MEMORY),
    ] {
        fails(name, call::section(size, protect, kind, Handle::NULL), expected);
    }
    let Ok(section) = call::section(PAGE, RW, SEC_COMMIT, Handle::NULL) else {
        return check("section", false);
    };
    for (name, at, offset, size, protect, expected) in [
        ("view-size", 0, 0, 2 * PAGE, RW, S::INVALID_VIEW_SIZE),
        ("view-offset", 0, 0x1_0000, 0, RW, S::INVALID_VIEW_SIZE),
        ("view-alignment", 0, 1, 0, RW, S::MAPPED_ALIGNMENT),
        ("view-base", 0x1234, 0, 0, RW, S::MAPPED_ALIGNMENT),
        ("view-beyond", 0x7FF_FFFF_0000, 0, 0, RW, S::INVALID_PARAMETER_3),
        ("view-taken", 0x7FFE_0000, 0, 0, RW, S::CONFLICTING_ADDRESSES),
        ("view-protection", 0, 0, 0, 0, S::INVALID_PAGE_PROTECTION),
        ("view-execute", 0, 0, 0, PAGE_EXECUTE_READ, S::SECTION_PROTECTION),
    ] {
        fails(name, call::map(section, at, offset, size, protect), expected);
    }
    fails(
        "information-class",
        call::query_section::<SectionImageInformation>(section, 2),
        S::INVALID_INFO_CLASS,
    );
    fails("information-length", call::query_section::<u32>(section, 0), S::INFO_LENGTH_MISMATCH);
    rt::close(section);
    rt::close(Handle(0));
}
