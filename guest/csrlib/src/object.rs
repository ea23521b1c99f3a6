//! Objects with names.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;
use core::ptr::{from_ref, null_mut};

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UnicodeString};
use rt::handle::Owned;

use crate::import;

/// OBJ_PERMANENT: the object stays without a handle.
pub const PERMANENT: u32 = 0x10;
/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;
/// OBJ_OPENIF: an object of that name is opened.
pub const OPEN_IF: u32 = 0x80;
/// SYMBOLIC_LINK_ALL_ACCESS.
const LINK_ALL: u32 = 0xF_0001;
/// DELETE and SYMBOLIC_LINK_QUERY.
const LINK_CHANGE: u32 = 0x1_0001;
/// EVENT_MODIFY_STATE.
const EVENT_MODIFY: u32 = 2;
/// Longest target of a link, in UTF-16 units.
const TARGET_MAX: usize = 0x400;

/// A UNICODE_STRING of a text; it must not outlive it.
pub fn string(text: &[u16]) -> UnicodeString {
    let length = (text.len().min(0x7FFE) * 2) as u16;
    let buffer = text.as_ptr().expose_provenance() as u64;
    UnicodeString { length, maximum_length: length, reserved: 0, buffer }
}

/// A new object's name, and who may do what with it: a self-relative SECURITY_DESCRIPTOR, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// The name.
    pub name: &'a [u16],
    /// [`PERMANENT`], [`OPEN_IF`].
    pub attributes: u32,
    /// The descriptor.
    pub descriptor: &'a [u32],
}

impl<'a> New<'a> {
    /// An object that goes with its last handle, and must be new.
    pub const fn named(name: &'a [u16]) -> Self {
        Self { name, attributes: 0, descriptor: &[] }
    }

    /// Calls with OBJECT_ATTRIBUTES that live as long as the call.
    pub(crate) fn make(
        &self,
        call: impl FnOnce(*mut Handle, *const ObjectAttributes) -> NtStatus,
    ) -> Result<Owned, NtStatus> {
        let name = string(self.name);
        let attributes = ObjectAttributes {
            length: size_of::<ObjectAttributes>() as u32,
            object_name: from_ref(&name).expose_provenance() as u64,
            attributes: self.attributes | CASE_INSENSITIVE,
            security_descriptor: match self.descriptor {
                [] => 0,
                words => words.as_ptr().expose_provenance() as u64,
            },
            ..ObjectAttributes::default()
        };
        let mut handle = Handle::NULL;
        call(&raw mut handle, &raw const attributes).ok()?;
        Ok(Owned::new(handle))
    }

    /// Makes an object directory.
    ///
    /// # Errors
    /// What `NtCreateDirectoryObject` says.
    pub fn directory(&self) -> Result<Owned, NtStatus> {
        /// DIRECTORY_ALL_ACCESS.
        const ALL: u32 = 0xF_000F;
        // SAFETY: `make` passes what lives through the call; so it is below.
        self.make(|to, name| unsafe { import::NtCreateDirectoryObject(to, ALL, name) })
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    /// What `NtCreateSymbolicLinkObject` says.
    pub fn link(&self, target: &[u16]) -> Result<Owned, NtStatus> {
        let target = string(target);
        // SAFETY: as above; the target outlives the call.
        self.make(|to, name| unsafe {
            import::NtCreateSymbolicLinkObject(to, LINK_ALL, name, &raw const target)
        })
    }

    /// Makes a link with a history: texts ended by NULs, of which the first one counts.
    ///
    /// # Errors
    /// What `NtCreateSymbolicLinkObject` says.
    pub fn link_with_history(&self, history: &[u16]) -> Result<Owned, NtStatus> {
        let mut target = string(history);
        target.length = history.iter().take_while(|&&unit| unit != 0).count() as u16 * 2;
        // SAFETY: as above; the history outlives the call.
        self.make(|to, name| unsafe {
            import::NtCreateSymbolicLinkObject(to, LINK_ALL, name, &raw const target)
        })
    }
}

/// Opens a symbolic link, to be read and deleted.
///
/// # Errors
/// What `NtOpenSymbolicLinkObject` says.
pub fn open_link(name: &[u16]) -> Result<Owned, NtStatus> {
    // SAFETY: as above.
    New::named(name).make(|to, name| unsafe { import::NtOpenSymbolicLinkObject(to, LINK_CHANGE, name) })
}

/// Where a link leads, and behind a NUL where it led before.
///
/// # Errors
/// What `NtQuerySymbolicLinkObject` says.
pub fn history(link: &Owned) -> Result<Vec<u16>, NtStatus> {
    let mut text = alloc::vec![0_u16; TARGET_MAX];
    let mut target = string(&text);
    target.buffer = text.as_mut_ptr().expose_provenance() as u64;
    let mut all = 0;
    // SAFETY: string, buffer and length outlive the call; the buffer's size is told.
    unsafe { import::NtQuerySymbolicLinkObject(link.get(), &raw mut target, &raw mut all) }.ok()?;
    text.truncate(all as usize / 2);
    Ok(text)
}

/// The name goes with the last handle.
///
/// # Errors
/// What `NtMakeTemporaryObject` says.
pub fn make_temporary(object: &Owned) -> Result<(), NtStatus> {
    // SAFETY: it takes no pointers.
    unsafe { import::NtMakeTemporaryObject(object.get()) }.ok()
}

/// Signals an event of that name.
///
/// # Errors
/// What opening it gives.
pub fn signal(name: &[u16]) -> Result<(), NtStatus> {
    // SAFETY: as above.
    let event = New::named(name).make(|to, name| unsafe { import::NtOpenEvent(to, EVENT_MODIFY, name) })?;
    // SAFETY: the state before is not asked for.
    unsafe { import::NtSetEvent(event.get(), null_mut()) }.ok()
}

/// Sets an object's discretionary access control list.
///
/// # Errors
/// What `NtSetSecurityObject` says.
pub fn protect(object: Handle, descriptor: &[u32]) -> Result<(), NtStatus> {
    /// DACL_SECURITY_INFORMATION.
    const DACL: u32 = 4;
    // SAFETY: the descriptor outlives the call; it is whole, as the constants of `security` are.
    unsafe { import::NtSetSecurityObject(object, DACL, descriptor.as_ptr().cast()) }.ok()
}
