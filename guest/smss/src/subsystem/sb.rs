//! What the session manager asks of subsystems (spec/smss.md 3.5).

use alloc::sync::Arc;

use nt::NtStatus;
use nt::sm::SbMessage;
use rt::handle::Owned;
use rt::lpc::Port;

use super::table::Subsystem;

/// How to speak to a subsystem.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Which one.
    pub id: u32,
    /// MU session that it is in.
    pub mu_session: u32,
    /// Its process.
    pub process: Arc<Owned>,
    /// Its port, if it let the session manager in.
    pub port: Option<Arc<Port<SbMessage>>>,
}

impl Contact {
    /// That of a subsystem whose process has been made.
    pub fn of(subsystem: &Subsystem) -> Option<Self> {
        let (process, _) = subsystem.process.as_ref()?;
        Some(Self {
            id: subsystem.id,
            mu_session: subsystem.mu_session,
            process: process.clone(),
            port: subsystem.port.clone(),
        })
    }
}

/// Sends a message and takes the answer.
///
/// # Errors
/// What the port or the subsystem says.
pub fn send(port: &Port<SbMessage>, message: &mut SbMessage) -> Result<(), NtStatus> {
    port.request(message)?;
    NtStatus(message.status).ok()
}
