//! Security descriptors: making them, and their parts.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::security::{SECURITY_DESCRIPTOR_REVISION, SecurityDescriptor, SecurityDescriptorRelative, control};
use secore::{Acl, Parts, Sid};

use super::{acl_bytes, sid_bytes};
use crate::rtl::raw::store;

/// Where the parts of a descriptor are, of either form.
pub struct Places {
    pub revision: u8,
    pub sbz1: u8,
    pub control: u16,
    pub owner: *mut u8,
    pub group: *mut u8,
    pub sacl: *mut u8,
    pub dacl: *mut u8,
}

impl Places {
    /// Of a descriptor.
    ///
    /// # Safety
    /// It is one.
    pub unsafe fn of(descriptor: *mut u8) -> Self {
        // SAFETY: as the caller says: the control bits say which form it has.
        unsafe {
            let relative = descriptor.cast::<SecurityDescriptorRelative>();
            let (revision, sbz1, control) = ((*relative).revision, (*relative).sbz1, (*relative).control);
            let [owner, group, sacl, dacl] = if control & control::SELF_RELATIVE != 0 {
                let SecurityDescriptorRelative { owner, group, sacl, dacl, .. } = relative.read();
                [owner, group, sacl, dacl].map(|offset| match offset {
                    0 => null_mut(),
                    _ => descriptor.add(offset as usize),
                })
            } else {
                let SecurityDescriptor { owner, group, sacl, dacl, .. } =
                    descriptor.cast::<SecurityDescriptor>().read();
                [owner, group, sacl, dacl].map(|address| with_exposed_provenance_mut(address as usize))
            };
            Self { revision, sbz1, control, owner, group, sacl, dacl }
        }
    }

    /// A list that is there: NULL and absent lists are none.
    fn list(&self, place: *mut u8, present: u16) -> *mut u8 {
        if self.control & present != 0 { place } else { null_mut() }
    }

    /// The parts, as bytes.
    ///
    /// # Safety
    /// They do not change as long as the bytes are used.
    pub unsafe fn parts<'a>(&self) -> Parts<'a> {
        // SAFETY: as the caller says.
        unsafe {
            let sid = |place: *mut u8| (!place.is_null()).then(|| sid_bytes(place));
            let list = |place: *mut u8| (!place.is_null()).then(|| &*acl_bytes(place));
            Parts {
                revision: self.revision,
                sbz1: self.sbz1,
                control: self.control,
                owner: sid(self.owner),
                group: sid(self.group),
                dacl: list(self.list(self.dacl, control::DACL_PRESENT)),
                sacl: list(self.list(self.sacl, control::SACL_PRESENT)),
            }
        }
    }
}

/// Makes an empty descriptor.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateSecurityDescriptor(
    descriptor: *mut SecurityDescriptor,
    revision: u32,
) -> NtStatus {
    if revision != SECURITY_DESCRIPTOR_REVISION.into() {
        return NtStatus::UNKNOWN_REVISION;
    }
    let empty =
        SecurityDescriptor { revision: SECURITY_DESCRIPTOR_REVISION, ..SecurityDescriptor::default() };
    // SAFETY: as the caller says.
    unsafe { descriptor.write(empty) };
    NtStatus::SUCCESS
}

/// Whether it is a descriptor, and its parts are what they should be.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlValidSecurityDescriptor(descriptor: *mut u8) -> u8 {
    if descriptor.is_null() {
        return 0;
    }
    // SAFETY: as the caller says.
    let parts = unsafe { Places::of(descriptor).parts() };
    let sid = |sid: Option<&[u8]>| sid.is_none_or(|sid| Sid::length(sid).is_ok());
    let list = |list: Option<&[u8]>| list.is_none_or(|list| Acl::parse(list).is_ok());
    (parts.revision == SECURITY_DESCRIPTOR_REVISION
        && sid(parts.owner)
        && sid(parts.group)
        && list(parts.dacl)
        && list(parts.sacl))
    .into()
}

/// Bytes of a descriptor with its parts.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLengthSecurityDescriptor(descriptor: *mut u8) -> u32 {
    // SAFETY: as the caller says.
    let parts = unsafe { Places::of(descriptor).parts() };
    let head = if parts.control & control::SELF_RELATIVE != 0 {
        size_of::<SecurityDescriptorRelative>()
    } else {
        size_of::<SecurityDescriptor>()
    };
    let parts = [parts.owner, parts.group, parts.sacl, parts.dacl].into_iter().flatten();
    (head + parts.map(|part| part.len().next_multiple_of(4)).sum::<usize>()) as u32
}

/// The descriptor, if it is an absolute one.
///
/// # Safety
/// It is a descriptor.
unsafe fn absolute<'a>(descriptor: *mut SecurityDescriptor) -> Result<&'a mut SecurityDescriptor, NtStatus> {
    // SAFETY: as the caller says: both forms begin alike.
    unsafe {
        if (*descriptor).revision != SECURITY_DESCRIPTOR_REVISION {
            return Err(NtStatus::UNKNOWN_REVISION);
        }
        if (*descriptor).control & control::SELF_RELATIVE != 0 {
            return Err(NtStatus::INVALID_SECURITY_DESCR);
        }
        Ok(&mut *descriptor)
    }
}

