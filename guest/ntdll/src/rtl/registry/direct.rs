//! RTL_QUERY_REGISTRY_DIRECT: a value's data goes to the caller's variable, in a shape that its type decides.
#![expect(unsafe_code, reason = "the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::registry::value_type;
use nt::types::UnicodeString;

use crate::rtl::raw::{allocate, copy};

/// Most bytes that go to a variable as they are.
const PLAIN: usize = size_of::<u32>();
/// Longest data of a string.
const LONGEST: usize = 0xFFFE;

/// Stores data. Strings go to a UNICODE_STRING, which gets a buffer if it has none; up to four bytes go to the
/// variable; more go to a buffer whose first ULONG says its size, negative for data alone, positive for length, type
/// and data.
///
/// # Safety
/// `variable` is what the type needs; there are so many bytes of data.
pub unsafe fn store(variable: *mut u8, value_type: u32, data: *const u8, length: usize) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        match value_type {
            value_type::SZ | value_type::EXPAND_SZ | value_type::MULTI_SZ => {
                store_string(variable.cast(), data, length)
            }
            _ if length <= PLAIN => {
                copy(variable, data, length);
                NtStatus::SUCCESS
            }
            _ => store_large(variable, value_type, data, length),
        }
    }
}

/// # Safety
/// As [`store`].
unsafe fn store_string(string: *mut UnicodeString, data: *const u8, length: usize) -> NtStatus {
    let length = length.min(LONGEST) & !1;
    // SAFETY: as the caller says.
    unsafe {
        let string = &mut *string;
        if string.buffer == 0 {
            let Some(buffer) = allocate::<u8>(length.max(2)) else {
                return NtStatus::NO_MEMORY;
            };
            buffer.cast::<u16>().write_unaligned(0);
            string.buffer = buffer.expose_provenance() as u64;
            string.maximum_length = length.max(2) as u16;
        } else if length > usize::from(string.maximum_length) {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        copy(with_exposed_provenance_mut::<u8>(string.buffer as usize), data, length);
        // The NUL, if the data has one, does not count.
        let has_nul = length >= 2 && data.add(length - 2).cast::<u16>().read_unaligned() == 0;
        string.length = length as u16 - if has_nul { 2 } else { 0 };
    }
    NtStatus::SUCCESS
}

/// # Safety
/// As [`store`].
unsafe fn store_large(buffer: *mut u8, value_type: u32, data: *const u8, length: usize) -> NtStatus {
    const HEAD: usize = 2 * size_of::<u32>();
    // SAFETY: as the caller says.
    unsafe {
        let size = buffer.cast::<i32>().read_unaligned();
        let (room, head) = (size.unsigned_abs() as usize, if size < 0 { 0 } else { HEAD });
        if room < head + length {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        copy(buffer.add(head), data, length);
        if head > 0 {
            buffer.cast::<[u32; 2]>().write_unaligned([length as u32, value_type]);
        }
    }
    NtStatus::SUCCESS
}
