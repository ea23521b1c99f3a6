//! Integers in text, both ways.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use rtlcore::Unit;
use rtlcore::number::{self, Digits, Parsed};

use crate::rtl::raw::{store, terminated};

/// Reads a number and tells where it ends.
///
/// # Safety
/// `text` ends with a NUL; `end` is NULL or can be written.
unsafe fn parse<U: Unit>(text: *const U, end: *mut *const U, base: i32) -> Parsed {
    // SAFETY: as the caller says.
    unsafe {
        let parsed = number::parse_c(terminated(text), base as u32);
        store(end, text.add(parsed.consumed));
        parsed
    }
}

/// Writes a number; a negative one with a sign in base 10 only.
///
/// # Safety
/// There is room for it.
unsafe fn print<U: Unit>(value: i64, bits: u32, text: *mut U, base: i32) -> *mut U {
    let signed = base == 10 && value < 0;
    let value = if signed { value.unsigned_abs() } else { value as u64 & (u64::MAX >> (64 - bits)) };
    // SAFETY: as the caller says.
    unsafe { put(value, signed, text, base) }
}

/// # Safety
/// There is room for it.
unsafe fn put<U: Unit>(value: u64, minus: bool, text: *mut U, base: i32) -> *mut U {
    let mut room: Digits = [0; 64];
    let digits = number::digits(value, base as u32, &mut room);
    let sign: &[u8] = if minus { b"-" } else { b"" };
    for (index, &byte) in sign.iter().chain(digits).chain(&[0]).enumerate() {
        // SAFETY: as the caller says.
        unsafe { text.add(index).write(byte.into()) };
    }
    text
}

macro_rules! family {
    ($unit:ty, $tol:ident $toul:ident $toll:ident $toull:ident $toi:ident $tolong:ident $toi64:ident
     $itoa:ident $ltoa:ident $ultoa:ident $i64toa:ident $ui64toa:ident) => {
        /// Reads a signed number of 32 bits.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $tol(text: *const $unit, end: *mut *const $unit, base: i32) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { parse(text, end, base).signed(32) as i32 }
        }

        /// Reads an unsigned number of 32 bits.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $toul(text: *const $unit, end: *mut *const $unit, base: i32) -> u32 {
            // SAFETY: as C requires of the caller.
            unsafe { parse(text, end, base).unsigned(32) as u32 }
        }

        /// Reads a signed number of 64 bits.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $toll(text: *const $unit, end: *mut *const $unit, base: i32) -> i64 {
            // SAFETY: as C requires of the caller.
            unsafe { parse(text, end, base).signed(64) }
        }

        /// Reads an unsigned number of 64 bits.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $toull(text: *const $unit, end: *mut *const $unit, base: i32) -> u64 {
            // SAFETY: as C requires of the caller.
            unsafe { parse(text, end, base).unsigned(64) }
        }

        /// Reads a decimal number.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $toi(text: *const $unit) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { number::parse_decimal(terminated(text)) as i32 }
        }

        /// Reads a decimal number.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $tolong(text: *const $unit) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { number::parse_decimal(terminated(text)) as i32 }
        }

        /// Reads a decimal number of 64 bits.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $toi64(text: *const $unit) -> i64 {
            // SAFETY: as C requires of the caller.
            unsafe { number::parse_decimal(terminated(text)) }
        }

        /// Writes a number in a base from 2 to 36.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $itoa(value: i32, text: *mut $unit, base: i32) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { print(value.into(), 32, text, base) }
        }

        /// Writes a number in a base from 2 to 36.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ltoa(value: i32, text: *mut $unit, base: i32) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { print(value.into(), 32, text, base) }
        }

        /// Writes an unsigned number in a base from 2 to 36.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ultoa(value: u32, text: *mut $unit, base: i32) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { put(value.into(), false, text, base) }
        }

        /// Writes a number of 64 bits in a base from 2 to 36.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $i64toa(value: i64, text: *mut $unit, base: i32) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { print(value, 64, text, base) }
        }

        /// Writes an unsigned number of 64 bits in a base from 2 to 36.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ui64toa(value: u64, text: *mut $unit, base: i32) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { put(value, false, text, base) }
        }
    };
}

family!(u8, strtol strtoul _strtoi64 _strtoui64 atoi atol _atoi64 _itoa _ltoa _ultoa _i64toa _ui64toa);
family!(u16, wcstol wcstoul _wcstoi64 _wcstoui64 _wtoi _wtol _wtoi64 _itow _ltow _ultow _i64tow _ui64tow);

/// Without its sign.
#[unsafe(no_mangle)]
extern "win64" fn abs(value: i32) -> i32 {
    value.wrapping_abs()
}

/// Without its sign.
#[unsafe(no_mangle)]
extern "win64" fn labs(value: i32) -> i32 {
    value.wrapping_abs()
}
