//! The wait for csrss and for the initial command (spec/smss.md 1.3 step 19).

use nt::events;
use rt::ShutdownAction;

use crate::init::Init;
use crate::initial::Initial;

/// Waits for as long as the system lives.
pub fn for_ever(_init: &Init, _initial: &Initial) -> ! {
    rt::trace(events::SMSS_SESSION_READY, b'I', [0; 2], "");
    rt::shutdown(ShutdownAction::PowerOff);
    rt::wait_for_ever()
}
