//! User memory of the caller.
#![expect(unsafe_code, reason = "calls the kernel")]

use nt::NtStatus;

use crate::ntoskrnl::{IoGetCurrentProcess, MmCopyVirtualMemory, USER_MODE};

/// Writes to the caller's memory.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn write(address: u64, bytes: &[u8]) -> Result<(), NtStatus> {
    let from = bytes.as_ptr().expose_provenance() as u64;
    let mut copied = 0;
    // SAFETY: the bytes and the count outlive the call; the kernel checks the user's address.
    unsafe {
        let process = IoGetCurrentProcess();
        MmCopyVirtualMemory(process, from, process, address, bytes.len() as u64, USER_MODE, &raw mut copied)
            .ok()
    }
}
