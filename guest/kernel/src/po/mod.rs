//! Power: the end of the system's run.

use hal::platform;
use hal::trace::{self, Phase};
use nt::platform::{PowerAction, PowerCommand, PowerReason};
use nt::security::privilege;
use nt::{NtStatus, events};

use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::{cm, io, se};

/// The services of this component.
pub mod services {
    pub use super::shutdown_system as NtShutdownSystem;
}

/// `NtShutdownSystem`: 0 no reboot, 1 reboot, 2 power off, for whoever has SeShutdownPrivilege. Does not return when
/// it succeeds.
pub fn shutdown_system(action: u32) -> NtResult {
    let (power, reason) = match action {
        0 => (PowerAction::Off, PowerReason::ShutdownNoReboot),
        1 => (PowerAction::Reset, PowerReason::ShutdownReboot),
        2 => (PowerAction::Off, PowerReason::ShutdownPowerOff),
        _ => return Err(NtStatus::INVALID_PARAMETER),
    };
    se::require(privilege::SHUTDOWN)?;
    cm::shutdown();
    io::shutdown();
    trace::event(events::PO_SHUTDOWN, Phase::Instant, sched::current_process_id(), [action.into(), 0]);
    platform::power(PowerCommand { action: power, reason })
}