/// Sets and clears control bits.
fn mark(descriptor: &mut SecurityDescriptor, bit: u16, set: bool) {
    descriptor.control = if set { descriptor.control | bit } else { descriptor.control & !bit };
}

macro_rules! lists {
    ($($set:ident $get:ident $field:ident $present:ident $defaulted:ident;)*) => {
        $(
            /// Sets a list of a descriptor, or says that there is none.
            #[unsafe(no_mangle)]
            unsafe extern "win64" fn $set(
                descriptor: *mut SecurityDescriptor,
                present: u8,
                acl: *mut u8,
                defaulted: u8,
            ) -> NtStatus {
                // SAFETY: as the caller says.
                let descriptor = match unsafe { absolute(descriptor) } {
                    Ok(descriptor) => descriptor,
                    Err(status) => return status,
                };
                mark(descriptor, control::$present, present != 0);
                if present != 0 {
                    descriptor.$field = acl.expose_provenance() as u64;
                    mark(descriptor, control::$defaulted, defaulted != 0);
                }
                NtStatus::SUCCESS
            }

            /// Gives a list of a descriptor.
            #[unsafe(no_mangle)]
            unsafe extern "win64" fn $get(
                descriptor: *mut u8,
                present: *mut u8,
                acl: *mut *mut u8,
                defaulted: *mut u8,
            ) -> NtStatus {
                // SAFETY: as the caller says.
                unsafe {
                    let places = Places::of(descriptor);
                    if places.revision != SECURITY_DESCRIPTOR_REVISION {
                        return NtStatus::UNKNOWN_REVISION;
                    }
                    let there = places.control & control::$present != 0;
                    store(present, there.into());
                    if there {
                        store(acl, places.$field);
                        store(defaulted, (places.control & control::$defaulted != 0).into());
                    }
                }
                NtStatus::SUCCESS
            }
        )*
    };
}

lists! {
    RtlSetDaclSecurityDescriptor RtlGetDaclSecurityDescriptor dacl DACL_PRESENT DACL_DEFAULTED;
    RtlSetSaclSecurityDescriptor RtlGetSaclSecurityDescriptor sacl SACL_PRESENT SACL_DEFAULTED;
}

macro_rules! sids {
    ($($set:ident $get:ident $field:ident $defaulted:ident;)*) => {
        $(
            /// Sets a SID of a descriptor; NULL for none.
            #[unsafe(no_mangle)]
            unsafe extern "win64" fn $set(
                descriptor: *mut SecurityDescriptor,
                sid: *mut u8,
                defaulted: u8,
            ) -> NtStatus {
                // SAFETY: as the caller says.
                let descriptor = match unsafe { absolute(descriptor) } {
                    Ok(descriptor) => descriptor,
                    Err(status) => return status,
                };
                descriptor.$field = sid.expose_provenance() as u64;
                mark(descriptor, control::$defaulted, defaulted != 0);
                NtStatus::SUCCESS
            }

            /// Gives a SID of a descriptor; NULL for none.
            #[unsafe(no_mangle)]
            unsafe extern "win64" fn $get(
                descriptor: *mut u8,
                sid: *mut *mut u8,
                defaulted: *mut u8,
            ) -> NtStatus {
                // SAFETY: as the caller says.
                unsafe {
                    let places = Places::of(descriptor);
                    if places.revision != SECURITY_DESCRIPTOR_REVISION {
                        return NtStatus::UNKNOWN_REVISION;
                    }
                    store(sid, places.$field);
                    store(defaulted, (places.control & control::$defaulted != 0).into());
                }
                NtStatus::SUCCESS
            }
        )*
    };
}

sids! {
    RtlSetOwnerSecurityDescriptor RtlGetOwnerSecurityDescriptor owner OWNER_DEFAULTED;
    RtlSetGroupSecurityDescriptor RtlGetGroupSecurityDescriptor group GROUP_DEFAULTED;
}

/// Gives control bits and revision of a descriptor.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetControlSecurityDescriptor(
    descriptor: *mut u8,
    bits: *mut u16,
    revision: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let places = Places::of(descriptor);
        store(revision, places.revision.into());
        if places.revision != SECURITY_DESCRIPTOR_REVISION {
            return NtStatus::UNKNOWN_REVISION;
        }
        store(bits, places.control);
    }
    NtStatus::SUCCESS
}

/// Changes the control bits about inheritance.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetControlSecurityDescriptor(
    descriptor: *mut SecurityDescriptor,
    which: u16,
    bits: u16,
) -> NtStatus {
    const CHANGEABLE: u16 = control::DACL_AUTO_INHERIT_REQ
        | control::SACL_AUTO_INHERIT_REQ
        | control::DACL_AUTO_INHERITED
        | control::SACL_AUTO_INHERITED
        | control::DACL_PROTECTED
        | control::SACL_PROTECTED;
    if (which | bits) & !CHANGEABLE != 0 || bits & !which != 0 {
        return NtStatus::INVALID_PARAMETER;
    }
    // SAFETY: as the caller says: both forms begin alike.
    unsafe { (*descriptor).control = (*descriptor).control & !which | bits };
    NtStatus::SUCCESS
}
