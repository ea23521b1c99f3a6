//! Objects with names: directories, symbolic links, events, sections.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::{Boolean, Handle, ObjectAttributes, UnicodeString, UserPtr};

use crate::handle::Owned;
use crate::services::{pointer_to, pointer_to_mut, syscall};
use crate::text::string_of;

/// OBJ_PERMANENT: the object stays without a handle.
pub const PERMANENT: u32 = 0x10;
/// OBJ_CASE_INSENSITIVE.
pub const CASE_INSENSITIVE: u32 = 0x40;
/// OBJ_OPENIF: an object of that name is opened; OBJECT_NAME_EXISTS says so.
pub const OPEN_IF: u32 = 0x80;

/// Which object is meant, or how a new one is to be.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// What the name is relative to; [`Handle::NULL`] for nothing.
    pub root: Handle,
    /// The name.
    pub text: &'a [u16],
    /// OBJ_*.
    pub attributes: u32,
    /// The descriptor of a new object in self-relative form; empty for none.
    pub descriptor: &'a [u8],
}

impl<'a> Name<'a> {
    /// A name from the root, in any case.
    pub const fn new(text: &'a [u16]) -> Self {
        Self { root: Handle::NULL, text, attributes: CASE_INSENSITIVE, descriptor: &[] }
    }

    /// Relative to a directory, key or folder.
    #[must_use]
    pub const fn below(self, root: Handle) -> Self {
        Self { root, ..self }
    }

    /// With more attributes.
    #[must_use]
    pub const fn with(self, attributes: u32) -> Self {
        Self { attributes: self.attributes | attributes, ..self }
    }

    /// With a descriptor in self-relative form.
    #[must_use]
    pub const fn described(self, descriptor: &'a [u8]) -> Self {
        Self { descriptor, ..self }
    }

    /// Calls with OBJECT_ATTRIBUTES that live as long as the call.
    pub(crate) fn pass<R>(&self, call: impl FnOnce(UserPtr<ObjectAttributes>) -> R) -> R {
        let string = string_of(self.text);
        let descriptor = match self.descriptor {
            [] => 0,
            bytes => bytes.as_ptr().expose_provenance() as u64,
        };
        let attributes = ObjectAttributes {
            length: size_of::<ObjectAttributes>() as u32,
            root_directory: self.root.0,
            object_name: pointer_to::<_, u8>(&string).address,
            attributes: self.attributes,
            security_descriptor: descriptor,
            ..ObjectAttributes::default()
        };
        call(pointer_to(&attributes))
    }

    /// The handle that a service gives for the name, and whether the object was there already.
    pub(crate) fn make(
        &self,
        call: impl FnOnce(UserPtr<Handle>, UserPtr<ObjectAttributes>) -> NtStatus,
    ) -> Result<(Owned, bool), NtStatus> {
        let mut handle = Handle::NULL;
        let place = pointer_to_mut(&mut handle);
        let status = self.pass(|attributes| call(place, attributes));
        status.ok()?;
        Ok((Owned::new(handle), status == NtStatus::OBJECT_NAME_EXISTS))
    }
}

/// Makes an object directory; with [`OPEN_IF`] one that exists is opened.
///
/// # Errors
/// What `NtCreateDirectoryObject` says.
pub fn create_directory(name: &Name<'_>, access: u32) -> Result<Owned, NtStatus> {
    // SAFETY: `make` passes what lives through the call; so it is below.
    let made = name.make(|to, name| unsafe { syscall::NtCreateDirectoryObject(to, access, name) });
    made.map(|(object, _)| object)
}

/// Opens an object directory.
///
/// # Errors
/// What `NtOpenDirectoryObject` says.
pub fn open_directory(name: &Name<'_>, access: u32) -> Result<Owned, NtStatus> {
    // SAFETY: as above.
    let opened = name.make(|to, name| unsafe { syscall::NtOpenDirectoryObject(to, access, name) });
    opened.map(|(object, _)| object)
}

/// Makes a symbolic link; `true` says that it was there already, and may lead elsewhere.
///
/// # Errors
/// What `NtCreateSymbolicLinkObject` says.
pub fn create_link(name: &Name<'_>, access: u32, target: &[u16]) -> Result<(Owned, bool), NtStatus> {
    let target = string_of(target);
    // SAFETY: as above; the target outlives the call.
    name.make(|to, name| unsafe {
        syscall::NtCreateSymbolicLinkObject(to, access, name, pointer_to(&target))
    })
}

