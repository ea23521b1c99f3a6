//! `NtCreatePort` and `NtCreateWaitablePort`.

use alloc::sync::Arc;

use lpcport::{Limits, PortId};
use nt::NtStatus;
use nt::lpc::PORT_ALL_ACCESS;
use nt::types::{Handle, ObjectAttributes, UserPtr};

use super::port::Port;
use super::{LPC, current};
use crate::ke::service::NtResult;
use crate::ob::{Body, Captured, Object, Security, namespace};

/// `NtCreatePort`.
pub fn create(
    port: UserPtr<Handle>,
    attributes: UserPtr<ObjectAttributes>,
    max_connection_info: u32,
    max_message: u32,
    max_pool: u32,
) -> NtResult {
    let limits = Limits::new(max_connection_info, max_message, max_pool)?;
    make(port, attributes, limits, |id| Ok(Port::new(id)))
}

/// `NtCreateWaitablePort`: the same, and it can be waited for.
pub fn create_waitable(
    port: UserPtr<Handle>,
    attributes: UserPtr<ObjectAttributes>,
    max_connection_info: u32,
    max_message: u32,
    max_pool: u32,
) -> NtResult {
    let limits = Limits::new(max_connection_info, max_message, max_pool)?;
    make(port, attributes, limits, Port::waitable)
}

fn make(
    to: UserPtr<Handle>,
    attributes: UserPtr<ObjectAttributes>,
    limits: Limits,
    object: fn(PortId) -> Result<Arc<Port>, NtStatus>,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let id = LPC.lock().create(current().process().id(), limits)?;
    // From here on the port goes with its object.
    let port = object(id)?;
    let object = Object::new(Body::Port(port), captured.attributes, Security::default());
    namespace::create_named(to, PORT_ALL_ACCESS, &captured, object)
}
