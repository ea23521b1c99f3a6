//! Comparing, searching, hashing.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::types::UnicodeString;
use nt::{NtStatus, upcase};
use rtlcore::Unit;
use rtlcore::compare;

use crate::rtl::raw::{AnsiString, narrow, store, wide};

/// HASH_STRING_ALGORITHM_X65599; 0, the default, is the same.
const HASH_X65599: u32 = 1;

/// Negative, zero or positive as `a` comes before `b`, is equal, or comes after.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCompareUnicodeString(
    a: *const UnicodeString,
    b: *const UnicodeString,
    ignore_case: u8,
) -> i32 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (wide(a), wide(b)) };
    if ignore_case != 0 { compare::compare(a, b, upcase) } else { compare::compare(a, b, |unit| unit) }
}

/// Whether two strings are the same.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlEqualUnicodeString(
    a: *const UnicodeString,
    b: *const UnicodeString,
    ignore_case: u8,
) -> u8 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (wide(a), wide(b)) };
    (a == b || (ignore_case != 0 && compare::equal(a, b, upcase))).into()
}

/// Whether `b` begins with `a`.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlPrefixUnicodeString(
    a: *const UnicodeString,
    b: *const UnicodeString,
    ignore_case: u8,
) -> u8 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (wide(a), wide(b)) };
    (b.starts_with(a) || (ignore_case != 0 && compare::starts_with(b, a, upcase))).into()
}

/// Negative, zero or positive as `a` comes before `b`, is equal, or comes after.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCompareString(
    a: *const AnsiString,
    b: *const AnsiString,
    ignore_case: u8,
) -> i32 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (narrow(a), narrow(b)) };
    if ignore_case != 0 { compare::compare(a, b, u8::upper) } else { compare::compare(a, b, |byte| byte) }
}

/// Whether two strings are the same.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlEqualString(a: *const AnsiString, b: *const AnsiString, ignore_case: u8) -> u8 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (narrow(a), narrow(b)) };
    (a == b || (ignore_case != 0 && compare::equal(a, b, u8::upper))).into()
}

/// Whether `b` begins with `a`.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlPrefixString(a: *const AnsiString, b: *const AnsiString, ignore_case: u8) -> u8 {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (narrow(a), narrow(b)) };
    (b.starts_with(a) || (ignore_case != 0 && compare::starts_with(b, a, u8::upper))).into()
}

/// Finds a unit of a set; the position is in bytes, after it or, from the end, before it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindCharInUnicodeString(
    flags: u32,
    string: *const UnicodeString,
    set: *const UnicodeString,
    position: *mut u16,
) -> NtStatus {
    // SAFETY: as the caller says.
    let found = unsafe { compare::find_any(wide(string), wide(set), flags) };
    // SAFETY: as the caller says.
    unsafe { store(position, found.unwrap_or(0)) };
    if found.is_some() { NtStatus::SUCCESS } else { NtStatus::NOT_FOUND }
}

/// Hashes a string.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlHashUnicodeString(
    string: *const UnicodeString,
    ignore_case: u8,
    algorithm: u32,
    hash: *mut u32,
) -> NtStatus {
    if string.is_null() || hash.is_null() || algorithm > HASH_X65599 {
        return NtStatus::INVALID_PARAMETER;
    }
    // SAFETY: as the caller says.
    unsafe { hash.write(compare::hash(wide(string), ignore_case != 0)) };
    NtStatus::SUCCESS
}
