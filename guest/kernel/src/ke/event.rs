//! Events.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};
use obns::Attributes;

use super::dispatcher::{self, HeaderKind, Signal, header};
use super::query;
use super::service::NtResult;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::{self, Body, Captured, Object, Security, namespace};

/// EVENT_QUERY_STATE.
const QUERY_STATE: u32 = 1;
/// EVENT_MODIFY_STATE.
pub(super) const MODIFY_STATE: u32 = 2;

/// An event.
#[derive(Debug)]
pub struct Event {
    signal: Signal,
    synchronization: bool,
}

impl Event {
    /// An event that wakes one thread and is not signalled any more (`synchronization`), or stays signalled.
    pub const fn new(synchronization: bool, signalled: bool) -> Self {
        let kind = if synchronization { HeaderKind::Synchronization } else { HeaderKind::Notification };
        Self { signal: header(kind, signalled as i32), synchronization }
    }

    /// What waiting for it waits for.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Signals it. Returns whether it was signalled.
    pub fn set(&self) -> i32 {
        dispatcher::signal(&self.signal)
    }

    /// Takes the signal away. Returns whether there was one.
    pub fn reset(&self) -> i32 {
        dispatcher::reset(&self.signal)
    }
}

/// The event of a handle.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED.
pub fn by_handle(handle: Handle, access: u32) -> Result<Arc<Event>, NtStatus> {
    match ob::handle::reference(handle, Some(Kind::Event), access)?.body() {
        Some(Body::Event(event)) => Ok(event.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// `NtCreateEvent`.
pub fn create(
    event: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    event_type: u32,
    state: Boolean,
) -> NtResult {
    if event_type > 1 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let captured = Captured::new(attributes)?;
    let body = Body::Event(Arc::new(Event::new(event_type == 1, state.0 != 0)));
    namespace::create_named(event, access, &captured, object(body, &captured))
}

/// An object with the attributes that its creator gave.
pub(super) fn object(body: Body, captured: &Captured) -> Object {
    Object::new(body, captured.attributes.only(Attributes::PERMANENT), Security::default())
}

/// `NtOpenEvent`.
pub fn open(event: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(event, access, attributes, Kind::Event)?;
    Ok(NtStatus::SUCCESS)
}

/// Tells a state that was, if the caller wants to know.
pub(super) fn tell(previous: UserPtr<i32>, state: i32) -> NtResult {
    user::write_optional(previous, &state.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtSetEvent`.
pub fn set(event: Handle, previous: UserPtr<i32>) -> NtResult {
    let before = by_handle(event, MODIFY_STATE)?.set();
    tell(previous, before)
}

/// `NtResetEvent`.
pub fn reset(event: Handle, previous: UserPtr<i32>) -> NtResult {
    let before = by_handle(event, MODIFY_STATE)?.reset();
    tell(previous, before)
}

/// `NtClearEvent`.
pub fn clear(event: Handle) -> NtResult {
    by_handle(event, MODIFY_STATE)?.reset();
    Ok(NtStatus::SUCCESS)
}

/// `NtPulseEvent`.
pub fn pulse(event: Handle, previous: UserPtr<i32>) -> NtResult {
    let event = by_handle(event, MODIFY_STATE)?;
    let before = event.set();
    event.reset();
    tell(previous, before)
}

/// `NtQueryEvent`: EVENT_BASIC_INFORMATION.
pub fn query(
    event: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    query::check(class, length, &[8])?;
    let event = by_handle(event, QUERY_STATE)?;
    let state = event.signal.lock().state;
    query::answer(information, returned, &query::pair(event.synchronization.into(), state))
}
