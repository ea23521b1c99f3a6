//! Between UTF-16 and the code pages, ANSI's and OEM's.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::types::UnicodeString;
use nt::{NtStatus, upcase};
use rtlcore::codepage;

use super::init::free_string;
use crate::rtl::raw::{AnsiString, allocate, narrow, slice, store, wide};

/// Converts a string to UTF-16, with a NUL; with `to_heap` to a new buffer.
///
/// # Safety
/// As the callers of the functions below must see to.
unsafe fn widen(
    string: *mut UnicodeString,
    source: *const AnsiString,
    to_heap: u8,
    page: fn(u8) -> u16,
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
            buffer.add(index).write(page(byte));
        }
    }
    NtStatus::SUCCESS
}

/// Converts a string to a code page, with a NUL; with `to_heap` to a new buffer. What does not fit is cut, and
/// BUFFER_OVERFLOW; with no room at all the length says how much was needed.
///
/// # Safety
/// As the callers of the functions below must see to.
unsafe fn narrowed(
    string: *mut AnsiString,
    source: *const UnicodeString,
    to_heap: u8,
    page: fn(u16) -> u8,
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
            buffer.add(index).write(page(unit));
        }
        if fits { NtStatus::SUCCESS } else { NtStatus::BUFFER_OVERFLOW }
    }
}

/// Converts bytes to at most `size` bytes of UTF-16, and tells how many they are.
///
/// # Safety
/// As the callers of the functions below must see to.
unsafe fn widen_bytes(
    to: *mut u16,
    size: u32,
    written: *mut u32,
    from: *const u8,
    length: u32,
    page: fn(u8) -> u16,
) -> NtStatus {
    let units = (size / 2).min(length);
    // SAFETY: as the caller says.
    unsafe {
        for (index, &byte) in slice(from, units as usize).iter().enumerate() {
            to.add(index).write(page(byte));
        }
        store(written, units * 2);
    }
    NtStatus::SUCCESS
}

/// Converts UTF-16 to at most `size` bytes, and tells how many they are.
///
/// # Safety
/// As the callers of the functions below must see to.
unsafe fn narrow_units(
    to: *mut u8,
    size: u32,
    written: *mut u32,
    from: *const u16,
    length: u32,
    page: fn(u16) -> u8,
) -> NtStatus {
    let units = size.min(length / 2);
    // SAFETY: as the caller says.
    unsafe {
        for (index, &unit) in slice(from, units as usize).iter().enumerate() {
            to.add(index).write(page(unit));
        }
        store(written, units);
    }
    NtStatus::SUCCESS
}

macro_rules! pages {
    ($to_wide:path, $from_wide:path, $upcased:path,
     $widen:ident $narrow:ident $narrow_upcased:ident $widen_n:ident $narrow_n:ident $narrow_upcased_n:ident
     $wide_size:ident $wide_size_x:ident $narrow_size:ident $narrow_size_x:ident $free:ident) => {
        /// Converts a string to UTF-16, with a NUL; with `to_heap` to a new buffer.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $widen(
            string: *mut UnicodeString,
            source: *const AnsiString,
            to_heap: u8,
        ) -> NtStatus {
            // SAFETY: as the caller says.
            unsafe { widen(string, source, to_heap, $to_wide) }
        }

        /// Converts a string to the code page, with a NUL; with `to_heap` to a new buffer.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $narrow(
            string: *mut AnsiString,
            source: *const UnicodeString,
            to_heap: u8,
        ) -> NtStatus {
            // SAFETY: as the caller says.
            unsafe { narrowed(string, source, to_heap, $from_wide) }
        }

        /// The same, in capitals.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $narrow_upcased(
            string: *mut AnsiString,
            source: *const UnicodeString,
            to_heap: u8,
        ) -> NtStatus {
            // SAFETY: as the caller says.
            unsafe { narrowed(string, source, to_heap, $upcased) }
        }

        /// Converts bytes to at most `size` bytes of UTF-16, and tells how many they are.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $widen_n(
            to: *mut u16,
            size: u32,
            written: *mut u32,
            from: *const u8,
            length: u32,
        ) -> NtStatus {
            // SAFETY: as the caller says.
            unsafe { widen_bytes(to, size, written, from, length, $to_wide) }
        }

        /// Converts UTF-16 to at most `size` bytes, and tells how many they are.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $narrow_n(
            to: *mut u8,
            size: u32,
            written: *mut u32,
            from: *const u16,
            length: u32,
        ) -> NtStatus {
            // SAFETY: as the caller says.
            unsafe { narrow_units(to, size, written, from, length, $from_wide) }
        }

        /// The same, in capitals.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $narrow_upcased_n(
            to: *mut u8,
            size: u32,
            written: *mut u32,
            from: *const u16,
            length: u32,
        ) -> NtStatus {
            // SAFETY: as the caller says.
            unsafe { narrow_units(to, size, written, from, length, $upcased) }
        }

        /// Bytes of a string in UTF-16, with a NUL.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $wide_size(string: *const AnsiString) -> u32 {
            // SAFETY: as the caller says.
            unsafe { (u32::from((*string).length) + 1) * 2 }
        }

        /// The same, under its other name.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $wide_size_x(string: *const AnsiString) -> u32 {
            // SAFETY: as the caller says.
            unsafe { $wide_size(string) }
        }

        /// Bytes of a string in the code page, with a NUL.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $narrow_size(string: *const UnicodeString) -> u32 {
            // SAFETY: as the caller says.
            unsafe { u32::from((*string).length) / 2 + 1 }
        }

        /// The same, under its other name.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $narrow_size_x(string: *const UnicodeString) -> u32 {
            // SAFETY: as the caller says.
            unsafe { $narrow_size(string) }
        }

        /// Frees a string that another function has made.
        #[unsafe(no_mangle)]
        unsafe extern "win64" fn $free(string: *mut AnsiString) {
            // SAFETY: as the caller says.
            unsafe { free_string(string) };
        }
    };
}

fn ansi_upcased(unit: u16) -> u8 {
    codepage::from_wide(upcase(unit))
}

fn oem_upcased(unit: u16) -> u8 {
    codepage::oem_from_wide(upcase(unit))
}

pages!(codepage::to_wide, codepage::from_wide, ansi_upcased,
    RtlAnsiStringToUnicodeString RtlUnicodeStringToAnsiString RtlUpcaseUnicodeStringToAnsiString
    RtlMultiByteToUnicodeN RtlUnicodeToMultiByteN RtlUpcaseUnicodeToMultiByteN
    RtlAnsiStringToUnicodeSize RtlxAnsiStringToUnicodeSize
    RtlUnicodeStringToAnsiSize RtlxUnicodeStringToAnsiSize RtlFreeAnsiString);
pages!(codepage::oem_to_wide, codepage::oem_from_wide, oem_upcased,
    RtlOemStringToUnicodeString RtlUnicodeStringToOemString RtlUpcaseUnicodeStringToOemString
    RtlOemToUnicodeN RtlUnicodeToOemN RtlUpcaseUnicodeToOemN
    RtlOemStringToUnicodeSize RtlxOemStringToUnicodeSize
    RtlUnicodeStringToOemSize RtlxUnicodeStringToOemSize RtlFreeOemString);

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
