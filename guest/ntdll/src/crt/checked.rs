//! The functions that know their buffer's size (`…_s`). Text that does not fit leaves an empty string, and ERANGE; a
//! format that does not fit, -1.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use rtlcore::Unit;

use super::print::{format, variadic};
use crate::rtl::raw::{bounded, copy};

/// A parameter makes no sense.
const EINVAL: i32 = 22;
/// It does not fit.
const ERANGE: i32 = 34;
/// Text was cut, as the caller had asked.
const STRUNCATE: i32 = 80;
/// `_TRUNCATE`: cut what does not fit.
const TRUNCATE: usize = usize::MAX;

/// Puts at most `most` units of text and a NUL at position `at` of a buffer.
///
/// # Safety
/// The buffer has that size; the text ends with a NUL or has `most` units.
unsafe fn put<U: Unit>(buffer: *mut U, size: usize, at: usize, text: *const U, most: usize) -> i32 {
    if buffer.is_null() || size == 0 {
        return EINVAL;
    }
    // SAFETY: as the caller says.
    unsafe {
        let room = size - at.min(size);
        if text.is_null() || room == 0 {
            buffer.write(U::from(0));
            return EINVAL;
        }
        // One unit more than there is room for tells that it does not fit.
        let text = bounded(text, most.min(room));
        let fits = text.len() < room;
        if !fits && most != TRUNCATE {
            buffer.write(U::from(0));
            return ERANGE;
        }
        let len = text.len().min(room - 1);
        copy(buffer.add(at), text.as_ptr(), len);
        buffer.add(at + len).write(U::from(0));
        if fits { 0 } else { STRUNCATE }
    }
}

/// Formats with a NUL. -1, and an empty string, if it does not fit, or what fits with `cut`.
///
/// # Safety
/// As `format`.
unsafe fn print<U: Unit>(
    buffer: *mut U,
    size: usize,
    most: usize,
    text: *const U,
    arguments: *const u64,
) -> i32 {
    if buffer.is_null() || size == 0 || text.is_null() {
        return -1;
    }
    // SAFETY: as the caller says.
    unsafe {
        let len = format(buffer, size, text, arguments);
        let limit = most.min(size - 1);
        let end = match len {
            _ if len <= limit => len,
            // The caller has asked for no more, or for what fits.
            _ if most < size || most == TRUNCATE => limit,
            _ => 0,
        };
        buffer.add(end).write(U::from(0));
        if len <= limit { len as i32 } else { -1 }
    }
}

macro_rules! family {
    ($unit:ty, $cpy:ident $ncpy:ident $cat:ident $ncat:ident $printf:ident $nprintf:ident) => {
        /// Copies text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $cpy(to: *mut $unit, size: usize, from: *const $unit) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { put(to, size, 0, from, size) }
        }

        /// Copies at most `most` units of text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ncpy(to: *mut $unit, size: usize, from: *const $unit, most: usize) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { put(to, size, 0, from, most) }
        }

        /// Appends text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $cat(to: *mut $unit, size: usize, from: *const $unit) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { put(to, size, bounded(to, size).len(), from, size) }
        }

        /// Appends at most `most` units of text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ncat(to: *mut $unit, size: usize, from: *const $unit, most: usize) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { put(to, size, bounded(to, size).len(), from, most) }
        }

        /// Formats to a buffer of a size.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $printf(
            to: *mut $unit,
            size: usize,
            format: *const $unit,
            arguments: *const u64,
        ) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { print(to, size, size, format, arguments) }
        }

        /// Formats at most `most` units to a buffer of a size.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $nprintf(
            to: *mut $unit,
            size: usize,
            most: usize,
            format: *const $unit,
            arguments: *const u64,
        ) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { print(to, size, most, format, arguments) }
        }
    };
}

family!(u8, strcpy_s strncpy_s strcat_s strncat_s vsprintf_s _vsnprintf_s);
family!(u16, wcscpy_s wcsncpy_s wcscat_s wcsncat_s vswprintf_s _vsnwprintf_s);

/// Copies bytes to a buffer of a size, which is cleared if they do not fit.
#[unsafe(no_mangle)]
unsafe extern "win64" fn memcpy_s(to: *mut u8, size: usize, from: *const u8, len: usize) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe {
        match (len, to.is_null(), from.is_null()) {
            (0, ..) => 0,
            (_, true, _) => EINVAL,
            (_, false, false) if len <= size => {
                copy(to, from, len);
                0
            }
            (.., from) => {
                to.write_bytes(0, size);
                if from { EINVAL } else { ERANGE }
            }
        }
    }
}

/// The same, for ranges that overlap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn memmove_s(to: *mut u8, size: usize, from: *const u8, len: usize) -> i32 {
    if len > 0 && (to.is_null() || from.is_null() || len > size) {
        return if len > size { ERANGE } else { EINVAL };
    }
    // SAFETY: as C requires of the caller.
    unsafe { copy(to, from, len) };
    0
}

variadic! {
    /// Formats bytes.
    sprintf_s(buffer: *mut u8, size: usize, format: *const u8) => vsprintf_s, "r9", "0x20";
    /// Formats wide characters.
    swprintf_s(buffer: *mut u16, size: usize, format: *const u16) => vswprintf_s, "r9", "0x20";
    /// Formats at most `most` bytes.
    _snprintf_s(buffer: *mut u8, size: usize, most: usize, format: *const u8) => _vsnprintf_s, "stack", "0x28";
    /// Formats at most `most` wide characters.
    _snwprintf_s(buffer: *mut u16, size: usize, most: usize, format: *const u16) => _vsnwprintf_s, "stack", "0x28";
}
