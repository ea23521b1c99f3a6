//! Arguments in the memory that csrss shares.
#![expect(unsafe_code, reason = "exports by name; memory by NT's contract on pointers")]

use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::csr::CaptureBuffer;
use nt::types::UnicodeString;

use super::connect::heap;
use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};

/// Arguments begin at multiples of this.
const ALIGNMENT: u32 = 4;

/// The place for the place of a pointer.
///
/// # Safety
/// The buffer has room for that many pointers.
pub unsafe fn slot(buffer: *mut CaptureBuffer, index: u32) -> *mut u64 {
    // SAFETY: as the caller says.
    unsafe { buffer.add(1).cast::<u64>().add(index as usize) }
}

/// A buffer for so many arguments of so many bytes together. NULL: there is no connection or no memory.
#[unsafe(no_mangle)]
pub extern "win64" fn CsrAllocateCaptureBuffer(arguments: u32, size: u32) -> *mut CaptureBuffer {
    let head = size_of::<CaptureBuffer>() as u64 + 8 * u64::from(arguments);
    let total =
        (head + u64::from(size) + u64::from(arguments) * u64::from(ALIGNMENT - 1)).next_multiple_of(8);
    let Ok(bytes) = u32::try_from(total) else { return null_mut() };
    if heap() == 0 {
        return null_mut();
    }
    // SAFETY: the heap was made when the process connected.
    let address = unsafe { RtlAllocateHeap(heap(), 0, total) };
    if address == 0 {
        return null_mut();
    }
    let buffer = with_exposed_provenance_mut::<CaptureBuffer>(address as usize);
    // SAFETY: the block is new and large enough.
    unsafe {
        buffer.write(CaptureBuffer { size: bytes, end: address + head, ..CaptureBuffer::default() });
        slot(buffer, 0).write_bytes(0, arguments as usize);
    }
    buffer
}

/// Gives a buffer back.
///
/// # Safety
/// It is one of `CsrAllocateCaptureBuffer`'s.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn CsrFreeCaptureBuffer(buffer: *mut CaptureBuffer) {
    // SAFETY: as the caller says.
    unsafe { RtlFreeHeap(heap(), 0, buffer.expose_provenance() as u64) };
}

/// Room for an argument of so many bytes: its address goes to `pointer`, which lies in the message. Gives the bytes that it takes.
///
/// # Safety
/// The buffer was made for one more argument of that size.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn CsrAllocateMessagePointer(
    buffer: *mut CaptureBuffer,
    length: u32,
    pointer: *mut u64,
) -> u32 {
    let taken = length.next_multiple_of(ALIGNMENT);
    // SAFETY: as the caller says.
    unsafe {
        let index = (*buffer).pointers;
        (*buffer).pointers += 1;
        if length == 0 {
            *pointer = 0;
            *slot(buffer, index) = 0;
            return 0;
        }
        *pointer = (*buffer).end;
        (*buffer).end += u64::from(taken);
        *slot(buffer, index) = pointer.expose_provenance() as u64;
    }
    taken
}

/// Copies an argument into the buffer; NULL leaves room for what comes back.
///
/// # Safety
/// As above; `data` has that many bytes or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn CsrCaptureMessageBuffer(
    buffer: *mut CaptureBuffer,
    data: *const u8,
    length: u32,
    pointer: *mut u64,
) {
    // SAFETY: as the caller says.
    unsafe {
        CsrAllocateMessagePointer(buffer, length, pointer);
        if !data.is_null() && length != 0 {
            with_exposed_provenance_mut::<u8>(*pointer as usize)
                .copy_from_nonoverlapping(data, length as usize);
        }
    }
}

/// Copies a text into the buffer; the message's string describes it.
///
/// # Safety
/// As above; `string` lies in the message.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrCaptureMessageString(
    buffer: *mut CaptureBuffer,
    text: *const u8,
    length: u32,
    maximum: u32,
    string: *mut UnicodeString,
) {
    // SAFETY: as the caller says.
    unsafe {
        (*string).length = length as u16;
        (*string).maximum_length = maximum as u16;
        CsrAllocateMessagePointer(buffer, maximum, &raw mut (*string).buffer);
        if !text.is_null() && (*string).buffer != 0 {
            let to = with_exposed_provenance_mut::<u8>((*string).buffer as usize);
            to.copy_from_nonoverlapping(text, length.min(maximum) as usize);
        }
    }
}

/// Copies texts into a buffer, which is made if there is none; the strings, which lie in the message, describe the copies.
///
/// # Safety
/// As above; there are `count` strings, or NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrCaptureMessageMultiUnicodeStringsInPlace(
    buffer: *mut *mut CaptureBuffer,
    count: u32,
    strings: *const *mut UnicodeString,
) -> nt::NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let given = (0..count as usize).map(|index| *strings.add(index)).filter(|string| !string.is_null());
        if (*buffer).is_null() {
            let size = given.clone().map(|string| u32::from((*string).maximum_length)).sum();
            *buffer = CsrAllocateCaptureBuffer(count, size);
            if (*buffer).is_null() {
                return nt::NtStatus::NO_MEMORY;
            }
        }
        for string in given {
            let own = *string;
            let text = with_exposed_provenance_mut::<u8>(own.buffer as usize).cast_const();
            CsrCaptureMessageString(*buffer, text, own.length.into(), own.maximum_length.into(), string);
        }
    }
    nt::NtStatus::SUCCESS
}

/// A time-out of milliseconds as services take it: its place, or NULL for ever.
///
/// # Safety
/// `timeout` can be written.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrCaptureTimeout(milliseconds: u32, timeout: *mut i64) -> *mut i64 {
    if milliseconds == u32::MAX {
        return null_mut();
    }
    // SAFETY: as the caller says.
    unsafe { timeout.write(-10_000 * i64::from(milliseconds)) };
    timeout
}
