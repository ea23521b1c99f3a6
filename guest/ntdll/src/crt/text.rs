//! Text: each function for bytes and for wide characters.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use core::ptr::null_mut;

use rtlcore::{Unit, compare};

use crate::rtl::raw::{bounded, copy, terminated};

/// Copies text and a NUL to the end of nothing or of other text.
///
/// # Safety
/// There is room for them.
unsafe fn put<U: Unit>(to: *mut U, text: &[U]) {
    // SAFETY: as the caller says.
    unsafe {
        copy(to, text.as_ptr(), text.len());
        to.add(text.len()).write(U::from(0));
    }
}

/// Changes text unit by unit.
///
/// # Safety
/// It ends with a NUL and can be written.
unsafe fn change<U: Unit>(text: *mut U, case: fn(U) -> U) -> *mut U {
    // SAFETY: as the caller says.
    unsafe {
        for index in 0..terminated(text).len() {
            let place = text.add(index);
            place.write(case(place.read()));
        }
    }
    text
}

/// The address of a position; NULL for none.
fn address<U>(text: *const U, position: Option<usize>) -> *mut U {
    position.map_or(null_mut(), |at| text.wrapping_add(at).cast_mut())
}

macro_rules! family {
    ($unit:ty, $char:ty, $nlen:ident $cpy:ident $ncpy:ident $cat:ident $ncat:ident $cmp:ident $ncmp:ident
     $icmp:ident $nicmp:ident $chr:ident $rchr:ident $str:ident $spn:ident $cspn:ident $pbrk:ident
     $lwr:ident $upr:ident) => {
        /// Length without the NUL, at most `most`.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $nlen(text: *const $unit, most: usize) -> usize {
            // SAFETY: as C requires of the caller.
            unsafe { bounded(text, most).len() }
        }

        /// Copies text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $cpy(to: *mut $unit, from: *const $unit) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { put(to, terminated(from)) };
            to
        }

        /// Copies at most `most` units of text, and fills the rest with NULs.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ncpy(to: *mut $unit, from: *const $unit, most: usize) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe {
                let text = bounded(from, most);
                copy(to, text.as_ptr(), text.len());
                to.add(text.len()).write_bytes(0, most - text.len());
            }
            to
        }

        /// Appends text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $cat(to: *mut $unit, from: *const $unit) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { put(to.add(terminated(to).len()), terminated(from)) };
            to
        }

        /// Appends at most `most` units of text, and a NUL.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ncat(to: *mut $unit, from: *const $unit, most: usize) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { put(to.add(terminated(to).len()), bounded(from, most)) };
            to
        }

        /// Compares text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $cmp(a: *const $unit, b: *const $unit) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { compare::compare(terminated(a), terminated(b), |unit| unit).signum() }
        }

        /// Compares at most `most` units of text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $ncmp(a: *const $unit, b: *const $unit, most: usize) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { compare::compare(bounded(a, most), bounded(b, most), |unit| unit).signum() }
        }

        /// Compares text whatever the case of ASCII letters.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $icmp(a: *const $unit, b: *const $unit) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { compare::compare(terminated(a), terminated(b), <$unit>::ascii_lower) }
        }

        /// Compares at most `most` units of text whatever the case of ASCII letters.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $nicmp(a: *const $unit, b: *const $unit, most: usize) -> i32 {
            // SAFETY: as C requires of the caller.
            unsafe { compare::compare(bounded(a, most), bounded(b, most), <$unit>::ascii_lower) }
        }

        /// Finds a unit, the NUL being one.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $chr(text: *const $unit, unit: $char) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            let units = unsafe { terminated(text) };
            let end = (unit as $unit == 0).then_some(units.len());
            address(text, units.iter().position(|&other| other == unit as $unit).or(end))
        }

        /// Finds a unit from the end, the NUL being one.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $rchr(text: *const $unit, unit: $char) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            let units = unsafe { terminated(text) };
            let end = (unit as $unit == 0).then_some(units.len());
            address(text, end.or_else(|| units.iter().rposition(|&other| other == unit as $unit)))
        }

        /// Finds other text.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $str(text: *const $unit, part: *const $unit) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            address(text, unsafe { compare::find(terminated(text), terminated(part)) })
        }

        /// Units at the beginning that are in a set.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $spn(text: *const $unit, set: *const $unit) -> usize {
            // SAFETY: as C requires of the caller.
            unsafe { compare::span(terminated(text), terminated(set), true) }
        }

        /// Units at the beginning that are not in a set.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $cspn(text: *const $unit, set: *const $unit) -> usize {
            // SAFETY: as C requires of the caller.
            unsafe { compare::span(terminated(text), terminated(set), false) }
        }

        /// Finds the first unit that is in a set.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $pbrk(text: *const $unit, set: *const $unit) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            let units = unsafe { terminated(text) };
            // SAFETY: as C requires of the caller.
            let at = unsafe { compare::span(units, terminated(set), false) };
            address(text, Some(at).filter(|&at| at < units.len()))
        }

        /// Makes ASCII letters small.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $lwr(text: *mut $unit) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { change(text, <$unit>::ascii_lower) }
        }

        /// Makes ASCII letters capitals.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $upr(text: *mut $unit) -> *mut $unit {
            // SAFETY: as C requires of the caller.
            unsafe { change(text, <$unit>::ascii_upper) }
        }
    };
}

family!(u8, i32, strnlen strcpy strncpy strcat strncat strcmp strncmp _stricmp _strnicmp strchr strrchr strstr
    strspn strcspn strpbrk _strlwr _strupr);
family!(u16, u16, wcsnlen wcscpy wcsncpy wcscat wcsncat wcscmp wcsncmp _wcsicmp _wcsnicmp wcschr wcsrchr wcsstr
    wcsspn wcscspn wcspbrk _wcslwr _wcsupr);

/// Length without the NUL. (`strlen` is among the functions that compiled code calls.)
#[unsafe(no_mangle)]
unsafe extern "win64" fn wcslen(text: *const u16) -> usize {
    // SAFETY: as C requires of the caller.
    unsafe { terminated(text).len() }
}

/// `_stricmp` under an older name.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _strcmpi(a: *const u8, b: *const u8) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { _stricmp(a, b) }
}

/// Converts text to wide characters, at most `most`; without a buffer it is counted. Units without the NUL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn mbstowcs(to: *mut u16, from: *const u8, most: usize) -> usize {
    // SAFETY: as C requires of the caller.
    unsafe { converted(to, from, most, u8::to_wide) }
}

/// Converts wide text to bytes, at most `most`; without a buffer it is counted. Bytes without the NUL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn wcstombs(to: *mut u8, from: *const u16, most: usize) -> usize {
    // SAFETY: as C requires of the caller.
    unsafe { converted(to, from, most, u8::from_wide) }
}

/// # Safety
/// `from` ends with a NUL; `to` is NULL or has room for `most` units.
unsafe fn converted<T: Unit, U: Unit>(to: *mut T, from: *const U, most: usize, unit: fn(U) -> T) -> usize {
    // SAFETY: as the caller says.
    unsafe {
        let text = terminated(from);
        if to.is_null() {
            return text.len();
        }
        let units = text.iter().map(|&from| unit(from)).chain([T::from(0)]);
        units.take(most).enumerate().for_each(|(index, unit)| to.add(index).write(unit));
        text.len().min(most)
    }
}
