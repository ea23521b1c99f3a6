//! Objects: what win32k needs for window stations and desktops, and for the event and directories that it makes.
//!
//! An object pointer is what `ob::station::address` says; the session counts the references. Handles are the current
//! process's.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::driver;
use nt::NtStatus;
use nt::types::{Handle, UserPtr};
use obns::Attributes;
use zerocopy::IntoBytes;

use super::Word;
use crate::ke::event::Event;
use crate::ke::sched;
use crate::mm::session::Session;
use crate::ob::body::Kind;
use crate::ob::{Body, Captured, Object, Security, access, handle, namespace, station};

/// POBJECT_TYPE of window stations and desktops, as the exported variables have them.
static WINDOW_STATION_TYPE: u64 = 1;
static DESKTOP_TYPE: u64 = 2;

/// The address of a variable with a type of objects.
pub fn type_variable(name: &[u8]) -> Option<u64> {
    let variable = match name {
        b"ExDesktopObjectType" => &DESKTOP_TYPE,
        b"ExWindowStationObjectType" => &WINDOW_STATION_TYPE,
        _ => return None,
    };
    Some(core::ptr::from_ref(variable).expose_provenance() as u64)
}

/// The type of a POBJECT_TYPE.
fn kind(object_type: u64) -> Result<Kind, NtStatus> {
    match object_type {
        1 => Ok(Kind::WindowStation),
        2 => Ok(Kind::Desktop),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

fn session() -> Result<Arc<Session>, NtStatus> {
    sched::current().process().session().ok_or(NtStatus::INVALID_PARAMETER)
}

/// A function's status.
fn word(result: Result<NtStatus, NtStatus>) -> Word {
    let (Ok(status) | Err(status)) = result;
    status.0.into()
}

/// `ObOpenObjectByName(ObjectAttributes, Type, Mode, AccessState, DesiredAccess, ParseContext, *Handle)`, for attributes
/// in user memory. With a parse context, which is a ULONG, what is not there is made, and the ULONG says whether.
pub extern "win64" fn open_by_name(
    attributes: u64,
    object_type: u64,
    _mode: u8,
    _access_state: u64,
    desired: u32,
    context: u64,
    handle: u64,
) -> Word {
    word((|| {
        let kind = kind(object_type)?;
        let captured = Captured::new(UserPtr::new(attributes))?;
        let (opened, is_new) = station::open(kind, &captured, desired, context != 0)?;
        if context != 0 {
            driver::write(context, &u32::from(is_new).to_le_bytes());
        }
        driver::write(handle, opened.as_bytes());
        Ok(NtStatus::SUCCESS)
    })())
}

/// `ObReferenceObjectByHandle(Handle, DesiredAccess, Type, Mode, *Object, HandleInformation)`.
pub extern "win64" fn reference_by_handle(
    handle: u64,
    desired: u32,
    object_type: u64,
    _mode: u8,
    object: u64,
    _information: u64,
) -> Word {
    word((|| {
        let kind = kind(object_type)?;
        let found = handle::reference(Handle(handle), Some(kind), kind.map_generic(desired))?;
        driver::write(object, &session()?.hold(found)?.to_le_bytes());
        Ok(NtStatus::SUCCESS)
    })())
}

/// `ObOpenObjectByPointer(Object, HandleAttributes, AccessState, DesiredAccess, Type, Mode, *Handle)`.
pub extern "win64" fn open_by_pointer(
    object: u64,
    attributes: u32,
    _access_state: u64,
    desired: u32,
    object_type: u64,
    _mode: u8,
    handle: u64,
) -> Word {
    word((|| {
        let found = session()?.held(object).ok_or(NtStatus::INVALID_PARAMETER)?;
        if found.kind() != kind(object_type)? {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH);
        }
        let granted = access::check(&found, desired)?;
        let attributes = Attributes(attributes).only(Attributes::INHERIT);
        driver::write(handle, handle::insert(found, granted, attributes)?.as_bytes());
        Ok(NtStatus::SUCCESS)
    })())
}

/// `ObfDereferenceObject(Object)`.
pub extern "win64" fn dereference(object: u64) {
    if let Ok(session) = session() {
        session.release(object);
    }
}

/// `ObCloseHandle(Handle, Mode)`.
pub extern "win64" fn close_handle(handle: u64, _mode: u8) -> Word {
    word(handle::close(Handle(handle)).map(|()| NtStatus::SUCCESS))
}

/// OBJECT_ATTRIBUTES in an image's memory: handle of the directory, name, attributes.
fn captured(attributes: u64) -> Result<Captured, NtStatus> {
    let &[_, root, name, flags, ..] = driver::words(attributes, 6) else {
        return Err(NtStatus::INVALID_PARAMETER);
    };
    let &[length, buffer] = driver::words(name, 2) else { return Err(NtStatus::INVALID_PARAMETER) };
    let units = driver::bytes(buffer, usize::from(length as u16)).chunks_exact(2);
    let text: Vec<u16> = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    let mut captured = Captured::of_name(text, Handle(root))?;
    captured.attributes = Attributes(flags as u32);
    Ok(captured)
}

fn create(handle: u64, desired: u32, attributes: u64, object: Object) -> Result<NtStatus, NtStatus> {
    let (made, status) = namespace::create_handle(desired, &captured(attributes)?, object)?;
    driver::write(handle, made.as_bytes());
    Ok(status)
}

/// `ZwCreateEvent(*Handle, DesiredAccess, ObjectAttributes, EventType, InitialState)`.
pub extern "win64" fn create_event(
    handle: u64,
    desired: u32,
    attributes: u64,
    event_type: u32,
    state: u8,
) -> Word {
    let body = Body::Event(Arc::new(Event::new(event_type == 1, state != 0)));
    word(create(handle, desired, attributes, Object::new(body, Attributes::NONE, Security::default())))
}

/// `ZwCreateDirectoryObject(*Handle, DesiredAccess, ObjectAttributes)`.
pub extern "win64" fn create_directory(handle: u64, desired: u32, attributes: u64) -> Word {
    let object = namespace::names().new_directory(Attributes::NONE, Security::default());
    word(create(handle, desired, attributes, object))
}
