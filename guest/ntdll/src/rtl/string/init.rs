//! Making strings, and freeing them.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::types::UnicodeString;
use rtlcore::{Unit, codepage};

use crate::rtl::raw::{AnsiString, MAX_BYTES, allocate, free, slice, terminated};

/// Lets a counted string describe text with a NUL; too long a text is cut.
///
/// # Safety
/// `string` can be written; `text` is NULL or ends with a NUL.
unsafe fn describe<U: Unit>(string: *mut UnicodeString, text: *const U) {
    // SAFETY: as the caller says.
    let length = size_of_val(unsafe { terminated(text) }).min(MAX_BYTES) as u16;
    let described = UnicodeString {
        length,
        maximum_length: if text.is_null() { 0 } else { length + size_of::<U>() as u16 },
        reserved: 0,
        buffer: text.expose_provenance() as u64,
    };
    // SAFETY: as the caller says.
    unsafe { string.write(described) };
}

/// Lets a string describe text that ends with a NUL, or nothing.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitUnicodeString(string: *mut UnicodeString, text: *const u16) {
    // SAFETY: as the caller says.
    unsafe { describe(string, text) };
}

/// The same, and fails when the text is too long.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitUnicodeStringEx(string: *mut UnicodeString, text: *const u16) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        if terminated(text).len() * 2 > MAX_BYTES {
            return NtStatus::NAME_TOO_LONG;
        }
        describe(string, text);
    }
    NtStatus::SUCCESS
}

/// Lets a string describe bytes that end with a NUL, or nothing.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitAnsiString(string: *mut AnsiString, text: *const u8) {
    // SAFETY: as the caller says.
    unsafe { describe(string, text) };
}

/// The same, and fails when the text is too long.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitAnsiStringEx(string: *mut AnsiString, text: *const u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        if terminated(text).len() > MAX_BYTES {
            return NtStatus::NAME_TOO_LONG;
        }
        describe(string, text);
    }
    NtStatus::SUCCESS
}

/// Lets a string describe bytes that end with a NUL, or nothing.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitString(string: *mut AnsiString, text: *const u8) {
    // SAFETY: as the caller says.
    unsafe { describe(string, text) };
}

/// The same for any bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitStringEx(string: *mut AnsiString, text: *const u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { RtlInitAnsiStringEx(string, text) }
}

/// Makes a copy of some text in the process heap, with a NUL.
fn duplicate(text: impl ExactSizeIterator<Item = u16>) -> Result<UnicodeString, NtStatus> {
    let bytes = text.len() * 2;
    if bytes > MAX_BYTES {
        return Err(NtStatus::NAME_TOO_LONG);
    }
    let buffer = allocate::<u16>(text.len() + 1).ok_or(NtStatus::NO_MEMORY)?;
    for (index, unit) in text.chain([0]).enumerate() {
        // SAFETY: there is one more unit than there is text.
        unsafe { buffer.add(index).write(unit) };
    }
    Ok(UnicodeString {
        length: bytes as u16,
        maximum_length: bytes as u16 + 2,
        reserved: 0,
        buffer: buffer.expose_provenance() as u64,
    })
}

/// Copies text that ends with a NUL to the heap. Whether that worked.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateUnicodeString(string: *mut UnicodeString, text: *const u16) -> u8 {
    // SAFETY: as the caller says.
    unsafe { create(string, duplicate(terminated(text).iter().copied())) }
}

/// Copies bytes that end with a NUL to the heap, as UTF-16. Whether that worked.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateUnicodeStringFromAsciiz(string: *mut UnicodeString, text: *const u8) -> u8 {
    // SAFETY: as the caller says.
    unsafe { create(string, duplicate(terminated(text).iter().map(|&byte| codepage::to_wide(byte)))) }
}

/// # Safety
/// `string` can be written.
unsafe fn create(string: *mut UnicodeString, made: Result<UnicodeString, NtStatus>) -> u8 {
    match made {
        Ok(made) => {
            // SAFETY: as the caller says.
            unsafe { string.write(made) };
            1
        }
        Err(_) => 0,
    }
}

/// RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE.
const NULL_TERMINATE: u32 = 1;
/// RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING, only with the other one.
const ALLOCATE_NULL_STRING: u32 = 2;

/// Copies a string to the heap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDuplicateUnicodeString(
    flags: u32,
    source: *const UnicodeString,
    string: *mut UnicodeString,
) -> NtStatus {
    // SAFETY: as the caller says.
    let source = unsafe { source.as_ref() };
    let (terminate, allocate_empty) = (flags & NULL_TERMINATE != 0, flags & ALLOCATE_NULL_STRING != 0);
    let well_formed = |source: &UnicodeString| {
        let buffer = source.buffer != 0 || source.maximum_length == 0;
        buffer && source.length.is_multiple_of(2) && source.length <= source.maximum_length
    };
    if string.is_null()
        || flags & !(NULL_TERMINATE | ALLOCATE_NULL_STRING) != 0
        || (allocate_empty && !terminate)
        || !source.is_none_or(well_formed)
    {
        return NtStatus::INVALID_PARAMETER;
    }
    // SAFETY: as the caller says.
    let text = source.map_or(&[][..], |source| unsafe {
        slice(with_exposed_provenance_mut::<u16>(source.buffer as usize), usize::from(source.length) / 2)
    });
    let made = match text.is_empty() && !allocate_empty {
        true => Ok(UnicodeString::default()),
        false => duplicate(text.iter().copied()),
    };
    match made {
        Ok(mut made) => {
            if !terminate {
                made.maximum_length = made.length;
            }
            // SAFETY: as the caller says.
            unsafe { string.write(made) };
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// Frees a string's buffer and empties it.
///
/// # Safety
/// The buffer is from the process heap, or NULL.
pub unsafe fn free_string(string: *mut UnicodeString) {
    // SAFETY: as the caller says.
    unsafe {
        let buffer = (*string).buffer;
        if buffer != 0 {
            free(with_exposed_provenance_mut::<u8>(buffer as usize));
            string.write(UnicodeString::default());
        }
    }
}

/// Frees a string that another function has made.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFreeUnicodeString(string: *mut UnicodeString) {
    // SAFETY: as the caller says.
    unsafe { free_string(string) };
}

/// Fills a string's buffer with zeros and makes it empty.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlEraseUnicodeString(string: *mut UnicodeString) {
    // SAFETY: as the caller says.
    unsafe {
        let buffer = with_exposed_provenance_mut::<u8>((*string).buffer as usize);
        if !buffer.is_null() {
            buffer.write_bytes(0, (*string).maximum_length.into());
            (*string).length = 0;
        }
    }
}
