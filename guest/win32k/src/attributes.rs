//! Names of the image's own: OBJECT_ATTRIBUTES for the kernel, and what is made with them.
#![expect(unsafe_code, reason = "calls the kernel")]

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UnicodeString};

use crate::ntoskrnl::{ZwCreateDirectoryObject, ZwCreateEvent};
use crate::object;

/// OBJ_CASE_INSENSITIVE, OBJ_OPENIF.
const CASE_INSENSITIVE: u32 = 0x40;
const OPENIF: u32 = 0x80;

/// Calls with the attributes of a name.
fn with_name<R>(name: &[u16], flags: u32, call: impl FnOnce(&ObjectAttributes) -> R) -> R {
    let length = size_of_val(name) as u16;
    let buffer = name.as_ptr().expose_provenance() as u64;
    let string = UnicodeString { length, maximum_length: length, reserved: 0, buffer };
    call(&ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: core::ptr::from_ref(&string).expose_provenance() as u64,
        attributes: flags,
        ..ObjectAttributes::default()
    })
}

/// Makes a notification event that is not signalled. The handle stays the calling process's.
///
/// # Errors
/// OBJECT_NAME_COLLISION, INSUFFICIENT_RESOURCES.
pub fn create_event(name: &[u16], access: u32) -> Result<(), NtStatus> {
    let mut handle = Handle::NULL;
    let place = &raw mut handle;
    // SAFETY: attributes and place outlive the call.
    with_name(name, CASE_INSENSITIVE, |attributes| unsafe { ZwCreateEvent(place, access, attributes, 0, 0) })
        .ok()
}

/// Makes a directory if it is not there. The handle of a new one stays the calling process's: the name lives as long.
///
/// # Errors
/// What the look-up says, INSUFFICIENT_RESOURCES.
pub fn create_directory(name: &[u16], access: u32) -> Result<(), NtStatus> {
    let mut handle = Handle::NULL;
    let place = &raw mut handle;
    // SAFETY: attributes and place outlive the call.
    let status = with_name(name, CASE_INSENSITIVE | OPENIF, |attributes| unsafe {
        ZwCreateDirectoryObject(place, access, attributes)
    });
    status.ok()?;
    if status == NtStatus::OBJECT_NAME_EXISTS {
        let _ = object::close(handle);
    }
    Ok(())
}
