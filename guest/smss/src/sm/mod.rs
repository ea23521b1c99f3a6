//! The session manager's port (spec/smss.md 3).

use nt::NtStatus;

use crate::init::Init;

/// Makes `\SmApiPort` and the threads that listen to it.
///
/// # Errors
/// None so far.
pub fn start(_init: &mut Init) -> Result<(), NtStatus> {
    Ok(())
}
