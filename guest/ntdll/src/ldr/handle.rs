//! A handle that is closed when it is not needed any more.
#![expect(unsafe_code, reason = "calls system services")]

use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};

use crate::stubs::NtClose;

/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;

/// An open handle of this process.
#[derive(Debug)]
pub struct Owned(pub Handle);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle is nobody else's.
        unsafe { NtClose(self.0) };
    }
}

/// Attributes that name an object whatever the case; they are valid as long as `name` stays where it is.
pub fn named(name: &UnicodeString, root: Handle) -> ObjectAttributes {
    ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        root_directory: root.0,
        object_name: core::ptr::from_ref(name).expose_provenance() as u64,
        attributes: CASE_INSENSITIVE,
        ..ObjectAttributes::default()
    }
}

/// The address of a value that outlives the call it is given to.
pub fn at<T>(value: *const T) -> UserPtr<T> {
    UserPtr::new(value.expose_provenance() as u64)
}

/// The address of a place that outlives the call it is given to.
pub fn into<T>(place: &mut T) -> UserPtr<T> {
    UserPtr::new(core::ptr::from_mut(place).expose_provenance() as u64)
}
