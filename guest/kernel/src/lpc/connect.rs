//! `NtConnectPort` and `NtSecureConnectPort`: the client's part of making a connection.

use alloc::sync::Arc;
use alloc::vec::Vec;

use lpcport::{ConnectEnd, Effect, PortId, Proposal};
use nt::NtStatus;
use nt::kd::wait_kind;
use nt::lpc::{PORT_ALL_ACCESS, PORT_CONNECT, PortView, RemotePortView, SecurityQualityOfService};
use nt::types::{Handle, UnicodeString, UserPtr};
use obns::Attributes;
use zerocopy::IntoBytes;

use super::message::capture_data;
use super::port::{Port, refresh};
use super::view::{self, View};
use super::{LPC, caller, client, current, park, wake};
use crate::ke::service::NtResult;
use crate::ke::wait;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::capture::capture_string;
use crate::ob::namespace::Found;
use crate::ob::{self, Body, Captured, Object, Security, namespace};
use crate::se::ClientContext;

/// `NtConnectPort`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn connect(
    port: UserPtr<Handle>,
    name: UserPtr<UnicodeString>,
    quality: UserPtr<SecurityQualityOfService>,
    client_view: UserPtr<PortView>,
    server_view: UserPtr<RemotePortView>,
    max_message: UserPtr<u32>,
    information: UserPtr<u8>,
    length: UserPtr<u32>,
) -> NtResult {
    let no_sid = UserPtr::new(0);
    secure_connect(port, name, quality, client_view, no_sid, server_view, max_message, information, length)
}

/// `NtSecureConnectPort`: the same, if the server's process has the SID.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn secure_connect(
    port: UserPtr<Handle>,
    name: UserPtr<UnicodeString>,
    quality: UserPtr<SecurityQualityOfService>,
    client_view: UserPtr<PortView>,
    server_sid: UserPtr<u8>,
    server_view: UserPtr<RemotePortView>,
    max_message: UserPtr<u32>,
    information: UserPtr<u8>,
    length: UserPtr<u32>,
) -> NtResult {
    let name = capture_string(name)?;
    let quality: SecurityQualityOfService = user::read(quality)?;
    let security = ClientContext::of_current(&quality)?;
    let offered = view::capture(client_view)?;
    view::check_remote(server_view)?;
    let room =
        if length.is_null() { 0 } else { u32::from_le_bytes(user::read(UserPtr::new(length.address))?) };
    let info = capture_data(information.address, room)?;
    let server = find(name)?;
    client::check_server(&server, server_sid)?;

    let thread = current();
    let view = match offered {
        Some(offered) => Some(View::of(&offered, thread.process())?),
        None => None,
    };
    let view = view.map(|view| {
        let size = view.size;
        (view, size)
    });
    let proposal = Proposal { info, view, security: Some(security) };
    let sent = LPC.lock().connect(server.id, caller(&thread), thread, proposal);
    // The view, if it comes back, is unmapped with the tables free.
    let sent = sent.map_err(|not_taken| not_taken.status)?;
    wake(sent.wake);
    refresh();
    let owner = LPC.lock().owner(server.id).unwrap_or(0);
    drop(server);
    let why = park(wait_kind::CONNECTION, owner, None);
    let mut views: Vec<View> = Vec::new();
    let ConnectEnd { result, info } = LPC.lock().end_connect(sent.wait, why, &mut |effect| match effect {
        Effect::Wake(thread) => wait::unpark(&thread),
        Effect::Unmap(view) => views.push(view),
    });
    drop(views);
    refresh();
    let told = info.data().get(..room as usize).unwrap_or(info.data());
    if !told.is_empty() {
        user::write(information.address, told)?;
    }
    if !length.is_null() && !info.is_empty() {
        user::write(length.address, &(told.len() as u32).to_le_bytes())?;
    }
    give(port, result?, client_view, server_view, max_message)
}

/// The port of a name, if the caller may connect to it.
fn find(name: Vec<u16>) -> Result<Arc<Port>, NtStatus> {
    let captured = Captured::of_name(name, Handle::NULL)?;
    let Found::Object(object) = namespace::find(&captured, Some(Kind::Port))? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH);
    };
    ob::access::check(&object, PORT_CONNECT)?;
    match object.body() {
        Some(Body::Port(port)) => Ok(port.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Gives the client its end of the connection, and tells it of the views. Nothing is left when that fails.
fn give(
    to: UserPtr<Handle>,
    id: PortId,
    client_view: UserPtr<PortView>,
    server_view: UserPtr<RemotePortView>,
    max_message: UserPtr<u32>,
) -> NtResult {
    let port = Port::new(id);
    let (limit, places) = {
        let lpc = LPC.lock();
        let views = lpc.views(id)?;
        (lpc.limits(id)?.max_message, views.each_ref().map(|view| view.as_ref().map(View::place)))
    };
    let [own, other] = places;
    if let Some(own) = own {
        own.tell_owner(client_view)?;
    }
    view::tell_remote(other, server_view)?;
    user::write_optional(max_message, &u32::from(limit).to_le_bytes())?;
    let object = Object::new(Body::Port(port), Attributes::NONE, Security::default());
    let handle = ob::handle::insert(object, PORT_ALL_ACCESS, Attributes::NONE)?;
    if let Err(fault) = user::write(to.address, handle.as_bytes()) {
        ob::handle::close(handle)?;
        return Err(fault);
    }
    Ok(NtStatus::SUCCESS)
}
