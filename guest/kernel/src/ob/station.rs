//! Window stations and desktops. What they are for is win32k's business; that they have names, security and handles is
//! decided here, as for every other type.
//!
//! A window station parses what follows its name: those are its desktops. They are entries of a directory that has no
//! name of its own, so a desktop's name goes with its last handle like any other.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;
use nt::win32k::access::WINSTA_CREATEDESKTOP;
use obns::Attributes;

use super::body::{Body, Kind, Object, Security};
use super::capture::Captured;
use super::namespace::{self, Found, names};
use super::{access, handle};

/// What win32k has of such an object: the address of a word that it may read. It is the same address of a desktop's
/// window station in a desktop's, and zero in a window station's.
type Extension = Box<AtomicU64>;

/// A window station.
#[derive(Debug)]
pub struct WindowStation {
    extension: Extension,
    /// The directory of its desktops.
    desktops: Object,
}

/// A desktop.
#[derive(Debug)]
pub struct Desktop {
    extension: Extension,
    /// Its window station: a desktop keeps it.
    _station: Object,
}

/// The address that win32k knows an object by; nothing for other types.
pub fn address(object: &Object) -> Option<u64> {
    let extension = match object.body()? {
        Body::WindowStation(station) => &station.extension,
        Body::Desktop(desktop) => &desktop.extension,
        _ => return None,
    };
    Some(core::ptr::from_ref::<AtomicU64>(extension).expose_provenance() as u64)
}

/// The directory of a window station's desktops, for who lists them.
pub fn desktops(object: &Object) -> Option<Object> {
    match object.body()? {
        Body::WindowStation(station) => Some(station.desktops.clone()),
        _ => None,
    }
}

/// Opens a window station or desktop by name, or makes it if that is asked. Returns a handle, and whether it is new.
///
/// # Errors
/// Those of the look-up; OBJECT_TYPE_MISMATCH; OBJECT_NAME_COLLISION without OBJ_OPENIF; ACCESS_DENIED;
/// INSUFFICIENT_RESOURCES.
pub fn open(kind: Kind, captured: &Captured, desired: u32, create: bool) -> Result<(Handle, bool), NtStatus> {
    match kind {
        Kind::Desktop => open_desktop(captured, desired, create),
        _ => open_station(captured, desired, create),
    }
}

fn open_station(captured: &Captured, desired: u32, create: bool) -> Result<(Handle, bool), NtStatus> {
    let found = match captured.has_name() {
        true => namespace::find(captured, Some(Kind::WindowStation)),
        false => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
    };
    match found {
        Ok(Found::Delegate(station, rest)) if rest.is_empty() && is_station(&station) => {
            existing(station, captured, desired, create)
        }
        Ok(_) => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        Err(NtStatus::OBJECT_NAME_NOT_FOUND) if create => {
            let desktops = names().new_directory(Attributes::NONE, Security::default());
            let extension = Box::new(AtomicU64::new(0));
            let body = Body::WindowStation(Box::new(WindowStation { extension, desktops }));
            new(body, captured, desired)
        }
        Err(status) => Err(status),
    }
}

fn open_desktop(captured: &Captured, desired: u32, create: bool) -> Result<(Handle, bool), NtStatus> {
    let Found::Delegate(station, rest) = namespace::find(captured, Some(Kind::Desktop))? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH);
    };
    let Some(desktops) = desktops(&station) else { return Err(NtStatus::OBJECT_TYPE_MISMATCH) };
    let name = rest.strip_prefix(&[u16::from(b'\\')]).unwrap_or(&rest);
    if name.is_empty() {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    let below = captured.below(desktops, Vec::from(name));
    match namespace::find(&below, Some(Kind::Desktop)) {
        Ok(Found::Object(desktop)) => existing(desktop, captured, desired, create),
        Ok(Found::Delegate(..)) => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        Err(NtStatus::OBJECT_NAME_NOT_FOUND) if create => {
            access::check(&station, WINSTA_CREATEDESKTOP)?;
            let owner = address(&station).unwrap_or(0);
            let extension = Box::new(AtomicU64::new(owner));
            new(Body::Desktop(Box::new(Desktop { extension, _station: station })), &below, desired)
        }
        Err(status) => Err(status),
    }
}

fn is_station(object: &Object) -> bool {
    object.kind() == Kind::WindowStation
}

fn existing(
    object: Object,
    captured: &Captured,
    desired: u32,
    create: bool,
) -> Result<(Handle, bool), NtStatus> {
    if create && !captured.attributes.has(Attributes::OPENIF) {
        return Err(NtStatus::OBJECT_NAME_COLLISION);
    }
    let granted = access::check(&object, desired)?;
    Ok((handle::insert(object, granted, captured.attributes)?, false))
}

/// They are never permanent: nobody could take their names away again.
fn new(body: Body, captured: &Captured, desired: u32) -> Result<(Handle, bool), NtStatus> {
    let object = Object::new(body, Attributes::NONE, Security::default());
    let (handle, status) = namespace::create_handle(desired, captured, object)?;
    Ok((handle, status == NtStatus::SUCCESS))
}

impl Drop for Desktop {
    /// Whoever still has the address learns nothing from it.
    fn drop(&mut self) {
        self.extension.store(0, Ordering::Relaxed);
    }
}
