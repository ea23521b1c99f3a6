//! The interactive window station with its desktops.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::Handle;
use nt::win32k::access::{DESKTOP_ALL_ACCESS, WINSTA_ALL_ACCESS};
use nt::winlogon::{DESKTOPS, WINDOW_STATION};
use rt::objects::{Name, OPEN_IF};
use rt::{process, user32};

/// The desktops. Their handles keep them.
#[derive(Debug)]
pub struct Desktops {
    own: Handle,
    users: Handle,
}

/// Makes the window station with its desktops, and goes to the logon process's own.
///
/// # Errors
/// INVALID_SYSTEM_SERVICE without win32k, UNSUCCESSFUL.
pub fn create(session: u32) -> Result<Desktops, NtStatus> {
    user32::register_logon_process(process::basic(Handle::CURRENT_PROCESS)?.unique_process_id)?;
    let path = station_path(session);
    let name = Name::new(&path).with(OPEN_IF);
    let station = user32::create_window_station(&name, WINSTA_ALL_ACCESS)?;
    user32::set_process_window_station(station)?;
    let mut desktops = [Handle::NULL; DESKTOPS.len()];
    for (desktop, name) in desktops.iter_mut().zip(DESKTOPS) {
        let name: Vec<u16> = name.encode_utf16().collect();
        let name = Name::new(&name).with(OPEN_IF).below(station);
        *desktop = user32::create_desktop(&name, DESKTOP_ALL_ACCESS)?;
    }
    let [own, users, _] = desktops;
    user32::set_thread_desktop(own)?;
    let desktops = Desktops { own, users };
    desktops.switch_to_own();
    Ok(desktops)
}

impl Desktops {
    /// Nobody sees but the logon process.
    pub fn switch_to_own(&self) {
        // There is no screen that would show which desktop it is.
        let _ = user32::switch_desktop(self.own);
    }

    /// The user is logged on.
    pub fn switch_to_users(&self) {
        let _ = user32::switch_desktop(self.users);
    }
}

/// Where the window station of a session is.
fn station_path(session: u32) -> Vec<u16> {
    let mut path = Vec::with_capacity(80);
    if session != 0 {
        path.extend_from_slice(nt::wide!(r"\Sessions\"));
        decimal(&mut path, session);
    }
    path.extend_from_slice(nt::wide!(r"\Windows\WindowStations\"));
    path.extend(WINDOW_STATION.encode_utf16());
    path
}

fn decimal(text: &mut Vec<u16>, number: u32) {
    let mut unit = 1_000_000_000;
    while unit > 0 {
        if number >= unit || unit == 1 {
            text.push(u16::from(b'0') + (number / unit % 10) as u16);
        }
        unit /= 10;
    }
}
