//! Files, as far as the console reads one.
#![expect(unsafe_code, reason = "calls system services")]

use core::ptr::{null, null_mut};

use nt::NtStatus;
use nt::file::{access, option, share};
use nt::types::{Handle, IoStatusBlock};
use rt::handle::Owned;

use crate::import;
use crate::object::New;

/// Opens a file to be read; services wait for it.
///
/// # Errors
/// What `NtOpenFile` says.
pub fn open(name: &[u16]) -> Result<Owned, NtStatus> {
    let mut status = IoStatusBlock::default();
    New::named(name).make(|to, name| {
        let wanted = access::SYNCHRONIZE | access::READ_DATA;
        // SAFETY: what is passed lives through the call.
        unsafe {
            import::NtOpenFile(
                to,
                wanted,
                name,
                &raw mut status,
                share::READ | share::WRITE,
                option::SYNCHRONOUS_IO_NONALERT,
            )
        }
    })
}

/// Reads the next byte.
///
/// # Errors
/// What `NtReadFile` says; END_OF_FILE when there is none.
pub fn read_byte(file: &Owned) -> Result<u8, NtStatus> {
    let (mut byte, mut status) = (0_u8, IoStatusBlock::default());
    // SAFETY: both places outlive the call, which waits.
    unsafe {
        import::NtReadFile(
            file.get(),
            Handle::NULL,
            0,
            0,
            &raw mut status,
            &raw mut byte,
            1,
            null(),
            null_mut(),
        )
    }
    .ok()?;
    if status.information == 1 { Ok(byte) } else { Err(NtStatus::END_OF_FILE) }
}
