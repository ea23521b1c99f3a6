//! Subsystems and the sessions that they live in (spec/smss.md 1.3 steps 14 and 15, 3.3).

pub mod configuration;
pub mod end;
mod posix;
pub mod sb;
pub mod start;
pub mod table;

use nt::NtStatus;
use nt::security::privilege;

use self::start::New;
use crate::init::Init;

/// The window manager, wherever `Kmode` says that it is (step 14).
const WINDOW_MANAGER: &[u16] = nt::wide!(r"\SystemRoot\System32\win32k.sys");
/// The value that says that there is one.
const KMODE: &[u16] = nt::wide!("Kmode");
/// The subsystem that does nothing (step 15).
const DEBUG: &[u16] = nt::wide!("Debug");

/// Makes session space and loads win32k.sys into it, if there is a value `Kmode` (step 14).
///
/// # Errors
/// OBJECT_NAME_INVALID: the value is no path; what making the session and loading say.
pub fn kmode(init: &mut Init) -> Result<(), NtStatus> {
    if init.settings.subsystems.find(KMODE).is_none() {
        return Ok(());
    }
    make_session(init).map(drop)
}

/// Makes a session and puts the session manager into it, with the window manager if there is to be one. Its id.
///
/// # Errors
/// As [`kmode`].
pub fn make_session(init: &Init) -> Result<u32, NtStatus> {
    let kmode = init.settings.subsystems.find(KMODE);
    if kmode.is_some_and(|entry| !is_path(&entry.value)) {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    rt::adjust_privilege(privilege::LOAD_DRIVER, true)?;
    let session = rt::session::create()?;
    if kmode.is_some()
        && let Err(status) = rt::session::load_window_manager(WINDOW_MANAGER)
    {
        let _ = rt::session::detach(session);
        return Err(status);
    }
    Ok(session)
}

/// Whether a text can be a DOS path: not empty, no NUL in it.
fn is_path(text: &[u16]) -> bool {
    !text.is_empty() && !text.contains(&0)
}

/// Starts the subsystems that `Required` names, in its order (step 15).
///
/// # Errors
/// That of the first one that cannot be started.
pub fn required(init: &mut Init) -> Result<(), NtStatus> {
    configuration::set(init);
    start_required(init, 0)
}

/// Starts them in a session.
///
/// # Errors
/// As [`required`].
pub fn start_required(init: &Init, mu_session: u32) -> Result<(), NtStatus> {
    for entry in init.settings.required.entries() {
        if !smgrammar::same(&entry.name, DEBUG) {
            start::subsystem(
                init,
                &New { name: &entry.name, line: &entry.value, mu_session, deferred: false },
            )?;
        }
    }
    Ok(())
}
