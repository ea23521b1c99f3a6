//! Sections: shared memory, views of files, images.

use nt::NtStatus as S;
use nt::memory::*;
use nt::process::SectionImageInformation;
use nt::types::Handle;

use super::call::{self, peek, poke};
use super::{PAGE, check, fails, is};

const RW: u32 = PAGE_READWRITE;
const FILE: &str = r"\SystemRoot\System32\probe.exe";
/// SYNCHRONIZE, FILE_READ_DATA and FILE_EXECUTE.
const READ_EXECUTE: u32 = 0x10_0021;

/// What sections do, twice: the second time takes nothing that the first one has not left.
pub fn sections() {
    all();
    let before = call::free_pages();
    all();
    check("free-pages", call::free_pages() == before);
}

fn all() {
    shared();
    reserved();
    based();
    file();
    image();
    named();
}

/// Two views of the same pages, and a third one that copies what it writes.
fn shared() {
    let Ok(section) = call::section(0x2_0000, RW, SEC_COMMIT, Handle::NULL) else {
        return check("section", false);
    };
    let view =
        |protect| call::map(section, 0, 0x1_0000, 0, protect).map_or((0, 0), |(_, base, size)| (base, size));
    let ((one, size), (two, _), (copy, _)) = (view(RW), view(RW), view(PAGE_WRITECOPY));
    check("map", one != 0 && two != one && copy != 0 && size == 0x1_0000);
    poke(one + PAGE, 0x11);
    check("shared", peek(two + PAGE) == 0x11 && peek(copy + PAGE) == 0x11);
    poke(copy + PAGE, 0x22);
    poke(two + PAGE + 1, 0x33);
    check("copied", peek(copy + PAGE) == 0x22 && peek(one + PAGE) == 0x11 && peek(copy + PAGE + 1) == 0);
    check("shares-on", peek(one + PAGE + 1) == 0x33);
    // A page that nobody had when it was copied.
    poke(copy + 2 * PAGE, 0x44);
    check("copied-zero", peek(one + 2 * PAGE) == 0 && peek(copy + 2 * PAGE) == 0x44);
    check("protect-view", call::protect(two, PAGE, PAGE_READONLY) == Ok(RW));
    fails("protect-more", call::protect(two, PAGE, PAGE_EXECUTE_READ), S::SECTION_PROTECTION);
    fails("free-view", call::free(one, 0, MEM_RELEASE), S::UNABLE_TO_DELETE_SECTION);
    let region = call::query(copy).unwrap_or_default();
    check("query-view", (region.kind, region.allocation_protect) == (MEM_MAPPED, PAGE_WRITECOPY));
    rt::close(section);
    check("view-keeps", peek(one + PAGE) == 0x11);
    for (name, base) in [("unmap-1", one), ("unmap-2", two + 5), ("unmap-3", copy)] {
        is(name, call::unmap(base), S::SUCCESS);
    }
    is("unmap-again", call::unmap(one), S::NOT_MAPPED_VIEW);
}

/// A section that is committed through its views.
fn reserved() {
    let Ok(section) = call::section(0x4_0000, RW, SEC_RESERVE, Handle::NULL) else {
        return check("reserved", false);
    };
    let view = || call::map(section, 0, 0, 0, RW).map_or(0, |(_, base, _)| base);
    let (one, two) = (view(), view());
    let state = |address| call::query(address).map_or(0, |region| region.state);
    check("reserved", state(two) == MEM_RESERVE);
    check("commit-view", call::allocate(one, PAGE, MEM_COMMIT, RW).is_ok());
    check("committed-in-all", state(two) == MEM_COMMIT && state(two + PAGE) == MEM_RESERVE);
    poke(one, 1);
    check("reserved-shared", peek(two) == 1);
    is("reserved-unmap-1", call::unmap(one), S::SUCCESS);
    is("reserved-unmap-2", call::unmap(two), S::SUCCESS);
    rt::close(section);
}

/// A section with an address of its own.
fn based() {
    let (Ok(one), Ok(two)) = (
        call::section(PAGE, RW, SEC_COMMIT | SEC_BASED, Handle::NULL),
        call::section(PAGE, RW, SEC_COMMIT | SEC_BASED, Handle::NULL),
    ) else {
        return check("based", false);
    };
    let address = |section| {
        let known = call::query_section::<SectionBasicInformation>(section, SECTION_BASIC_INFORMATION_CLASS);
        known.map_or(0, |(information, _)| information.base_address)
    };
    let mapped = call::map(one, 0, 0, 0, RW).map(|(_, base, _)| base);
    check("based", address(one) != address(two) && mapped == Ok(address(one)));
    fails("based-twice", call::map(one, 0, 0, 0, RW), S::CONFLICTING_ADDRESSES);
    is("based-unmap", call::unmap(address(one)), S::SUCCESS);
    rt::close(one);
    rt::close(two);
}

