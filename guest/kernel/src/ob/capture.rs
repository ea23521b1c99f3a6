//! OBJECT_ATTRIBUTES as a system service captures them: once, before anything is decided.

use alloc::boxed::Box;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};
use obns::{Attributes, Query};
use secore::Descriptor;

use super::body::{Body, Kind, Object};
use crate::mm::user;
use crate::se;

/// Captured OBJECT_ATTRIBUTES.
#[derive(Debug, Default)]
pub struct Captured {
    /// The name; nothing when there is none.
    pub name: Vec<u16>,
    /// What the name is relative to.
    pub root: Option<Object>,
    /// `OBJ_*`.
    pub attributes: Attributes,
    /// The security descriptor for a new object.
    descriptor: Option<Box<Descriptor>>,
    /// Address of the SECURITY_QUALITY_OF_SERVICE; 0 for none.
    pub quality: u64,
}

impl Captured {
    /// Captures the caller's structure; a NULL pointer is an object without name.
    ///
    /// # Errors
    /// INVALID_PARAMETER (length, unknown attributes), OBJECT_NAME_INVALID, INVALID_HANDLE, ACCESS_VIOLATION;
    /// UNKNOWN_REVISION, INVALID_SID, INVALID_ACL (the security descriptor).
    pub fn new(attributes: UserPtr<ObjectAttributes>) -> Result<Self, NtStatus> {
        if attributes.is_null() {
            return Ok(Self::default());
        }
        let raw: ObjectAttributes = user::read(attributes)?;
        let attributes = Attributes(raw.attributes);
        if raw.length as usize != size_of::<ObjectAttributes>() || !attributes.is_valid() {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let name = match raw.object_name {
            0 => Vec::new(),
            address => capture_string(UserPtr::new(address))?,
        };
        let root = match raw.root_directory {
            0 => None,
            handle => Some(super::handle::reference(Handle(handle), None, 0)?),
        };
        let descriptor = match raw.security_descriptor {
            0 => None,
            address => Some(Box::new(se::capture_descriptor(address)?)),
        };
        Ok(Self { name, root, attributes, descriptor, quality: raw.security_quality_of_service })
    }

    /// The same for a service that opens: there must be a structure.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn to_open(attributes: UserPtr<ObjectAttributes>) -> Result<Self, NtStatus> {
        if attributes.is_null() {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        Self::new(attributes)
    }

    /// A name that stands outside of OBJECT_ATTRIBUTES, relative to a handle unless that is NULL.
    ///
    /// # Errors
    /// INVALID_HANDLE.
    pub fn of_name(name: Vec<u16>, root: Handle) -> Result<Self, NtStatus> {
        let root = match root {
            Handle::NULL => None,
            handle => Some(super::handle::reference(handle, None, 0)?),
        };
        Ok(Self { name, root, attributes: Attributes::CASE_INSENSITIVE, ..Self::default() })
    }

    /// The same attributes and descriptor with another name, in a directory.
    pub fn below(&self, root: Object, name: Vec<u16>) -> Self {
        Self { name, root: Some(root), descriptor: self.descriptor.clone(), ..*self }
    }

    /// Whether an object is named at all.
    pub fn has_name(&self) -> bool {
        !self.name.is_empty()
    }

    /// The security descriptor for a new object, if one is given.
    pub fn descriptor(&self) -> Option<&Descriptor> {
        self.descriptor.as_deref()
    }

    /// What the namespace is asked.
    pub fn query(&self, kind: Option<Kind>) -> Query<'_, Body> {
        Query {
            name: &self.name,
            root: self.root.as_ref(),
            attributes: self.attributes,
            kind,
            dos_devices: None,
            traverse: se::traverse(),
        }
    }
}

/// Captures a UNICODE_STRING.
///
/// # Errors
/// OBJECT_NAME_INVALID for half a unit, ACCESS_VIOLATION.
pub fn capture_string(string: UserPtr<UnicodeString>) -> Result<Vec<u16>, NtStatus> {
    let string: UnicodeString = user::read(string)?;
    if !string.length.is_multiple_of(2) {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    user::read_utf16(string.buffer, usize::from(string.length / 2))
}
