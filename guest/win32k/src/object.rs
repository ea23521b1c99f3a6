//! Window stations and desktops as the kernel has them.
#![expect(unsafe_code, reason = "calls the kernel")]

use nt::NtStatus;
use nt::types::Handle;

use crate::ntoskrnl::{
    ExDesktopObjectType, ExWindowStationObjectType, ObCloseHandle, ObOpenObjectByName, ObOpenObjectByPointer,
    ObReferenceObjectByHandle, ObfDereferenceObject, Pointer, USER_MODE,
};

/// Type of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Window station.
    WindowStation,
    /// Desktop.
    Desktop,
}

impl Kind {
    fn object_type(self) -> Pointer {
        // SAFETY: the kernel's variables never change.
        unsafe {
            match self {
                Self::WindowStation => ExWindowStationObjectType,
                Self::Desktop => ExDesktopObjectType,
            }
        }
    }
}

/// A counted reference to an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference(Pointer);

impl Reference {
    /// The object of a handle of the caller's.
    ///
    /// # Errors
    /// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED, INSUFFICIENT_RESOURCES.
    pub fn of_handle(handle: Handle, kind: Kind, access: u32) -> Result<Self, NtStatus> {
        let mut object = 0;
        let place = &raw mut object;
        // SAFETY: the place outlives the call.
        unsafe { ObReferenceObjectByHandle(handle, access, kind.object_type(), USER_MODE, place, 0) }.ok()?;
        Ok(Self(object))
    }

    /// A handle of the caller's to a desktop.
    ///
    /// # Errors
    /// ACCESS_DENIED, INSUFFICIENT_RESOURCES.
    pub fn open(&self, kind: Kind, attributes: u32, access: u32) -> Result<Handle, NtStatus> {
        let mut handle = Handle::NULL;
        let (object_type, place) = (kind.object_type(), &raw mut handle);
        // SAFETY: the reference keeps the object; the place outlives the call.
        unsafe { ObOpenObjectByPointer(self.0, attributes, 0, access, object_type, USER_MODE, place) }
            .ok()?;
        Ok(handle)
    }

    /// Which object it is.
    pub fn pointer(&self) -> Pointer {
        self.0
    }

    /// The window station that a desktop belongs to; 0 for a window station.
    pub fn owner(&self) -> Pointer {
        // SAFETY: the kernel keeps a word there for as long as there is a reference.
        unsafe { core::ptr::with_exposed_provenance::<Pointer>(self.0 as usize).read_volatile() }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's.
        unsafe { ObfDereferenceObject(self.0) }
    }
}

/// Opens an object by the caller's OBJECT_ATTRIBUTES.
///
/// # Errors
/// What the look-up says.
pub fn open(kind: Kind, attributes: u64, access: u32) -> Result<Handle, NtStatus> {
    let mut handle = Handle::NULL;
    let (nothing, place) = (core::ptr::null_mut(), &raw mut handle);
    // SAFETY: the place outlives the call; the kernel captures the attributes.
    unsafe { ObOpenObjectByName(attributes, kind.object_type(), USER_MODE, 0, access, nothing, place) }
        .ok()?;
    Ok(handle)
}

/// The same, and makes it if it is not there. Returns also whether it was made.
///
/// # Errors
/// What the look-up and the creation say.
pub fn create(kind: Kind, attributes: u64, access: u32) -> Result<(Handle, bool), NtStatus> {
    let (mut handle, mut is_new) = (Handle::NULL, 0);
    let (context, place) = (&raw mut is_new, &raw mut handle);
    // SAFETY: as in `open`, and so does the place for the answer.
    unsafe { ObOpenObjectByName(attributes, kind.object_type(), USER_MODE, 0, access, context, place) }
        .ok()?;
    Ok((handle, is_new != 0))
}

/// Closes a handle of the caller's.
///
/// # Errors
/// INVALID_HANDLE, HANDLE_NOT_CLOSABLE.
pub fn close(handle: Handle) -> Result<(), NtStatus> {
    // SAFETY: it takes numbers only.
    unsafe { ObCloseHandle(handle, USER_MODE) }.ok()
}
