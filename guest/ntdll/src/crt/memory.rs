//! Memory, beyond what compiled code calls by itself (that is in the crate's root).
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use rtlcore::Unit;
use rtlcore::compare::compare;

use crate::rtl::raw::{copy, slice};

/// Where a byte stands for the first time; NULL if it does not.
#[unsafe(no_mangle)]
unsafe extern "win64" fn memchr(memory: *const u8, byte: i32, len: usize) -> *const u8 {
    // SAFETY: as C requires of the caller.
    unsafe {
        let found = slice(memory, len).iter().position(|&other| other == byte as u8);
        found.map_or(core::ptr::null(), |at| memory.add(at))
    }
}

/// Compares bytes whatever the case of ASCII letters.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _memicmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { compare(slice(a, len), slice(b, len), u8::ascii_lower) }
}

/// Copies bytes up to one of that value, which is the last one copied. What is behind it in `to`; NULL if it was not
/// there.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _memccpy(to: *mut u8, from: *const u8, byte: i32, len: usize) -> *mut u8 {
    // SAFETY: as C requires of the caller.
    unsafe {
        let found = slice(from, len).iter().position(|&other| other == byte as u8);
        copy(to, from, found.map_or(len, |at| at + 1));
        found.map_or(core::ptr::null_mut(), |at| to.add(at + 1))
    }
}
