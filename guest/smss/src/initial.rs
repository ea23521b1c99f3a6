//! The initial command (spec/smss.md 1.3 steps 16 and 18).

use nt::NtStatus;

use crate::init::Init;

/// The process of the initial command; none when there is nothing to start yet.
#[derive(Debug)]
pub struct Initial;

/// Chooses the initial command, and runs the lines of `Execute`.
///
/// # Errors
/// None so far.
pub fn choose(init: &mut Init) -> Result<(), NtStatus> {
    init.initial_command = nt::wide!("winlogon.exe").to_vec();
    Ok(())
}

/// Starts it.
///
/// # Errors
/// None so far.
pub fn start(_init: &Init) -> Result<Initial, NtStatus> {
    Ok(Initial)
}
