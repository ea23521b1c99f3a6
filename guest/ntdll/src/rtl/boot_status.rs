//! Boot status: `\SystemRoot\bootstat.dat`, in which loader and session manager tell one another how the last boot went.
//! Layout and item numbers: phnt `ntrtl.h` (RTL_BSD_ITEM_TYPE).
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::file::{access, option, share};
use nt::types::{Handle, IoStatusBlock, ObjectAttributes, UnicodeString, UserPtr};
use nt::{NtStatus, wide};

use super::raw::{at, store};
use crate::stubs::{NtClose, NtFlushBuffersFile, NtOpenFile, NtReadFile, NtWriteFile};

const FILE: &[u16] = wide!(r"\SystemRoot\bootstat.dat");
/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;

/// Where each item is, and its bytes: version, product type, advanced options enabled, their time in seconds, the last
/// boot was good, the last shutdown was.
const ITEMS: [(i64, u32); 6] = [(0, 4), (4, 4), (8, 1), (9, 1), (10, 1), (11, 1)];

/// Opens the file for the other two functions.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLockBootStatusData(handle: *mut Handle) -> NtStatus {
    let bytes = size_of_val(FILE) as u16;
    let buffer = FILE.as_ptr().expose_provenance() as u64;
    let name = UnicodeString { length: bytes, maximum_length: bytes, reserved: 0, buffer };
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: (&raw const name).expose_provenance() as u64,
        attributes: CASE_INSENSITIVE,
        ..ObjectAttributes::default()
    };
    let (mut file, mut io_status) = (Handle::NULL, IoStatusBlock::default());
    // SAFETY: all of them live here; the handle's place as the caller says.
    unsafe {
        let status = NtOpenFile(
            at(&raw mut file),
            access::READ_DATA | access::WRITE_DATA | access::SYNCHRONIZE,
            at(&raw const attributes),
            at(&raw mut io_status),
            // Nobody else writes to it meanwhile.
            share::READ,
            option::SYNCHRONOUS_IO_NONALERT | option::NON_DIRECTORY_FILE,
        );
        handle.write(file);
        status
    }
}

/// Writes what is buffered and closes the file.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnlockBootStatusData(file: Handle) -> NtStatus {
    let mut io_status = IoStatusBlock::default();
    // SAFETY: it lives here.
    unsafe {
        let flushed = NtFlushBuffersFile(file, at(&raw mut io_status));
        NtClose(file);
        flushed
    }
}

/// Reads or writes an item. `returned`: its size in bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetSetBootStatusData(
    file: Handle,
    read: u8,
    item: u32,
    buffer: *mut u8,
    length: u32,
    returned: *mut u32,
) -> NtStatus {
    let Some(&(offset, size)) = ITEMS.get(item as usize) else {
        return NtStatus::INVALID_PARAMETER;
    };
    let (mut io_status, none) = (IoStatusBlock::default(), Handle::NULL);
    // SAFETY: offset and result live here, the rest is as the caller says.
    unsafe {
        store(returned, size);
        if length < size {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        let (io_status, key) = (at(&raw mut io_status), UserPtr::new(0));
        let (buffer, offset) = (at(buffer), at(&raw const offset));
        match read {
            0 => NtWriteFile(file, none, 0, 0, io_status, buffer, size, offset, key),
            _ => NtReadFile(file, none, 0, 0, io_status, buffer, size, offset, key),
        }
    }
}
