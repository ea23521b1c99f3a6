//! Window stations, and who logs users on.
#![expect(unsafe_code, reason = "calls the kernel")]

use nt::NtStatus;
use nt::security::DIRECTORY_ALL_ACCESS;
use nt::types::Handle;

use crate::error::Error;
use crate::memory::Session;
use crate::ntoskrnl::{Pointer, PsGetCurrentProcessSessionId, SeSinglePrivilegeCheck, USER_MODE};
use crate::object::{self, Kind, Reference};
use crate::process::{self, Process, Slot};
use crate::{attributes, desktop};

/// Id of the process that logs users on; 0 for none.
static LOGON_PROCESS: Session<u64> = Session::new(0);
/// The window station with the user's screen, keyboard and mouse: the logon process's first.
static INTERACTIVE: Session<Option<Reference>> = Session::new(None);

/// Where window stations are, in session 0 and in the others.
const FIRST_DIRECTORY: &[u16] = nt::wide!(r"\Windows\WindowStations");
const SESSIONS: &[u16] = nt::wide!(r"\Sessions\");
/// Longest name of the directory: twenty digits are more than a session has.
const NAME_MAX: usize = SESSIONS.len() + 20 + FIRST_DIRECTORY.len();

/// Whether the caller has a privilege enabled.
pub fn has_privilege(number: u32) -> bool {
    // SAFETY: it takes numbers only.
    unsafe { SeSinglePrivilegeCheck(number.into(), USER_MODE) != 0 }
}

/// Makes the session's directory of window stations, if it is not there.
///
/// # Errors
/// OBJECT_PATH_NOT_FOUND when there is no directory for the session's windows; ACCESS_DENIED.
pub fn create_directory() -> Result<(), NtStatus> {
    // SAFETY: it takes nothing.
    let session = unsafe { PsGetCurrentProcessSessionId() };
    if session == 0 {
        return attributes::create_directory(FIRST_DIRECTORY, DIRECTORY_ALL_ACCESS);
    }
    let (mut name, mut len) = ([0; NAME_MAX], 0);
    let mut add = |units: &[u16]| {
        for (to, from) in name.iter_mut().skip(len).zip(units) {
            *to = *from;
            len += 1;
        }
    };
    let (mut digits, mut first, mut rest) = ([0; 10], 10, session);
    while rest > 0 && first > 0 {
        first -= 1;
        digits[first] = u16::from(b'0') + (rest % 10) as u16;
        rest /= 10;
    }
    add(SESSIONS);
    add(digits.get(first..).unwrap_or_default());
    add(FIRST_DIRECTORY);
    attributes::create_directory(name.get(..len).unwrap_or_default(), DIRECTORY_ALL_ACCESS)
}

/// A process says that it logs users on, or no longer does.
///
/// # Errors
/// ACCESS_DENIED when another process does.
pub fn register_logon_process(id: u64, registers: bool) -> Result<(), Error> {
    let before = LOGON_PROCESS.get();
    if before != 0 && before != id {
        return Err(Error::ACCESS_DENIED);
    }
    LOGON_PROCESS.replace(if registers { id } else { 0 });
    Ok(())
}

/// A process ends: the logon process's window station is nobody's any more.
pub fn process_ends(id: u64) {
    if LOGON_PROCESS.get() == id {
        LOGON_PROCESS.replace(0);
        drop(INTERACTIVE.replace(None));
        desktop::no_input();
    }
}

/// The interactive window station; 0 for none.
pub fn interactive() -> Pointer {
    let station = INTERACTIVE.replace(None);
    let pointer = station.as_ref().map_or(0, Reference::pointer);
    INTERACTIVE.replace(station);
    pointer
}

/// Makes or opens a window station.
///
/// # Errors
/// What the kernel says.
pub fn create(attributes: u64, access: u32) -> Result<u64, Error> {
    // Without the directory the look-up says that it is not there.
    let _ = create_directory();
    let (handle, is_new) = object::create(Kind::WindowStation, attributes, access)?;
    if is_new && process::current_id() == LOGON_PROCESS.get() && interactive() == 0 {
        drop(INTERACTIVE.replace(Some(Reference::of_handle(handle, Kind::WindowStation, 0)?)));
    }
    Ok(handle.0)
}

/// Opens a window station.
///
/// # Errors
/// What the kernel says.
pub fn open(attributes: u64, access: u32) -> Result<u64, Error> {
    Ok(object::open(Kind::WindowStation, attributes, access)?.0)
}

/// Closes a handle of a window station that is not the process's own.
///
/// # Errors
/// INVALID_HANDLE, BUSY.
pub fn close(handle: Handle) -> Result<(), Error> {
    let station = Reference::of_handle(handle, Kind::WindowStation, 0)?;
    let current = Process::current().ok_or(Error::INVALID_FUNCTION)?;
    if current.with_station(|slot| slot.handle == handle && slot.object.as_ref() == Some(&station)) {
        return Err(Error::BUSY);
    }
    Ok(object::close(handle)?)
}

/// Gives the caller's process a window station.
///
/// # Errors
/// INVALID_HANDLE.
pub fn set_of_process(handle: Handle) -> Result<(), Error> {
    let current = Process::current().ok_or(Error::INVALID_FUNCTION)?;
    let object = Some(Reference::of_handle(handle, Kind::WindowStation, 0)?);
    let before = current.with_station(|slot| core::mem::replace(slot, Slot { handle, object }));
    drop(before);
    Ok(())
}

/// The handle of the window station of the caller's process; 0 for none.
pub fn of_process() -> u64 {
    Process::current().map_or(0, |current| current.with_station(|slot| slot.handle.0))
}
