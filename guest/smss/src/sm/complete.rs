//! SessionComplete: a subsystem says that the last process of an SM session has gone (spec/smss.md 3.4).

use nt::NtStatus;
use nt::sm::{SbMessage, SbSession, SessionComplete, sb_api};
use rt::lpc::Port;

use super::listen::Busy;
use crate::subsystem::sb;
use crate::subsystem::table::TABLE;

/// Forgets the session. If another subsystem had asked for it, that one is told (ForeignSessionComplete).
///
/// # Errors
/// INVALID_PARAMETER: it is not a session of the caller's.
pub fn session(subsystem: u32, request: &SessionComplete) -> Result<(), NtStatus> {
    let creator = {
        let mut table = TABLE.lock();
        if table.sm_session(request.session).is_none_or(|session| session.owner != subsystem) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let session = table.remove_sm_session(request.session);
        session
            .and_then(|session| session.creator)
            .filter(|&creator| creator != subsystem)
            .and_then(|creator| table.port_to_tell(creator, request.session))
    };
    if let Some(port) = creator {
        tell(&port, request.session);
    }
    Ok(())
}

/// Tells a subsystem that a session that it has asked for has ended.
pub fn tell(port: &Port<SbMessage>, session: u32) {
    let _busy = Busy::new();
    let data = SbSession { session };
    // Whether it cares is its own business.
    let _ = sb::send(port, &mut SbMessage::new(sb_api::FOREIGN_SESSION_COMPLETE, &data));
}
