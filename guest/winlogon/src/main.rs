//! The logon process (spec/smss.md 5.7, 4.4): it makes the interactive window station, starts services.exe and lsass.exe where
//! there are such programs, accepts the boot, logs the one user on, and shuts the system down in order. When it ends in another
//! way, the session manager stops the system; it is not critical itself.
#![cfg_attr(target_os = "windows", no_std, no_main)]

extern crate alloc;

mod desktops;
mod options;
mod programs;
mod shutdown;
mod user;
mod wishes;

use nt::registry::initialize;
use nt::types::Handle;
use nt::{NtStatus, events};
use rt::process;
use rt::session::raise_hard_error;

use crate::shutdown::Wish;
use crate::wishes::Wishes;

rt::program!(start);

/// The control set that is accepted: the one that the system has been started with.
const ACCEPTED: u32 = initialize::ACCEPTED + 1;
/// OptionOk.
const OPTION_OK: u32 = 1;

fn start(_peb: usize) -> NtStatus {
    rt::trace(events::WINLOGON_INIT, b'B', [0; 2], "");
    let session = process::session(Handle::CURRENT_PROCESS).unwrap_or(0);
    let desktops = match desktops::create(session) {
        Ok(desktops) => desktops,
        Err(status) => {
            raise_hard_error(NtStatus::SYSTEM_PROCESS_TERMINATED, &[], OPTION_OK);
            return status;
        }
    };
    let system = programs::start_system(session);
    let wishes = Wishes::create(session);
    // Once is enough, and other sessions come too late: what it says does not matter.
    let _ = rt::system::initialize_registry(ACCEPTED);
    rt::trace(events::WINLOGON_INIT, b'E', [0; 2], "");
    let wish = match session == 0 && options::nobody_logs_on() {
        true => Wish::POWER_OFF,
        false => user::log_on(&desktops, &wishes),
    };
    desktops.switch_to_own();
    shutdown::carry_out(wish, &system)
}
