//! Names, links, handles: the object manager as a program sees it.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::types::{Boolean, ClientId, Handle, ObjectAttributes, UnicodeString, UserPtr};
use rt::syscall;

use crate::checks::verdict;
use crate::reg::{CASE_INSENSITIVE, OPENLINK, Result, Wide, from, to, with_name};

/// OBJ_INHERIT, OBJ_PERMANENT, OBJ_OPENIF.
const INHERIT: u32 = 0x2;
const PERMANENT: u32 = 0x10;
const OPENIF: u32 = 0x80;
/// DIRECTORY_QUERY, DIRECTORY_TRAVERSE, and all rights to directories.
const QUERY: u32 = 1;
const TRAVERSE: u32 = 2;
const ALL: u32 = 0xF_000F;
/// All rights to symbolic links.
const LINK_ALL: u32 = 0xF_0001;
/// DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS.
const CLOSE_SOURCE: u32 = 1;
const SAME_ACCESS: u32 = 2;
/// ObjectNameInformation, ObjectTypeInformation, ObjectHandleFlagInformation.
const NAME: u32 = 1;
const TYPE: u32 = 2;
const HANDLE_FLAGS: u32 = 4;

fn made(status: NtStatus, handle: Handle) -> (NtStatus, Handle) {
    (status, handle)
}

fn create_directory(root: Handle, name: &str, attributes: u32) -> (NtStatus, Handle) {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    // SAFETY: everything that is pointed to outlives the call.
    let status = with_name(root, name, attributes, |attributes| unsafe {
        syscall::NtCreateDirectoryObject(place, ALL, attributes)
    });
    made(status, handle)
}

fn open_directory(root: Handle, name: &str, access: u32) -> (NtStatus, Handle) {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    // SAFETY: as above.
    let status = with_name(root, name, CASE_INSENSITIVE, |attributes| unsafe {
        syscall::NtOpenDirectoryObject(place, access, attributes)
    });
    made(status, handle)
}

fn create_link(root: Handle, name: &str, target: &str, attributes: u32) -> (NtStatus, Handle) {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    let target = Wide::new(target);
    let target = target.string();
    // SAFETY: as above.
    let status = with_name(root, name, attributes, |attributes| unsafe {
        syscall::NtCreateSymbolicLinkObject(place, LINK_ALL, attributes, from(&target))
    });
    made(status, handle)
}

fn open_link(root: Handle, name: &str) -> (NtStatus, Handle) {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    // SAFETY: as above.
    let status = with_name(root, name, CASE_INSENSITIVE | OPENLINK, |attributes| unsafe {
        syscall::NtOpenSymbolicLinkObject(place, 1, attributes)
    });
    made(status, handle)
}

fn link_target(link: Handle, buffer: &mut [u16]) -> Result<usize> {
    let maximum_length = (2 * buffer.len()) as u16;
    let mut string = UnicodeString {
        length: 0,
        maximum_length,
        reserved: 0,
        buffer: buffer.as_mut_ptr().expose_provenance() as u64,
    };
    // SAFETY: as above; the buffer has the size that is told.
    let status = unsafe { syscall::NtQuerySymbolicLinkObject(link, to(&mut string), UserPtr::new(0)) };
    status.ok().map(|()| usize::from(string.length / 2))
}

fn duplicate(handle: Handle, access: u32, attributes: u32, options: u32) -> (NtStatus, Handle) {
    let mut copy = Handle::NULL;
    // SAFETY: as above.
    let status = unsafe {
        syscall::NtDuplicateObject(
            Handle::CURRENT_PROCESS,
            handle,
            Handle::CURRENT_PROCESS,
            to(&mut copy),
            access,
            attributes,
            options,
        )
    };
    made(status, copy)
}

