//! Object directories, `\Sessions`, and the event of step 1.

use nt::NtStatus;
use nt::security::{DIRECTORY_ALL_ACCESS, EVENT_ALL_ACCESS};
use rt::handle::Owned;
use rt::objects::{self, Name, OPEN_IF, PERMANENT};

/// Makes a permanent directory, or opens the one that is there.
///
/// # Errors
/// What `NtCreateDirectoryObject` says.
pub fn permanent(path: &[u16], descriptor: &[u8]) -> Result<Owned, NtStatus> {
    let name = Name::new(path).with(PERMANENT | OPEN_IF).described(descriptor);
    objects::create_directory(&name, DIRECTORY_ALL_ACCESS)
}

/// Step 1: `\Device\VolumesSafeForWriteAccess`, not signalled.
///
/// # Errors
/// What `NtCreateEvent` says.
pub fn volumes_safe(descriptor: &[u8]) -> Result<Owned, NtStatus> {
    let name = Name::new(nt::wide!(r"\Device\VolumesSafeForWriteAccess"));
    objects::create_event(&name.with(PERMANENT).described(descriptor), EVENT_ALL_ACCESS)
}
