//! Desktops, and which of them has the user's input.

use nt::types::Handle;
use nt::win32k::access::DESKTOP_SWITCHDESKTOP;

use crate::error::Error;
use crate::memory::Session;
use crate::object::{self, Kind, Reference};
use crate::process::{self, Process, Slot};
use crate::station;

/// OBJ_INHERIT.
const INHERIT: u32 = 2;

/// The desktop with the user's input.
static INPUT: Session<Option<Reference>> = Session::new(None);

/// There is no desktop with the user's input any more.
pub fn no_input() {
    drop(INPUT.replace(None));
}

/// Makes or opens a desktop.
///
/// # Errors
/// What the kernel says.
pub fn create(attributes: u64, access: u32) -> Result<u64, Error> {
    Ok(object::create(Kind::Desktop, attributes, access)?.0.0)
}

/// Opens a desktop.
///
/// # Errors
/// What the kernel says.
pub fn open(attributes: u64, access: u32) -> Result<u64, Error> {
    Ok(object::open(Kind::Desktop, attributes, access)?.0)
}

/// Opens the desktop with the user's input, for processes of its window station.
///
/// # Errors
/// INVALID_FUNCTION for others, INVALID_HANDLE when there is none, and what the kernel says.
pub fn open_input(inherit: bool, access: u32) -> Result<u64, Error> {
    let current = Process::current().ok_or(Error::INVALID_FUNCTION)?;
    let own = current.with_station(|slot| slot.object.as_ref().map_or(0, Reference::pointer));
    if own == 0 || own != station::interactive() {
        return Err(Error::INVALID_FUNCTION);
    }
    let Some(desktop) = INPUT.replace(None) else { return Err(Error::INVALID_HANDLE) };
    let opened = desktop.open(Kind::Desktop, if inherit { INHERIT } else { 0 }, access);
    INPUT.replace(Some(desktop));
    Ok(opened?.0)
}

/// Closes a handle of a desktop that no thread of the process uses.
///
/// # Errors
/// INVALID_HANDLE, BUSY.
pub fn close(handle: Handle) -> Result<(), Error> {
    let desktop = Reference::of_handle(handle, Kind::Desktop, 0)?;
    let current = Process::current().ok_or(Error::INVALID_FUNCTION)?;
    if current.uses_desktop(&desktop) {
        return Err(Error::BUSY);
    }
    Ok(object::close(handle)?)
}

/// Gives the calling thread a desktop of its process's window station.
///
/// # Errors
/// INVALID_HANDLE, ACCESS_DENIED for a desktop of another window station.
pub fn set_of_thread(handle: Handle) -> Result<(), Error> {
    let current = Process::current().ok_or(Error::INVALID_FUNCTION)?;
    let desktop = Reference::of_handle(handle, Kind::Desktop, 0)?;
    let own = current.with_station(|slot| slot.object.as_ref().map_or(0, Reference::pointer));
    if own == 0 || desktop.owner() != own {
        return Err(Error::ACCESS_DENIED);
    }
    let new = Slot { handle, object: Some(desktop) };
    let before = current.with_desktop(process::current_thread_id(), |slot| core::mem::replace(slot, new));
    drop(before);
    Ok(())
}

/// The handle of the desktop of a thread of the caller's process; 0 for none.
///
/// # Errors
/// INVALID_PARAMETER for another thread, or one that is no GUI thread.
pub fn of_thread(thread: u64) -> Result<u64, Error> {
    let current = Process::current().ok_or(Error::INVALID_FUNCTION)?;
    current.with_desktop(thread, |slot| slot.handle.0).ok_or(Error::INVALID_PARAMETER)
}

/// Gives a desktop of the interactive window station the user's input.
///
/// # Errors
/// INVALID_HANDLE, ACCESS_DENIED for a desktop that the user cannot see.
pub fn switch(handle: Handle) -> Result<(), Error> {
    let desktop = Reference::of_handle(handle, Kind::Desktop, DESKTOP_SWITCHDESKTOP)?;
    if desktop.owner() != station::interactive() {
        return Err(Error::ACCESS_DENIED);
    }
    drop(INPUT.replace(Some(desktop)));
    Ok(())
}
