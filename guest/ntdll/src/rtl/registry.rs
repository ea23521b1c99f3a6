//! The registry by paths: reading many values with a table, writing and deleting single ones.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

mod direct;
mod query;
mod root;
pub mod user;
mod value;

use nt::NtStatus;
use nt::registry::access;
use nt::types::{UnicodeString, UserPtr};

use super::raw::{at, terminated};
use crate::stubs::{NtDeleteValueKey, NtSetValueKey};
use root::{How, Key};

/// A value's name for the services.
///
/// # Safety
/// It ends with a NUL or is NULL.
unsafe fn name(text: *const u16) -> UnicodeString {
    // SAFETY: as the caller says.
    let length = size_of_val(unsafe { terminated(text) }).min(super::raw::MAX_BYTES) as u16;
    UnicodeString { length, maximum_length: length, reserved: 0, buffer: text.expose_provenance() as u64 }
}

/// Sets a value; its key is made if it is not there.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlWriteRegistryValue(
    relative_to: u32,
    path: *const u16,
    value: *const u16,
    value_type: u32,
    data: *const u8,
    length: u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let key = match Key::open(relative_to, path, access::WRITE, How::Create) {
            Ok(key) => key,
            Err(status) => return status,
        };
        NtSetValueKey(key.handle(), at(&name(value)), 0, value_type, at(data), length)
    }
}

/// Deletes a value.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDeleteRegistryValue(
    relative_to: u32,
    path: *const u16,
    value: *const u16,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        match Key::open(relative_to, path, access::WRITE, How::Open) {
            Ok(key) => NtDeleteValueKey(key.handle(), at(&name(value))),
            Err(status) => status,
        }
    }
}

/// Whether a key is there: SUCCESS, or why it cannot be opened.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCheckRegistryKey(relative_to: u32, path: *const u16) -> NtStatus {
    // SAFETY: as the caller says.
    match unsafe { Key::open(relative_to, path, 0, How::Open) } {
        Ok(_) => NtStatus::SUCCESS,
        Err(status) => status,
    }
}

/// Makes a key if it is not there.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateRegistryKey(relative_to: u32, path: *const u16) -> NtStatus {
    // SAFETY: as the caller says.
    match unsafe { Key::open(relative_to, path, 0, How::Create) } {
        Ok(_) => NtStatus::SUCCESS,
        Err(status) => status,
    }
}

/// No pointer.
fn null<T>() -> UserPtr<T> {
    UserPtr::new(0)
}
