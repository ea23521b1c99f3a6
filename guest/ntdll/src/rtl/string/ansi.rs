//! Between UTF-16 and the ANSI code page.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::types::UnicodeString;
use nt::{NtStatus, upcase};
use rtlcore::codepage;

use crate::rtl::raw::{AnsiString, allocate, narrow, slice, store, wide};

/// Bytes of a string in UTF-16, with a NUL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlxAnsiStringToUnicodeSize(string: *const AnsiString) -> u32 {
    // SAFETY: as the caller says.
    unsafe { (u32::from((*string).length) + 1) * 2 }
}

/// The same, under its other name.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAnsiStringToUnicodeSize(string: *const AnsiString) -> u32 {
    // SAFETY: as the caller says.
    unsafe { RtlxAnsiStringToUnicodeSize(string) }
}

/// Bytes of a string in the code page, with a NUL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlxUnicodeStringToAnsiSize(string: *const UnicodeString) -> u32 {
    // SAFETY: as the caller says.
    unsafe { u32::from((*string).length) / 2 + 1 }
}

/// The same, under its other name.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnicodeStringToAnsiSize(string: *const UnicodeString) -> u32 {
    // SAFETY: as the caller says.
    unsafe { RtlxUnicodeStringToAnsiSize(string) }
}

/// Converts a string to UTF-16, with a NUL; with `to_heap` to a new buffer.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAnsiStringToUnicodeString(
    string: *mut UnicodeString,
    source: *const AnsiString,
    to_heap: u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let source = narrow(source);
        let Ok(needed) = u16::try_from((source.len() + 1) * 2) else {
            return NtStatus::INVALID_PARAMETER_2;
        };
        if to_heap != 0 {
            let Some(buffer) = allocate::<u16>(source.len() + 1) else {
                return NtStatus::NO_MEMORY;
            };
            (*string).maximum_length = needed;
            (*string).buffer = buffer.expose_provenance() as u64;
        }
        (*string).length = needed - 2;
        if needed > (*string).maximum_length {
            return NtStatus::BUFFER_OVERFLOW;
        }
        let buffer = with_exposed_provenance_mut::<u16>((*string).buffer as usize);
        for (index, &byte) in source.iter().chain(&[0]).enumerate() {
            buffer.add(index).write(codepage::to_wide(byte));
        }
    }
    NtStatus::SUCCESS
}

/// Converts a string to the code page, with a NUL; with `to_heap` to a new buffer. What does not fit is cut, and
/// BUFFER_OVERFLOW; with no room at all the length says how much was needed.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnicodeStringToAnsiString(
    string: *mut AnsiString,
    source: *const UnicodeString,
    to_heap: u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let source = wide(source);
        let needed = source.len() as u16 + 1;
        let string = &mut *string;
        if to_heap != 0 {
            let Some(buffer) = allocate::<u8>(needed.into()) else {
                return NtStatus::NO_MEMORY;
            };
            string.maximum_length = needed;
            string.buffer = buffer.expose_provenance() as u64;
        }
        string.length = needed - 1;
        let fits = needed <= string.maximum_length;
        if !fits {
            match string.maximum_length.checked_sub(1) {
                Some(length) => string.length = length,
                None => return NtStatus::BUFFER_OVERFLOW,
            }
        }
        let buffer = with_exposed_provenance_mut::<u8>(string.buffer as usize);
        let text = source.iter().take(string.length.into()).chain(&[0]);
        for (index, &unit) in text.enumerate() {
            buffer.add(index).write(codepage::from_wide(unit));
        }
        if fits { NtStatus::SUCCESS } else { NtStatus::BUFFER_OVERFLOW }
    }
}

/// Converts bytes to at most `size` bytes of UTF-16, and tells how many they are.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlMultiByteToUnicodeN(
    to: *mut u16,
    size: u32,
    written: *mut u32,
    from: *const u8,
    length: u32,
) -> NtStatus {
    let units = (size / 2).min(length);
    // SAFETY: as the caller says.
    unsafe {
        for (index, &byte) in slice(from, units as usize).iter().enumerate() {
            to.add(index).write(codepage::to_wide(byte));
        }
        store(written, units * 2);
    }
    NtStatus::SUCCESS
}

/// Converts UTF-16 to at most `size` bytes, and tells how many they are.
///
/// # Safety
/// As [`RtlUnicodeToMultiByteN`].
unsafe fn to_narrow(
    to: *mut u8,
    size: u32,
    written: *mut u32,
    from: *const u16,
    length: u32,
    case: impl Fn(u16) -> u16,
) -> NtStatus {
    let units = size.min(length / 2);
    // SAFETY: as the caller says.
    unsafe {
        for (index, &unit) in slice(from, units as usize).iter().enumerate() {
            to.add(index).write(codepage::from_wide(case(unit)));
        }
        store(written, units);
    }
    NtStatus::SUCCESS
}

/// Converts UTF-16 to at most `size` bytes, and tells how many they are.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnicodeToMultiByteN(
    to: *mut u8,
    size: u32,
    written: *mut u32,
    from: *const u16,
    length: u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { to_narrow(to, size, written, from, length, |unit| unit) }
}

/// The same, in capitals.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUpcaseUnicodeToMultiByteN(
    to: *mut u8,
    size: u32,
    written: *mut u32,
    from: *const u16,
    length: u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { to_narrow(to, size, written, from, length, upcase) }
}

/// Bytes of some bytes in UTF-16.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlMultiByteToUnicodeSize(size: *mut u32, _: *const u8, length: u32) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { store(size, length.wrapping_mul(2)) };
    NtStatus::SUCCESS
}

/// Bytes of some UTF-16 in the code page.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnicodeToMultiByteSize(size: *mut u32, _: *const u16, length: u32) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { store(size, length / 2) };
    NtStatus::SUCCESS
}