/// Opens a symbolic link itself.
///
/// # Errors
/// What `NtOpenSymbolicLinkObject` says.
pub fn open_link(name: &Name<'_>, access: u32) -> Result<Owned, NtStatus> {
    // SAFETY: as above.
    let opened = name.make(|to, name| unsafe { syscall::NtOpenSymbolicLinkObject(to, access, name) });
    opened.map(|(object, _)| object)
}

/// Where a link leads.
///
/// # Errors
/// What `NtQuerySymbolicLinkObject` says.
pub fn link_target(link: &Owned) -> Result<Vec<u16>, NtStatus> {
    let mut text = alloc::vec![0_u16; 260];
    let mut string = UnicodeString {
        length: 0,
        maximum_length: 520,
        reserved: 0,
        buffer: text.as_mut_ptr().expose_provenance() as u64,
    };
    let mut needed = 0_u32;
    // SAFETY: string, buffer and length outlive the call; the buffer's size is told.
    unsafe {
        let (string, needed) = (pointer_to_mut(&mut string), pointer_to_mut(&mut needed));
        syscall::NtQuerySymbolicLinkObject(link.get(), string, needed)
    }
    .ok()?;
    text.truncate(usize::from(string.length) / 2);
    Ok(text)
}

/// The name goes with the last handle.
///
/// # Errors
/// What `NtMakeTemporaryObject` says.
pub fn make_temporary(object: &Owned) -> Result<(), NtStatus> {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtMakeTemporaryObject(object.get()) }.ok()
}

/// Makes a notification event that is not signalled.
///
/// # Errors
/// What `NtCreateEvent` says.
pub fn create_event(name: &Name<'_>, access: u32) -> Result<Owned, NtStatus> {
    // SAFETY: as above.
    let made = name.make(|to, name| unsafe { syscall::NtCreateEvent(to, access, name, 0, Boolean(0)) });
    made.map(|(object, _)| object)
}

/// Makes a section of an open file.
///
/// # Errors
/// What `NtCreateSection` says.
pub fn create_section(
    name: &Name<'_>,
    access: u32,
    protect: u32,
    allocation: u32,
    file: &Owned,
) -> Result<Owned, NtStatus> {
    let size = UserPtr::new(0);
    // SAFETY: as above; the size is the file's.
    let made = name.make(|to, name| unsafe {
        syscall::NtCreateSection(to, access, name, size, protect, allocation, file.get())
    });
    made.map(|(object, _)| object)
}

/// Calls with the name of each object in a directory, until one returns something. Names are in no order.
///
/// # Errors
/// What `NtQueryDirectoryObject` says.
pub fn find_in_directory<R>(
    directory: &Owned,
    mut look: impl FnMut(&[u16]) -> Option<R>,
) -> Result<Option<R>, NtStatus> {
    let mut buffer = alloc::vec![0_u64; 256];
    let start = buffer.as_mut_ptr().expose_provenance() as u64;
    let (mut context, mut returned) = (0_u32, 0_u32);
    loop {
        let room = size_of_val::<[u64]>(&buffer) as u32;
        // SAFETY: buffer, context and length outlive the call; the buffer's size is told.
        let status = unsafe {
            syscall::NtQueryDirectoryObject(
                directory.get(),
                UserPtr::new(start),
                room,
                Boolean(0),
                Boolean(u8::from(context == 0)),
                pointer_to_mut(&mut context),
                pointer_to_mut(&mut returned),
            )
        };
        match status {
            NtStatus::NO_MORE_ENTRIES => return Ok(None),
            status => status.ok()?,
        }
        // Pairs of strings, name and type, up to an empty pair; their texts lie in the same buffer.
        for pair in buffer.chunks_exact(4) {
            let [sizes, address, ..] = *pair else { break };
            let len = (sizes & 0xFFFF) as usize / 2;
            let offset = address.wrapping_sub(start) as usize;
            if address == 0 || offset >= room as usize {
                break;
            }
            let units = (offset / 2..offset / 2 + len)
                .map(|unit| buffer.get(unit / 4).map_or(0, |word| (word >> (16 * (unit % 4))) as u16));
            if let Some(found) = look(&units.collect::<Vec<u16>>()) {
                return Ok(Some(found));
            }
        }
        if status != NtStatus::MORE_ENTRIES {
            return Ok(None);
        }
    }
}