fn query(handle: Handle, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let mut returned = 0;
    let length = buffer.len() as u32;
    // SAFETY: as above; the buffer has the size that is told.
    let status = unsafe { syscall::NtQueryObject(handle, class, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

fn is(name: &str, found: NtStatus, expected: NtStatus) {
    verdict(name, found == expected, found.name().unwrap_or("an unknown status"));
}

/// Directories and their names.
pub fn directories() {
    let (status, outer) = create_directory(Handle::NULL, r"\Outer", CASE_INSENSITIVE);
    is("create", status, NtStatus::SUCCESS);
    let (status, inner) = create_directory(outer, "Inner", CASE_INSENSITIVE);
    is("create-relative", status, NtStatus::SUCCESS);
    is("collision", create_directory(outer, "INNER", CASE_INSENSITIVE).0, NtStatus::OBJECT_NAME_COLLISION);
    let (status, again) = create_directory(outer, "inner", CASE_INSENSITIVE | OPENIF);
    is("open-if", status, NtStatus::OBJECT_NAME_EXISTS);
    rt::close(again);
    is("case", open_directory(Handle::NULL, r"\OUTER\inner", QUERY).0, NtStatus::SUCCESS);
    for (name, path, expected) in [
        ("missing", r"\Outer\Nothing", NtStatus::OBJECT_NAME_NOT_FOUND),
        ("missing-path", r"\Outer\Nothing\More", NtStatus::OBJECT_PATH_NOT_FOUND),
        ("no-root", r"Outer", NtStatus::OBJECT_PATH_SYNTAX_BAD),
        ("empty-component", r"\Outer\\Inner", NtStatus::OBJECT_NAME_INVALID),
        ("not-a-directory", r"\SystemRoot", NtStatus::OBJECT_TYPE_MISMATCH),
    ] {
        is(name, open_directory(Handle::NULL, path, QUERY).0, expected);
    }
    // A temporary name goes with the last handle; the one opened by case is still there.
    rt::close(inner);
    is("still-there", open_directory(outer, "Inner", QUERY).0, NtStatus::SUCCESS);
    let (status, kept) = create_directory(outer, "Kept", CASE_INSENSITIVE | PERMANENT);
    is("permanent", status, NtStatus::SUCCESS);
    rt::close(kept);
    let (status, kept) = open_directory(outer, "Kept", ALL);
    is("permanent-stays", status, NtStatus::SUCCESS);
    // SAFETY: it takes no pointers.
    is("make-temporary", unsafe { syscall::NtMakeTemporaryObject(kept) }, NtStatus::SUCCESS);
    rt::close(kept);
    is("temporary-goes", open_directory(outer, "Kept", QUERY).0, NtStatus::OBJECT_NAME_NOT_FOUND);
}

/// Symbolic links.
pub fn links() {
    let (status, first) = create_link(Handle::NULL, r"\LinkToDevices", r"\Device", CASE_INSENSITIVE);
    is("create", status, NtStatus::SUCCESS);
    is(
        "link-to-link",
        create_link(Handle::NULL, r"\Second", r"\LinkToDevices", CASE_INSENSITIVE).0,
        NtStatus::SUCCESS,
    );
    is("followed", open_directory(Handle::NULL, r"\Second", QUERY).0, NtStatus::SUCCESS);
    let (status, link) = open_link(Handle::NULL, r"\second");
    is("link-itself", status, NtStatus::SUCCESS);
    let mut text = [0; 40];
    let target = link_target(link, &mut text).unwrap_or(0);
    verdict("target", text[..target].iter().copied().eq(r"\LinkToDevices".encode_utf16()), "another target");
    let small = link_target(link, &mut text[..3]);
    verdict("target-too-long", small == Err(NtStatus::BUFFER_TOO_SMALL), "it fitted");
    is("circle", create_link(Handle::NULL, r"\Circle", r"\Circle\x", CASE_INSENSITIVE).0, NtStatus::SUCCESS);
    is("loop-limit", open_directory(Handle::NULL, r"\Circle", QUERY).0, NtStatus::OBJECT_NAME_NOT_FOUND);
    let dos = r"\DosDevices\NUL:";
    is("dos-device", create_link(Handle::NULL, dos, r"\Device\Null", CASE_INSENSITIVE).0, NtStatus::SUCCESS);
    is("dos-prefix", open_link(Handle::NULL, r"\??\nul:").0, NtStatus::SUCCESS);
    is("dos-global", open_link(Handle::NULL, r"\GLOBAL??\NUL:").0, NtStatus::SUCCESS);
    rt::close(first);
}

/// Handles: access, duplication, flags.
pub fn handles() {
    let (_, directory) = create_directory(Handle::NULL, r"\Handles", CASE_INSENSITIVE);
    let (status, weak) = duplicate(directory, TRAVERSE, 0, 0);
    is("duplicate", status, NtStatus::SUCCESS);
    let mut context = 0_u32;
    let mut buffer = [0_u8; 256];
    // SAFETY: everything that is pointed to outlives the call.
    let listed = unsafe {
        let (one, all) = (Boolean(1), Boolean(1));
        syscall::NtQueryDirectoryObject(
            weak,
            to(&mut buffer),
            256,
            one,
            all,
            to(&mut context),
            UserPtr::new(0),
        )
    };
    is("less-access", listed, NtStatus::ACCESS_DENIED);
    is(
        "wrong-type",
        link_target(directory, &mut [0; 4]).err().unwrap_or(NtStatus::SUCCESS),
        NtStatus::OBJECT_TYPE_MISMATCH,
    );
    let (status, moved) = duplicate(weak, 0, INHERIT, SAME_ACCESS | CLOSE_SOURCE);
    is("move", status, NtStatus::SUCCESS);
    is("moved-away", rt::close(weak), NtStatus::INVALID_HANDLE);
    let mut flags = [0; 2];
    is("flags", query(moved, HANDLE_FLAGS, &mut flags).0, NtStatus::SUCCESS);
    verdict("inherit", flags == [1, 0], "other flags");
    let protect = |on: u8| {
        let flags = [0, on];
        // SAFETY: the flags outlive the call.
        unsafe { syscall::NtSetInformationObject(moved, HANDLE_FLAGS, from(&flags), 2) }
    };
    is("protect", protect(1), NtStatus::SUCCESS);
    is("protected", rt::close(moved), NtStatus::HANDLE_NOT_CLOSABLE);
    is("unprotect", protect(0), NtStatus::SUCCESS);
    is("close", rt::close(moved), NtStatus::SUCCESS);
    is("closed", rt::close(moved), NtStatus::INVALID_HANDLE);
    let mut name = [0_u8; 64];
    let (status, length) = query(directory, NAME, &mut name);
    is("name", status, NtStatus::SUCCESS);
    verdict(
        "full-name",
        length == 16 + 16 + 2 && name[16..18] == [b'\\', 0] && name[18..20] == [b'H', 0],
        "another name",
    );
    is("name-too-long", query(directory, NAME, &mut name[..20]).0, NtStatus::INFO_LENGTH_MISMATCH);
    is("type", query(directory, TYPE, &mut [0; 256]).0, NtStatus::SUCCESS);
    is("class", query(directory, 77, &mut name).0, NtStatus::INVALID_INFO_CLASS);
    is("no-handle", query(Handle(0x1234), NAME, &mut name).0, NtStatus::INVALID_HANDLE);
}

/// The System process is there when the thread that watches the session manager for five seconds has gone.
pub fn system_process() {
    let mut handle = Handle::NULL;
    let attributes = ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..Default::default() };
    let id = ClientId { process: 4, thread: 0 };
    rt::delay(52_000_000);
    // SAFETY: everything that is pointed to outlives the call. The access is PROCESS_QUERY_INFORMATION.
    let status = unsafe { syscall::NtOpenProcess(to(&mut handle), 0x400, from(&attributes), from(&id)) };
    verdict("system-process", status == NtStatus::SUCCESS, "process 4 cannot be opened");
}
