//! Statuses and Win32 errors; random numbers.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use rtlcore::{doserror, random};

use crate::peb::{set_last_status, teb};

/// The Win32 error of a status, which is remembered.
#[unsafe(no_mangle)]
extern "win64" fn RtlNtStatusToDosError(status: NtStatus) -> u32 {
    set_last_status(status);
    doserror::of(status)
}

/// The Win32 error of a status.
#[unsafe(no_mangle)]
extern "win64" fn RtlNtStatusToDosErrorNoTeb(status: NtStatus) -> u32 {
    doserror::of(status)
}

/// Makes a status the last one, and its Win32 error the last error.
#[unsafe(no_mangle)]
extern "win64" fn RtlSetLastWin32ErrorAndNtStatusFromNtStatus(status: NtStatus) -> u32 {
    let error = RtlNtStatusToDosError(status);
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).last_error_value = error };
    error
}

/// Sets the last Win32 error code: RtlSetLastWin32Error under its other name.
#[unsafe(no_mangle)]
extern "win64" fn RtlRestoreLastWin32Error(error: u32) {
    // SAFETY: the TEB is the calling thread's own.
    unsafe { (*teb()).last_error_value = error };
}

/// The next number of 31 bits, which is the next seed.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlUniform(seed: *mut u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        *seed = random::uniform(*seed);
        *seed
    }
}

/// The next number of 31 bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlRandom(seed: *mut u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let (number, next) = random::random(*seed);
        *seed = next;
        number
    }
}

/// The same, under its newer name.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlRandomEx(seed: *mut u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe { RtlRandom(seed) }
}
