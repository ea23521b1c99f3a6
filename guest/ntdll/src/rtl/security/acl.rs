//! Access control lists.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::null_mut;

use nt::NtStatus;
use nt::security::{AclHeader, ace_flags, ace_type};
use secore::{Acl, NewAce};

use super::{acl_bytes, sid_bytes};
use crate::rtl::raw::{slice, slice_mut};

fn status(result: Result<(), NtStatus>) -> NtStatus {
    result.err().unwrap_or(NtStatus::SUCCESS)
}

/// Makes an empty list of a size.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateAcl(acl: *mut u8, size: u32, revision: u32) -> NtStatus {
    let Ok(revision) = u8::try_from(revision) else {
        return NtStatus::INVALID_PARAMETER;
    };
    // SAFETY: as the caller says.
    status(secore::create_acl(unsafe { slice_mut(acl, size as usize) }, revision))
}

/// Whether it is a list.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlValidAcl(acl: *mut u8) -> u8 {
    // SAFETY: as the caller says.
    unsafe { Acl::parse(acl_bytes(acl)).is_ok().into() }
}

/// Appends an entry.
///
/// # Safety
/// List and SID are ones.
unsafe fn add(acl: *mut u8, revision: u32, kind: u8, flags: u32, mask: u32, sid: *const u8) -> NtStatus {
    let (Ok(revision), Ok(flags)) = (u8::try_from(revision), u8::try_from(flags)) else {
        return NtStatus::INVALID_PARAMETER;
    };
    // SAFETY: as the caller says.
    unsafe {
        status(secore::add_ace(acl_bytes(acl), revision, NewAce { kind, flags, mask, sid: sid_bytes(sid) }))
    }
}

/// Flags of entries that allow or deny.
fn inheritance_only(flags: u32) -> bool {
    flags & !u32::from(ace_flags::VALID_INHERIT_FLAGS) == 0
}

/// Appends an entry that allows.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddAccessAllowedAce(
    acl: *mut u8,
    revision: u32,
    mask: u32,
    sid: *const u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { add(acl, revision, ace_type::ACCESS_ALLOWED, 0, mask, sid) }
}

/// Appends an entry that allows, with flags.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddAccessAllowedAceEx(
    acl: *mut u8,
    revision: u32,
    flags: u32,
    mask: u32,
    sid: *const u8,
) -> NtStatus {
    if !inheritance_only(flags) {
        return NtStatus::INVALID_PARAMETER;
    }
    // SAFETY: as the caller says.
    unsafe { add(acl, revision, ace_type::ACCESS_ALLOWED, flags, mask, sid) }
}

/// Appends an entry that denies.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddAccessDeniedAce(
    acl: *mut u8,
    revision: u32,
    mask: u32,
    sid: *const u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { add(acl, revision, ace_type::ACCESS_DENIED, 0, mask, sid) }
}

/// Appends an entry that denies, with flags.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddAccessDeniedAceEx(
    acl: *mut u8,
    revision: u32,
    flags: u32,
    mask: u32,
    sid: *const u8,
) -> NtStatus {
    if !inheritance_only(flags) {
        return NtStatus::INVALID_PARAMETER;
    }
    // SAFETY: as the caller says.
    unsafe { add(acl, revision, ace_type::ACCESS_DENIED, flags, mask, sid) }
}

/// Appends an entry for the log.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddAuditAccessAce(
    acl: *mut u8,
    revision: u32,
    mask: u32,
    sid: *const u8,
    success: u8,
    failure: u8,
) -> NtStatus {
    let flag = |set: u8, flag: u8| if set != 0 { u32::from(flag) } else { 0 };
    let flags = flag(success, ace_flags::SUCCESSFUL_ACCESS) | flag(failure, ace_flags::FAILED_ACCESS);
    // SAFETY: as the caller says.
    unsafe { add(acl, revision, ace_type::SYSTEM_AUDIT, flags, mask, sid) }
}

/// Puts entries before the one of a number, or at the end.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddAce(
    acl: *mut u8,
    revision: u32,
    index: u32,
    entries: *const u8,
    length: u32,
) -> NtStatus {
    let Ok(revision) = u8::try_from(revision) else {
        return NtStatus::INVALID_PARAMETER;
    };
    // SAFETY: as the caller says.
    unsafe {
        let entries = slice(entries, length as usize);
        status(secore::insert_aces(acl_bytes(acl), revision, index as usize, entries))
    }
}

/// Takes an entry out.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDeleteAce(acl: *mut u8, index: u32) -> NtStatus {
    // SAFETY: as the caller says.
    status(unsafe { secore::delete_ace(acl_bytes(acl), index as usize) })
}

/// Where an entry is.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetAce(acl: *mut u8, index: u32, entry: *mut *mut u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        match secore::ace_range(acl_bytes(acl), index as usize) {
            Ok(range) => {
                entry.write(acl.add(range.start));
                NtStatus::SUCCESS
            }
            Err(status) => status,
        }
    }
}

/// Where the next entry would be; NULL if the list is full. Whether it is a list.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFirstFreeAce(acl: *mut u8, entry: *mut *mut u8) -> u8 {
    // SAFETY: as the caller says.
    unsafe {
        let free = secore::first_free_ace(acl_bytes(acl));
        entry.write(free.ok().flatten().map_or(null_mut(), |at| acl.add(at)));
        free.is_ok().into()
    }
}

/// AclRevisionInformation: the revision.
const REVISION: u32 = 1;
/// AclSizeInformation: number of entries, bytes in use, bytes free.
const SIZE: u32 = 2;

/// Tells of a list.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlQueryInformationAcl(
    acl: *mut u8,
    information: *mut u32,
    length: u32,
    class: u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let bytes = acl_bytes(acl);
        let Ok(list) = Acl::parse(bytes) else {
            return NtStatus::INVALID_PARAMETER;
        };
        let (revision, used) = (u32::from(list.revision()), list.used() as u32);
        let sizes = [list.count() as u32, used, list.as_bytes().len() as u32 - used];
        let answer: &[u32] = match class {
            REVISION => &[revision],
            SIZE => &sizes,
            _ => return NtStatus::INVALID_INFO_CLASS,
        };
        if (length as usize) < size_of_val(answer) {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        crate::rtl::raw::copy(information, answer.as_ptr(), answer.len());
    }
    NtStatus::SUCCESS
}

/// Changes a list's revision.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetInformationAcl(
    acl: *mut u8,
    information: *const u32,
    length: u32,
    class: u32,
) -> NtStatus {
    if class != REVISION {
        return NtStatus::INVALID_INFO_CLASS;
    }
    if (length as usize) < size_of::<u32>() {
        return NtStatus::BUFFER_TOO_SMALL;
    }
    // SAFETY: as the caller says.
    unsafe {
        let header = acl.cast::<AclHeader>();
        let revision = *information;
        if RtlValidAcl(acl) == 0 || revision < u32::from((*header).revision) || revision > 4 {
            return NtStatus::INVALID_PARAMETER;
        }
        (*header).revision = revision as u8;
    }
    NtStatus::SUCCESS
}
