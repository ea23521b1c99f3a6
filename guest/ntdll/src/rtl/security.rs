//! SIDs, access control lists, security descriptors, privileges: [`secore`] in memory of the caller's.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

mod acl;
mod descriptor;
mod privilege;
mod relative;
mod sid;

use nt::security::{AclHeader, GenericMapping, Luid, SID_HEADER};

use super::raw::{slice, slice_mut};

/// The bytes of a SID; none at NULL.
///
/// # Safety
/// It is a SID, and does not change as long as the bytes are used.
unsafe fn sid_bytes<'a>(sid: *const u8) -> &'a [u8] {
    if sid.is_null() {
        return &[];
    }
    // SAFETY: as the caller says: the second byte counts sub-authorities.
    unsafe { slice(sid, SID_HEADER + 4 * usize::from(*sid.add(1))) }
}

/// The bytes of an access control list; none at NULL.
///
/// # Safety
/// It is a list, and nobody else looks at it as long as the bytes are used.
unsafe fn acl_bytes<'a>(acl: *mut u8) -> &'a mut [u8] {
    if acl.is_null() {
        return &mut [];
    }
    // SAFETY: as the caller says: the header has its size.
    unsafe {
        let header = acl.cast::<AclHeader>().read_unaligned();
        slice_mut(acl, usize::from(header.size).max(size_of::<AclHeader>()))
    }
}

/// Replaces generic rights by what they stand for.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlMapGenericMask(mask: *mut u32, mapping: *const GenericMapping) {
    // SAFETY: as the caller says.
    unsafe { *mask = (*mapping).map(*mask) };
}

/// Whether all of the rights are among those granted.
#[unsafe(no_mangle)]
extern "win64" fn RtlAreAllAccessesGranted(granted: u32, desired: u32) -> u8 {
    (desired & !granted == 0).into()
}

/// Whether one of the rights is among those granted.
#[unsafe(no_mangle)]
extern "win64" fn RtlAreAnyAccessesGranted(granted: u32, desired: u32) -> u8 {
    (desired & granted != 0).into()
}

/// Copies a LUID.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCopyLuid(to: *mut Luid, from: *const Luid) {
    // SAFETY: as the caller says.
    unsafe { to.write_unaligned(from.read_unaligned()) };
}

/// Whether two LUIDs are the same.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlEqualLuid(a: *const Luid, b: *const Luid) -> u8 {
    // SAFETY: as the caller says.
    unsafe { (a.read_unaligned() == b.read_unaligned()).into() }
}
