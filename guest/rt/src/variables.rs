//! The process's own environment variables, which its children inherit.
#![expect(unsafe_code, reason = "calls ntdll")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::UnicodeString;

use crate::ntdll::{RtlExpandEnvironmentStrings_U, RtlSetEnvironmentVariable};
use crate::text::string_of;

/// Sets a variable.
///
/// # Errors
/// What `RtlSetEnvironmentVariable` says.
pub fn set(name: &[u16], value: &[u16]) -> Result<(), NtStatus> {
    let (name, value) = (string_of(name), string_of(value));
    // SAFETY: name and value outlive the call; NULL is the process's own environment.
    unsafe { RtlSetEnvironmentVariable(core::ptr::null_mut(), &raw const name, &raw const value) }.ok()
}

/// A text with the values of the variables that it names between `%`; unknown ones stay.
///
/// # Errors
/// What `RtlExpandEnvironmentStrings_U` says.
pub fn expand(text: &[u16]) -> Result<Vec<u16>, NtStatus> {
    let mut room = alloc::vec![0_u16; text.len() + 260];
    loop {
        let mut needed = 0;
        let maximum_length = (room.len() * 2).min(0xFFFE) as u16;
        let buffer = room.as_mut_ptr().expose_provenance() as u64;
        let mut to = UnicodeString { length: 0, maximum_length, reserved: 0, buffer };
        let text = string_of(text);
        // SAFETY: text, buffer and length outlive the call; the buffer's size is told.
        let status =
            unsafe { RtlExpandEnvironmentStrings_U(0, &raw const text, &raw mut to, &raw mut needed) };
        let needed = needed as usize / 2;
        if status == NtStatus::BUFFER_TOO_SMALL && needed > room.len() {
            room.resize(needed, 0);
            continue;
        }
        status.ok()?;
        room.truncate(usize::from(to.length) / 2);
        return Ok(room);
    }
}
