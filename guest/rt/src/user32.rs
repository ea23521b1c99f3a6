//! Window stations and desktops: the part of user32 that the logon process needs. Its stubs go to win32k, not to
//! ntdll (`nt::syscall::win32k`).
#![expect(unsafe_code, reason = "calls win32k's services")]

use nt::NtStatus;
#[cfg(target_os = "windows")]
use nt::syscall::win32k;
use nt::types::Handle;

use crate::objects::Name;

/// There is no win32k on the host.
#[cfg(not(target_os = "windows"))]
mod win32k {
    use nt::service::args::*;

    macro_rules! absent {
        ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
            $(
                #[allow(dead_code, clippy::too_many_arguments, clippy::allow_attributes, reason = "not all are used")]
                pub unsafe fn $name($(_: $type),*) -> u64 {
                    0
                }
            )*
        };
    }
    nt::for_each_win32k_service!(absent);
}

/// What a service returned: a handle or TRUE, or what it is for to have failed.
fn outcome(value: u64) -> Result<Handle, NtStatus> {
    // A service that there is not returns its status.
    match value {
        0 => Err(NtStatus::UNSUCCESSFUL),
        status if NtStatus(status as u32).is_error() => Err(NtStatus(status as u32)),
        handle => Ok(Handle(handle)),
    }
}

/// Says that the process of that id logs users on. Takes SeTcbPrivilege.
///
/// # Errors
/// UNSUCCESSFUL when another one does; INVALID_SYSTEM_SERVICE without win32k.
pub fn register_logon_process(id: u64) -> Result<(), NtStatus> {
    let routine = nt::win32k::two_param::REGISTER_LOGON_PROCESS;
    // SAFETY: it takes numbers only.
    outcome(unsafe { win32k::NtUserCallTwoParam(id, 1, routine) }).map(drop)
}

/// Makes or opens a window station.
///
/// # Errors
/// UNSUCCESSFUL, INVALID_SYSTEM_SERVICE.
pub fn create_window_station(name: &Name<'_>, access: u32) -> Result<Handle, NtStatus> {
    use nt::types::UserPtr;
    // SAFETY: `pass` passes what lives through the call; so it is below.
    outcome(name.pass(|name| unsafe {
        win32k::NtUserCreateWindowStation(name, access, Handle::NULL, 0, 0, UserPtr::new(0), 0)
    }))
}

/// Gives the process a window station.
///
/// # Errors
/// UNSUCCESSFUL, INVALID_SYSTEM_SERVICE.
pub fn set_process_window_station(station: Handle) -> Result<(), NtStatus> {
    // SAFETY: it takes a handle only.
    outcome(unsafe { win32k::NtUserSetProcessWindowStation(station) }).map(drop)
}

/// Makes or opens a desktop.
///
/// # Errors
/// UNSUCCESSFUL, INVALID_SYSTEM_SERVICE.
pub fn create_desktop(name: &Name<'_>, access: u32) -> Result<Handle, NtStatus> {
    use nt::types::UserPtr;
    // SAFETY: as above.
    outcome(name.pass(|name| unsafe { win32k::NtUserCreateDesktop(name, UserPtr::new(0), 0, 0, access) }))
}

/// Gives the calling thread a desktop of its process's window station.
///
/// # Errors
/// UNSUCCESSFUL, INVALID_SYSTEM_SERVICE.
pub fn set_thread_desktop(desktop: Handle) -> Result<(), NtStatus> {
    // SAFETY: it takes a handle only.
    outcome(unsafe { win32k::NtUserSetThreadDesktop(desktop) }).map(drop)
}

/// Gives a desktop the user's input.
///
/// # Errors
/// UNSUCCESSFUL, INVALID_SYSTEM_SERVICE.
pub fn switch_desktop(desktop: Handle) -> Result<(), NtStatus> {
    // SAFETY: it takes a handle only.
    outcome(unsafe { win32k::NtUserSwitchDesktop(desktop) }).map(drop)
}
