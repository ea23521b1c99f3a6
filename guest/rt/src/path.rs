//! DOS paths and the current directory, by ntdll's rules.
#![expect(unsafe_code, reason = "calls ntdll")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::UnicodeString;

use crate::ntdll::{RtlDosPathNameToNtPathName_U, RtlFreeUnicodeString};
use crate::text::{Terminated, string_of};

/// Longest path, in UTF-16 units.
const MAX: usize = 512;

#[cfg(target_os = "windows")]
#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn RtlGetFullPathName_U(path: *const u16, size: u32, buffer: *mut u16, part: *mut u64) -> u32;
    fn RtlGetCurrentDirectory_U(size: u32, buffer: *mut u16) -> u32;
    fn RtlSetCurrentDirectory_U(path: *const UnicodeString) -> NtStatus;
}

/// There is no ntdll on the host.
#[cfg(not(target_os = "windows"))]
#[expect(non_snake_case, reason = "NT's names")]
mod absent {
    use super::{NtStatus, UnicodeString};
    pub(super) unsafe fn RtlGetFullPathName_U(_: *const u16, _: u32, _: *mut u16, _: *mut u64) -> u32 {
        0
    }
    pub(super) unsafe fn RtlGetCurrentDirectory_U(_: u32, _: *mut u16) -> u32 {
        0
    }
    pub(super) unsafe fn RtlSetCurrentDirectory_U(_: *const UnicodeString) -> NtStatus {
        NtStatus::NOT_IMPLEMENTED
    }
}
#[cfg(not(target_os = "windows"))]
use absent::*;

/// A text that a function writes, of which it tells the length in bytes.
fn written(write: impl FnOnce(u32, *mut u16) -> u32) -> Option<Vec<u16>> {
    let mut buffer = alloc::vec![0_u16; MAX];
    let units = write((MAX * 2) as u32, buffer.as_mut_ptr()) as usize / 2;
    buffer.truncate(units);
    (units > 0 && units < MAX).then_some(buffer)
}

/// The full DOS path: `C:\folder\file`, or `\\.\COM1` for the name of a device.
pub fn full(path: &[u16]) -> Option<Vec<u16>> {
    let path = Terminated::new(path);
    // SAFETY: the path is terminated; the buffer has the size that is told.
    written(|size, buffer| unsafe { RtlGetFullPathName_U(path.start(), size, buffer, core::ptr::null_mut()) })
}

/// The NT path of a DOS path: `\??\C:\folder\file`.
pub fn to_nt(path: &[u16]) -> Option<Vec<u16>> {
    let path = Terminated::new(path);
    let (mut name, mut part) = (string_of(&[]), 0);
    // SAFETY: the path is terminated; what is made here is freed below.
    if unsafe { RtlDosPathNameToNtPathName_U(path.start(), &raw mut name, &raw mut part, 0) } == 0 {
        return None;
    }
    let start = core::ptr::with_exposed_provenance::<u16>(name.buffer as usize);
    // SAFETY: a successful call leaves a string of that length at that address; nobody refers to it afterwards.
    unsafe {
        let text = core::slice::from_raw_parts(start, usize::from(name.length) / 2).to_vec();
        RtlFreeUnicodeString(&raw mut name);
        Some(text)
    }
}

/// The current directory, with a backslash at its end.
pub fn current() -> Vec<u16> {
    // SAFETY: the buffer has the size that is told.
    written(|size, buffer| unsafe { RtlGetCurrentDirectory_U(size, buffer) }).unwrap_or_default()
}

/// Changes the current directory.
///
/// # Errors
/// What `RtlSetCurrentDirectory_U` says.
pub fn set_current(path: &[u16]) -> Result<(), NtStatus> {
    let path = string_of(path);
    // SAFETY: the path outlives the call.
    unsafe { RtlSetCurrentDirectory_U(&raw const path) }.ok()
}
