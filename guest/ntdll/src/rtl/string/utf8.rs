//! Between UTF-16 and UTF-8.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use rtlcore::{Cut, utf8};

use crate::rtl::raw::{slice, slice_mut, store};

fn status(fits: bool, complete: bool) -> NtStatus {
    match (fits, complete) {
        (false, _) => NtStatus::BUFFER_TOO_SMALL,
        (_, false) => NtStatus::SOME_NOT_MAPPED,
        _ => NtStatus::SUCCESS,
    }
}

/// Converts UTF-8 to at most `size` bytes of UTF-16. Without a buffer only the size is told.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUTF8ToUnicodeN(
    to: *mut u16,
    size: u32,
    written: *mut u32,
    from: *const u8,
    length: u32,
) -> NtStatus {
    if from.is_null() {
        return NtStatus::INVALID_PARAMETER_4;
    }
    if to.is_null() && written.is_null() {
        return NtStatus::INVALID_PARAMETER;
    }
    let room = size as usize / 2;
    // SAFETY: as the caller says.
    unsafe {
        let mut out = Cut::new(slice_mut(to, room));
        let complete = utf8::to_wide(slice(from, length as usize), &mut out);
        let fits = to.is_null() || out.fits();
        let len = if to.is_null() { out.len() } else { out.len().min(room) };
        store(written, len as u32 * 2);
        status(fits, complete)
    }
}

/// Converts UTF-16 to at most `size` bytes of UTF-8. Without a buffer only the size is told.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnicodeToUTF8N(
    to: *mut u8,
    size: u32,
    written: *mut u32,
    from: *const u16,
    length: u32,
) -> NtStatus {
    if from.is_null() {
        return NtStatus::INVALID_PARAMETER_4;
    }
    if to.is_null() && written.is_null() {
        return NtStatus::INVALID_PARAMETER;
    }
    if !to.is_null() && !length.is_multiple_of(2) {
        return NtStatus::INVALID_PARAMETER_5;
    }
    // SAFETY: as the caller says.
    unsafe {
        let mut out = Cut::new(slice_mut(to, size as usize));
        let complete = utf8::from_wide(slice(from, length as usize / 2), &mut out);
        let fits = to.is_null() || out.fits();
        let len = if to.is_null() { out.len() } else { out.len().min(size as usize) };
        store(written, len as u32);
        status(fits, complete)
    }
}
