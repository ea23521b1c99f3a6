//! Boot status data: what a boot leaves for the next one.
#![expect(unsafe_code, reason = "calls ntdll")]

use nt::NtStatus;
use nt::types::Handle;

use crate::ntdll::{RtlGetSetBootStatusData, RtlLockBootStatusData, RtlUnlockBootStatusData};

/// RtlBsdItemBootGood.
const GOOD: u32 = 4;
/// RtlBsdItemBootShutdown.
const SHUTDOWN: u32 = 5;

/// What was saved. Dropping it restores it.
#[derive(Debug)]
pub struct Saved {
    file: Handle,
    good: Option<u8>,
    shutdown: Option<u8>,
}

/// Saves the two flags of a good boot and an orderly shutdown, and clears them as long as a check of disks runs.
///
/// # Errors
/// What `RtlLockBootStatusData` says: most systems have no such file.
pub fn save() -> Result<Saved, NtStatus> {
    let mut file = Handle::NULL;
    // SAFETY: the place outlives the call.
    unsafe { RtlLockBootStatusData(&raw mut file) }.ok()?;
    let saved = Saved { file, good: flag(file, GOOD), shutdown: flag(file, SHUTDOWN) };
    set(file, GOOD, Some(0));
    set(file, SHUTDOWN, Some(0));
    Ok(saved)
}

fn flag(file: Handle, item: u32) -> Option<u8> {
    let (mut flag, mut returned) = (0_u8, 0_u32);
    // SAFETY: both places outlive the call; the size is told.
    let status = unsafe { RtlGetSetBootStatusData(file, 1, item, &raw mut flag, 1, &raw mut returned) };
    status.is_success().then_some(flag)
}

fn set(file: Handle, item: u32, flag: Option<u8>) {
    if let Some(mut flag) = flag {
        let mut returned = 0_u32;
        // SAFETY: both places outlive the call; the size is told. What cannot be written stays as it is.
        unsafe { RtlGetSetBootStatusData(file, 0, item, &raw mut flag, 1, &raw mut returned) };
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        set(self.file, GOOD, self.good);
        set(self.file, SHUTDOWN, self.shutdown);
        // SAFETY: the handle is that of `save`, and goes with this.
        unsafe { RtlUnlockBootStatusData(self.file) };
    }
}
