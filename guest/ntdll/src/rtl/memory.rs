//! Memory, under Rtl names, and bytes in another order.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr;

use super::raw::{copy, slice, slice_mut};

/// How many bytes are the same from the beginning on.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCompareMemory(a: *const u8, b: *const u8, len: usize) -> usize {
    // SAFETY: as the caller says.
    let (a, b) = unsafe { (slice(a, len), slice(b, len)) };
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// How many bytes, in ULONGs, have that value from the beginning on.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCompareMemoryUlong(memory: *const u32, len: usize, value: u32) -> usize {
    // SAFETY: as the caller says.
    unsafe { slice(memory, len / 4) }.iter().take_while(|&&other| other == value).count() * 4
}

/// Fills bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFillMemory(memory: *mut u8, len: usize, value: u8) {
    // SAFETY: as the caller says.
    unsafe { ptr::write_bytes(memory, value, len) };
}

/// Fills ULONGs; the length is in bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFillMemoryUlong(memory: *mut u32, len: usize, value: u32) {
    // SAFETY: as the caller says.
    unsafe { slice_mut(memory, len / 4) }.fill(value);
}

/// Fills bytes with zeros.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlZeroMemory(memory: *mut u8, len: usize) {
    // SAFETY: as the caller says.
    unsafe { ptr::write_bytes(memory, 0, len) };
}

/// Copies bytes; the ranges may overlap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlMoveMemory(to: *mut u8, from: *const u8, len: usize) {
    // SAFETY: as the caller says.
    unsafe { copy(to, from, len) };
}

/// Copies bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCopyMemory(to: *mut u8, from: *const u8, len: usize) {
    // SAFETY: as the caller says.
    unsafe { copy(to, from, len) };
}

/// With its bytes in the other order.
#[unsafe(no_mangle)]
extern "win64" fn RtlUshortByteSwap(value: u16) -> u16 {
    value.swap_bytes()
}

/// With its bytes in the other order.
#[unsafe(no_mangle)]
extern "win64" fn RtlUlongByteSwap(value: u32) -> u32 {
    value.swap_bytes()
}

/// With its bytes in the other order.
#[unsafe(no_mangle)]
extern "win64" fn RtlUlonglongByteSwap(value: u64) -> u64 {
    value.swap_bytes()
}

/// Goes on with a CRC-32, polynomial 0x04C11DB7 as Ethernet has it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlComputeCrc32(before: u32, bytes: *const u8, len: u32) -> u32 {
    // SAFETY: as the caller says.
    let bytes = unsafe { slice(bytes, len as usize) };
    let crc = bytes.iter().fold(!before, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 != 0 { 0xEDB8_8320 } else { 0 })
    });
    !crc
}
