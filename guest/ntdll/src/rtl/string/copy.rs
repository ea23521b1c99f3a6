//! Copying, appending, and changing case.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::types::UnicodeString;
use nt::{NtStatus, downcase, upcase};
use rtlcore::Unit;

use crate::rtl::raw::{AnsiString, allocate, copy, terminated};

/// Copies a string, as much as fits, with a NUL if there is room for it; no source makes it empty.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCopyUnicodeString(string: *mut UnicodeString, source: *const UnicodeString) {
    // SAFETY: as the caller says.
    unsafe { copy_string(string, source, 2) };
}

/// Copies a string of bytes, as much as fits; no source makes it empty.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCopyString(string: *mut AnsiString, source: *const AnsiString) {
    // SAFETY: as the caller says.
    unsafe { copy_string(string, source, 0) };
}

/// # Safety
/// As [`RtlCopyUnicodeString`]. `nul`: bytes of the NUL after the text.
unsafe fn copy_string(string: *mut UnicodeString, source: *const UnicodeString, nul: u16) {
    // SAFETY: as the caller says.
    unsafe {
        let (length, from) = source.as_ref().map_or((0, 0), |source| (source.length, source.buffer));
        let maximum = (*string).maximum_length;
        let length = length.min(maximum);
        let buffer = with_exposed_provenance_mut::<u8>((*string).buffer as usize);
        copy(buffer, with_exposed_provenance_mut::<u8>(from as usize), length.into());
        (*string).length = length;
        if nul > 0 && maximum - length >= nul {
            buffer.add(length.into()).write_bytes(0, nul.into());
        }
    }
}

/// Appends bytes to a string's text, and a NUL of so many bytes if there is room for it.
///
/// # Safety
/// `string` describes its buffer; `from` has so many bytes.
unsafe fn append(string: *mut UnicodeString, from: *const u8, len: usize, nul: u16) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let (length, maximum) = ((*string).length, (*string).maximum_length);
        let Some(after) = u16::try_from(len).ok().and_then(|len| length.checked_add(len)) else {
            return NtStatus::BUFFER_TOO_SMALL;
        };
        if len == 0 {
            return NtStatus::SUCCESS;
        }
        if after > maximum {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        let buffer = with_exposed_provenance_mut::<u8>((*string).buffer as usize);
        copy(buffer.add(length.into()), from, len);
        (*string).length = after;
        if nul > 0 && maximum - after >= nul {
            buffer.add(after.into()).write_bytes(0, nul.into());
        }
    }
    NtStatus::SUCCESS
}

/// Appends a string. BUFFER_TOO_SMALL, and nothing is done, if it does not fit.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAppendUnicodeStringToString(
    string: *mut UnicodeString,
    source: *const UnicodeString,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let source = &*source;
        append(string, with_exposed_provenance_mut::<u8>(source.buffer as usize), source.length.into(), 2)
    }
}

/// Appends text that ends with a NUL, or is NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAppendUnicodeToString(string: *mut UnicodeString, text: *const u16) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { append(string, text.cast(), terminated(text).len() * 2, 2) }
}

/// Appends a string of bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAppendStringToString(
    string: *mut AnsiString,
    source: *const AnsiString,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let source = &*source;
        append(string, with_exposed_provenance_mut::<u8>(source.buffer as usize), source.length.into(), 0)
    }
}

/// Appends bytes that end with a NUL, or are NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAppendAsciizToString(string: *mut AnsiString, text: *const u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { append(string, text, terminated(text).len(), 0) }
}

/// The capital of a unit.
#[unsafe(no_mangle)]
extern "win64" fn RtlUpcaseUnicodeChar(unit: u16) -> u16 {
    upcase(unit)
}

/// The small letter of a unit.
#[unsafe(no_mangle)]
extern "win64" fn RtlDowncaseUnicodeChar(unit: u16) -> u16 {
    downcase(unit)
}

/// The capital of a byte.
#[unsafe(no_mangle)]
extern "win64" fn RtlUpperChar(byte: u8) -> u8 {
    byte.upper()
}

/// Copies a string in capitals, perhaps to itself; with `allocate` to the heap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUpcaseUnicodeString(
    string: *mut UnicodeString,
    source: *const UnicodeString,
    allocate: u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { convert(string, source, allocate != 0, upcase) }
}

/// Copies a string in small letters, perhaps to itself; with `allocate` to the heap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDowncaseUnicodeString(
    string: *mut UnicodeString,
    source: *const UnicodeString,
    allocate: u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { convert(string, source, allocate != 0, downcase) }
}

/// # Safety
/// As [`RtlUpcaseUnicodeString`].
unsafe fn convert(
    string: *mut UnicodeString,
    source: *const UnicodeString,
    to_heap: bool,
    case: fn(u16) -> u16,
) -> NtStatus {
    // SAFETY: as the caller says; text that becomes itself is written unit by unit behind what is read.
    unsafe {
        let (length, from) = ((*source).length, (*source).buffer);
        let units = usize::from(length) / 2;
        if to_heap {
            let Some(buffer) = allocate::<u16>(units) else {
                return NtStatus::NO_MEMORY;
            };
            (*string).maximum_length = length;
            (*string).buffer = buffer.expose_provenance() as u64;
        } else if length > (*string).maximum_length {
            return NtStatus::BUFFER_OVERFLOW;
        }
        let to = with_exposed_provenance_mut::<u16>((*string).buffer as usize);
        let from = with_exposed_provenance_mut::<u16>(from as usize);
        for index in 0..units {
            to.add(index).write(case(from.add(index).read()));
        }
        (*string).length = length;
    }
    NtStatus::SUCCESS
}

/// Copies a string of bytes in capitals, as much as fits, perhaps to itself.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUpperString(string: *mut AnsiString, source: *const AnsiString) {
    // SAFETY: as the caller says; text that becomes itself is written behind what is read.
    unsafe {
        let length = (*source).length.min((*string).maximum_length);
        let to = with_exposed_provenance_mut::<u8>((*string).buffer as usize);
        let from = with_exposed_provenance_mut::<u8>((*source).buffer as usize);
        for index in 0..usize::from(length) {
            to.add(index).write(from.add(index).read().upper());
        }
        (*string).length = length;
    }
}
