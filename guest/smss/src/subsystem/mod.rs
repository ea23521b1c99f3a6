//! Subsystems (spec/smss.md 1.3 steps 14 and 15, 3.3).

use nt::NtStatus;

use crate::init::Init;

/// Makes session space and loads win32k.sys into it, if there is a value `Kmode`.
///
/// # Errors
/// None so far.
pub fn kmode(_init: &mut Init) -> Result<(), NtStatus> {
    Ok(())
}

/// Starts the subsystems that `Required` names, in its order.
///
/// # Errors
/// None so far.
pub fn required(_init: &mut Init) -> Result<(), NtStatus> {
    Ok(())
}
