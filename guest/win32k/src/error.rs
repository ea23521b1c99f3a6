//! How services fail that return a handle or a BOOL: zero, with the error in the TEB (`GetLastError`).
#![expect(unsafe_code, reason = "asks the kernel where the TEB is")]

use nt::NtStatus;
use nt::layout::teb;

use crate::ntoskrnl::PsGetCurrentThreadTeb;
use crate::user;

/// A Win32 error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(u32);

impl Error {
    /// ERROR_INVALID_FUNCTION.
    pub const INVALID_FUNCTION: Self = Self(1);
    /// ERROR_ACCESS_DENIED.
    pub const ACCESS_DENIED: Self = Self(5);
    /// ERROR_INVALID_HANDLE.
    pub const INVALID_HANDLE: Self = Self(6);
    /// ERROR_INVALID_PARAMETER.
    pub const INVALID_PARAMETER: Self = Self(87);
    /// ERROR_BUSY.
    pub const BUSY: Self = Self(170);
}

impl From<NtStatus> for Error {
    /// The error that Microsoft documents for the status, of those that come up here.
    fn from(status: NtStatus) -> Self {
        Self(match status {
            NtStatus::OBJECT_NAME_NOT_FOUND => 2,
            NtStatus::OBJECT_PATH_NOT_FOUND => 3,
            NtStatus::ACCESS_DENIED => 5,
            NtStatus::INVALID_HANDLE | NtStatus::OBJECT_TYPE_MISMATCH => 6,
            NtStatus::NO_MEMORY => 8,
            NtStatus::INVALID_PARAMETER => 87,
            NtStatus::OBJECT_NAME_INVALID => 123,
            NtStatus::OBJECT_PATH_SYNTAX_BAD => 161,
            NtStatus::OBJECT_NAME_COLLISION => 183,
            NtStatus::ACCESS_VIOLATION => 998,
            NtStatus::PRIVILEGE_NOT_HELD => 1314,
            NtStatus::INSUFFICIENT_RESOURCES => 1450,
            // ERROR_MR_MID_NOT_FOUND stands for a status without an error of its own.
            _ => 317,
        })
    }
}

/// What a service returns: the value, or zero with the error in the TEB.
pub fn value(result: Result<u64, Error>) -> u64 {
    result.unwrap_or_else(|Error(error)| {
        // SAFETY: it takes nothing.
        let teb = unsafe { PsGetCurrentThreadTeb() };
        // A caller who took the page away reads no error either.
        let _ = user::write(teb + teb::LAST_ERROR_VALUE, &error.to_le_bytes());
        0
    })
}

/// The same for a BOOL.
pub fn boolean(result: Result<(), Error>) -> u64 {
    value(result.map(|()| 1))
}
