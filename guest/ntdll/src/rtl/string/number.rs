//! Numbers and GUIDs as text.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::types::UnicodeString;
use rtlcore::number::{self, Digits};
use rtlcore::{Unit, guid};

use crate::rtl::raw::{allocate, copy, slice_mut, terminated, wide};

/// The digits of a number in one of NT's bases, capitals; 0 means 10.
fn digits(value: u64, base: u32, room: &mut Digits) -> Result<&[u8], NtStatus> {
    let base = match base {
        0 => 10,
        2 | 8 | 10 | 16 => base,
        _ => return Err(NtStatus::INVALID_PARAMETER),
    };
    let start = room.len() - number::digits(value, base, room).len();
    let digits = room.split_at_mut(start).1;
    digits.make_ascii_uppercase();
    Ok(digits)
}

/// Reads an integer: blanks, sign, digits, or a prefix for base 0.
///
/// # Safety
/// `value` is NULL or can be written.
unsafe fn parse<U: Unit>(text: &[U], base: u32, value: *mut u32) -> NtStatus {
    let Some(parsed) = number::parse(text, base) else {
        return NtStatus::INVALID_PARAMETER;
    };
    if value.is_null() {
        return NtStatus::ACCESS_VIOLATION;
    }
    // SAFETY: as the caller says.
    unsafe { value.write(parsed) };
    NtStatus::SUCCESS
}

/// Reads an integer of base 2, 8, 10, 16, or 0 for what its prefix says.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUnicodeStringToInteger(
    string: *const UnicodeString,
    base: u32,
    value: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { parse(wide(string), base, value) }
}

/// Reads an integer from bytes that end with a NUL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCharToInteger(text: *const u8, base: u32, value: *mut u32) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { parse(terminated(text), base, value) }
}

/// Writes an integer to a string's buffer, with a NUL if there is room for it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlIntegerToUnicodeString(
    value: u32,
    base: u32,
    string: *mut UnicodeString,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { RtlInt64ToUnicodeString(value.into(), base, string) }
}

/// Writes an integer to a string's buffer, with a NUL if there is room for it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInt64ToUnicodeString(
    value: u64,
    base: u32,
    string: *mut UnicodeString,
) -> NtStatus {
    let mut room: Digits = [0; 64];
    let digits = match digits(value, base, &mut room) {
        Ok(digits) => digits,
        Err(status) => return status,
    };
    // SAFETY: as the caller says.
    unsafe {
        let string = &mut *string;
        let buffer = slice_mut(
            with_exposed_provenance_mut::<u16>(string.buffer as usize),
            usize::from(string.maximum_length) / 2,
        );
        if digits.len() > buffer.len() {
            return NtStatus::BUFFER_OVERFLOW;
        }
        for (slot, byte) in buffer.iter_mut().zip(digits.iter().chain(&[0])) {
            *slot = (*byte).into();
        }
        string.length = digits.len() as u16 * 2;
    }
    NtStatus::SUCCESS
}

/// Writes an integer to `length` bytes, with a NUL if there is room for it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlIntegerToChar(value: u32, base: u32, length: u32, text: *mut u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { to_bytes(value.into(), base, length, text) }
}

/// Writes an integer of 64 bits to `length` bytes, with a NUL if there is room for it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLargeIntegerToChar(
    value: *const u64,
    base: u32,
    length: u32,
    text: *mut u8,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { to_bytes(*value, base, length, text) }
}

/// # Safety
/// `text` is NULL or has room for `length` bytes.
unsafe fn to_bytes(value: u64, base: u32, length: u32, text: *mut u8) -> NtStatus {
    let mut room: Digits = [0; 64];
    let digits = match digits(value, base, &mut room) {
        Ok(digits) => digits,
        Err(status) => return status,
    };
    if digits.len() > length as usize {
        return NtStatus::BUFFER_OVERFLOW;
    }
    if text.is_null() {
        return NtStatus::ACCESS_VIOLATION;
    }
    // SAFETY: they fit, and a NUL too if they are shorter.
    unsafe {
        copy(text, digits.as_ptr(), digits.len());
        if digits.len() < length as usize {
            text.add(digits.len()).write(0);
        }
    }
    NtStatus::SUCCESS
}

/// Reads a GUID in braces.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGUIDFromString(string: *const UnicodeString, guid: *mut [u8; 16]) -> NtStatus {
    // SAFETY: as the caller says.
    match unsafe { guid::parse(wide(string)) } {
        Some(parsed) => {
            // SAFETY: as the caller says.
            unsafe { guid.write(parsed) };
            NtStatus::SUCCESS
        }
        None => NtStatus::INVALID_PARAMETER,
    }
}

/// Writes a GUID in braces to the heap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlStringFromGUID(guid: *const [u8; 16], string: *mut UnicodeString) -> NtStatus {
    const BYTES: u16 = guid::LEN as u16 * 2;
    let Some(buffer) = allocate::<u16>(guid::LEN + 1) else {
        return NtStatus::NO_MEMORY;
    };
    // SAFETY: the block has that size; the rest as the caller says.
    unsafe {
        let text = guid::format(&*guid);
        copy(buffer, text.as_ptr(), guid::LEN);
        buffer.add(guid::LEN).write(0);
        let buffer = buffer.expose_provenance() as u64;
        string.write(UnicodeString { length: BYTES, maximum_length: BYTES + 2, reserved: 0, buffer });
    }
    NtStatus::SUCCESS
}