/// A view of a file's data.
fn file() {
    let file = match call::open_file(FILE, READ_EXECUTE) {
        Ok(file) => file,
        Err(status) => return is("open", status, S::SUCCESS),
    };
    let Ok(section) = call::section(0, PAGE_READONLY, SEC_COMMIT, file) else {
        return check("file-section", false);
    };
    let basic = call::query_section::<SectionBasicInformation>(section, SECTION_BASIC_INFORMATION_CLASS);
    let (basic, len) = basic.unwrap_or_default();
    check(
        "file-query",
        len == 0x18 && basic.attributes == SEC_COMMIT | SEC_FILE && basic.maximum_size > 0x1000,
    );
    let (_, base, size) = call::map(section, 0, 0, 0, PAGE_READONLY).unwrap_or((S::UNSUCCESSFUL, 0, 0));
    check("file-size", size == basic.maximum_size.next_multiple_of(PAGE));
    check("file-view", base != 0 && [peek(base), peek(base + 1)] == *b"MZ");
    check("file-tail", !basic.maximum_size.is_multiple_of(PAGE) || peek(base + size - 1) == 0 || size > 0);
    let mut name = [0; 128];
    let units = call::mapped_file(base + PAGE, &mut name).unwrap_or(0);
    let text = name.get(8..8 + units).unwrap_or(&[]);
    check("file-name", text.len() > 30 && ends_with(text, r"\System32\probe.exe"));
    fails("no-file-name", call::mapped_file(0x7FFE_0000, &mut name), S::INVALID_ADDRESS);
    let copy = call::map(section, 0, 0, PAGE, PAGE_WRITECOPY).map_or(0, |(_, base, _)| base);
    poke(copy, b'X');
    check("file-copied", peek(copy) == b'X' && peek(copy + 1) == b'Z' && peek(base) == b'M');
    fails("file-write", call::map(section, 0, 0, 0, RW), S::SECTION_PROTECTION);
    check("extend-less", call::extend(section, 1) == Ok(basic.maximum_size));
    fails("extend-more", call::extend(section, 1 << 30), S::SECTION_NOT_EXTENDED);
    fails("no-image", call::query_section::<SectionImageInformation>(section, 1), S::SECTION_NOT_IMAGE);
    fails("write-section", call::section(0, RW, SEC_COMMIT, file), S::ACCESS_DENIED);
    fails("too-big", call::section(1 << 30, PAGE_READONLY, SEC_COMMIT, file), S::SECTION_TOO_BIG);
    is("file-unmap", call::unmap(base), S::SUCCESS);
    is("copy-unmap", call::unmap(copy), S::SUCCESS);
    rt::close(section);
    rt::close(file);
}

fn ends_with(text: &[u16], end: &str) -> bool {
    let start = text.len().saturating_sub(end.len());
    text[start..].iter().copied().map(u32::from).eq(end.bytes().map(u32::from))
}

/// The program's own image, mapped once more.
fn image() {
    let file = match call::open_file(FILE, READ_EXECUTE) {
        Ok(file) => file,
        Err(status) => return is("open", status, S::SUCCESS),
    };
    let Ok(section) = call::section(0, PAGE_EXECUTE, SEC_IMAGE, file) else {
        return check("image-section", false);
    };
    rt::close(file);
    let known = call::query_section::<SectionImageInformation>(section, SECTION_IMAGE_INFORMATION_CLASS);
    let (known, len) = known.unwrap_or_default();
    check("image-query", len == 0x40 && (known.machine, known.subsystem_type) == (0x8664, 1));
    check("image-code", known.contains_code == 1 && known.maximum_stack_size > 0);
    let (status, base, size) =
        call::map(section, 0, 0, 0, PAGE_EXECUTE_READ).unwrap_or((S::UNSUCCESSFUL, 0, 0));
    is("image-moved", status, S::IMAGE_NOT_AT_BASE);
    let region = call::query(base).unwrap_or_default();
    check("image-region", (region.kind, region.protect) == (MEM_IMAGE, PAGE_READONLY) && size > 0x2000);
    check("image-header", [peek(base), peek(base + 1)] == *b"MZ");
    // Every page of it can be read, and as a copy written.
    (0..size / PAGE).for_each(|page| _ = peek(base + page * PAGE));
    check("image-writable", call::protect(base, size, PAGE_EXECUTE_READWRITE).is_ok());
    (0..size / PAGE).for_each(|page| poke(base + page * PAGE, 0x5A));
    check(
        "image-copied",
        peek(base) == 0x5A && call::query(base).map(|r| r.protect) == Ok(PAGE_EXECUTE_WRITECOPY),
    );
    let second = call::map(section, 0, 0, 0, PAGE_EXECUTE_READ).map_or(0, |(_, base, _)| base);
    check("image-apart", second != base && peek(second) == b'M');
    is("image-unmap-1", call::unmap(base), S::SUCCESS);
    is("image-unmap-2", call::unmap(second), S::SUCCESS);
    rt::close(section);
}

fn named() {
    let name = r"\BaseNamedProbeSection";
    let Ok((status, section)) = call::named_section(name, 0, PAGE) else { return check("named", false) };
    is("named", status, S::SUCCESS);
    fails("collision", call::named_section(name, 0, PAGE), S::OBJECT_NAME_COLLISION);
    // OBJ_OPENIF.
    check(
        "open-if",
        call::named_section(name, 0x80, PAGE).is_ok_and(|(status, handle)| {
            rt::close(handle);
            status == S::OBJECT_NAME_EXISTS
        }),
    );
    let Ok(read_only) = call::open_section(name, 4) else { return check("open-named", false) };
    fails("map-denied", call::map(read_only, 0, 0, 0, RW), S::ACCESS_DENIED);
    fails("query-denied", call::query_section::<SectionBasicInformation>(read_only, 0), S::ACCESS_DENIED);
    fails("extend-denied", call::extend(read_only, PAGE), S::ACCESS_DENIED);
    let view = call::map(read_only, 0, 0, 0, PAGE_READONLY).map_or(0, |(_, base, _)| base);
    check("map-read", view != 0 && peek(view) == 0);
    is("unmap-named", call::unmap(view), S::SUCCESS);
    rt::close(read_only);
    rt::close(section);
    fails("name-gone", call::open_section(name, 4), S::OBJECT_NAME_NOT_FOUND);
}
