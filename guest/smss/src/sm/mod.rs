//! The session manager's port (spec/smss.md 3): who connects to it, and what they ask.

mod clients;
mod complete;
mod connect;
pub mod csr;
mod deferred;
mod dispatch;
pub mod exec;
mod listen;
mod port;

use nt::NtStatus;

use crate::init::Init;

pub use port::NAME;

/// Makes `\SmApiPort` and the two threads that listen to it.
///
/// # Errors
/// What making port and threads says.
pub fn start(_init: &mut Init) -> Result<(), NtStatus> {
    let port = port::create()?;
    listen::start(port)
}
