//! SIDs.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::fmt::Write;
use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::security::{SID_HEADER, SID_MAX_SUB_AUTHORITIES, SID_REVISION};
use nt::types::UnicodeString;
use rtlcore::Cut;
use secore::Sid;

use super::sid_bytes;
use crate::rtl::raw::{allocate, copy, free, slice_mut};
use crate::rtl::registry::user::Wide;

/// SID_IDENTIFIER_AUTHORITY: 48 bits, the highest byte first.
type Authority = [u8; 6];

/// Units of a SID's text: `S-1-`, an authority of 14, sub-authorities of 11 with their `-`, a NUL.
const TEXT: usize = 4 + 14 + SID_MAX_SUB_AUTHORITIES * 11 + 1;

/// Bytes of a SID with so many sub-authorities.
#[unsafe(no_mangle)]
extern "win64" fn RtlLengthRequiredSid(count: u32) -> u32 {
    SID_HEADER as u32 + 4 * count
}

/// Bytes of a SID.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLengthSid(sid: *const u8) -> u32 {
    // SAFETY: as the caller says.
    unsafe { sid_bytes(sid).len() as u32 }
}

/// Whether it is a SID.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlValidSid(sid: *const u8) -> u8 {
    // SAFETY: as the caller says.
    unsafe { Sid::length(sid_bytes(sid)).is_ok().into() }
}

/// Begins a SID: its sub-authorities are yet to be set.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitializeSid(sid: *mut u8, authority: *const Authority, count: u8) -> NtStatus {
    if usize::from(count) > SID_MAX_SUB_AUTHORITIES {
        return NtStatus::INVALID_PARAMETER;
    }
    // SAFETY: as the caller says.
    unsafe {
        sid.cast::<[u8; 2]>().write([SID_REVISION, count]);
        sid.add(2).cast::<Authority>().write(*authority);
    }
    NtStatus::SUCCESS
}

/// Makes a SID on the heap, of up to eight sub-authorities.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAllocateAndInitializeSid(
    authority: *const Authority,
    count: u8,
    sub_0: u32,
    sub_1: u32,
    sub_2: u32,
    sub_3: u32,
    sub_4: u32,
    sub_5: u32,
    sub_6: u32,
    sub_7: u32,
    sid: *mut *mut u8,
) -> NtStatus {
    let subs = [sub_0, sub_1, sub_2, sub_3, sub_4, sub_5, sub_6, sub_7];
    let Some(subs) = subs.get(..count.into()) else {
        return NtStatus::INVALID_SID;
    };
    let Some(made) = allocate::<u8>(SID_HEADER + 4 * subs.len()) else {
        return NtStatus::NO_MEMORY;
    };
    // SAFETY: the block has that size; the rest as the caller says.
    unsafe {
        RtlInitializeSid(made, authority, count);
        copy(made.add(SID_HEADER).cast::<u32>(), subs.as_ptr(), subs.len());
        sid.write(made);
    }
    NtStatus::SUCCESS
}

/// Frees a SID; gives NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFreeSid(sid: *mut u8) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe { free(sid) };
    null_mut()
}

/// Where a sub-authority is.
#[unsafe(no_mangle)]
extern "win64" fn RtlSubAuthoritySid(sid: *mut u8, index: u32) -> *mut u32 {
    sid.wrapping_add(SID_HEADER + 4 * index as usize).cast()
}

/// Where the number of sub-authorities is.
#[unsafe(no_mangle)]
extern "win64" fn RtlSubAuthorityCountSid(sid: *mut u8) -> *mut u8 {
    sid.wrapping_add(1)
}

/// Where the authority is.
#[unsafe(no_mangle)]
extern "win64" fn RtlIdentifierAuthoritySid(sid: *mut u8) -> *mut Authority {
    sid.wrapping_add(2).cast()
}

/// Whether two SIDs are the same.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlEqualSid(a: *const u8, b: *const u8) -> u8 {
    // SAFETY: as the caller says.
    unsafe { (sid_bytes(a) == sid_bytes(b)).into() }
}

/// Whether two SIDs are the same but for the last sub-authority.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlEqualPrefixSid(a: *const u8, b: *const u8) -> u8 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (Sid::parse(sid_bytes(a)), Sid::parse(sid_bytes(b))) };
    matches!((a, b), (Ok(a), Ok(b)) if a.same_prefix(&b)).into()
}

/// Copies a SID to a buffer.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCopySid(size: u32, to: *mut u8, sid: *const u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let bytes = sid_bytes(sid);
        if bytes.len() > size as usize {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        copy(to, bytes.as_ptr(), bytes.len());
    }
    NtStatus::SUCCESS
}

/// Writes a SID as text, `S-1-5-18`, with a NUL; with `to_heap` to a new buffer.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlConvertSidToUnicodeString(
    string: *mut UnicodeString,
    sid: *const u8,
    to_heap: u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    let Ok(sid) = Sid::parse(unsafe { sid_bytes(sid) }) else {
        return NtStatus::INVALID_SID;
    };
    let mut room = [0; TEXT];
    let mut out = Cut::new(&mut room);
    // Writing to it never fails.
    let _ = write!(Wide(&mut out), "{sid}");
    let len = out.len();
    let bytes = len as u16 * 2;
    // SAFETY: as the caller says; the block has that size.
    unsafe {
        let string = &mut *string;
        if to_heap != 0 {
            let Some(buffer) = allocate::<u16>(len + 1) else {
                return NtStatus::NO_MEMORY;
            };
            string.buffer = buffer.expose_provenance() as u64;
            string.maximum_length = bytes + 2;
        } else if bytes > string.maximum_length {
            return NtStatus::BUFFER_OVERFLOW;
        }
        // The room has a NUL behind the text.
        let units = (len + 1).min(usize::from(string.maximum_length) / 2);
        let buffer = slice_mut(with_exposed_provenance_mut::<u16>(string.buffer as usize), units);
        buffer.iter_mut().zip(room).for_each(|(slot, unit)| *slot = unit);
        string.length = bytes;
    }
    NtStatus::SUCCESS
}
