//! The server's part of making a connection.

use nt::NtStatus;
use nt::lpc::{PORT_ALL_ACCESS, PortMessage, PortView, RemotePortView};
use nt::types::{Boolean, Handle, UserPtr};
use obns::Attributes;
use zerocopy::IntoBytes;

use super::message::capture;
use super::port::{Port, reference, refresh};
use super::view::{self, View};
use super::{LPC, current, receive, wake};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::{self, Body, Object, Security};

/// `NtListenPort`: waits for somebody who wants to be connected.
pub fn listen(port: Handle, request: UserPtr<PortMessage>) -> NtResult {
    receive::listen(&*reference(port)?, request)
}

/// `NtAcceptConnectPort`. The data of the message is what the client is told. Without a context the connection is
/// called by the value of its handle.
pub fn accept(
    port: UserPtr<Handle>,
    context: u64,
    request: UserPtr<PortMessage>,
    accept: Boolean,
    server_view: UserPtr<PortView>,
    client_view: UserPtr<RemotePortView>,
) -> NtResult {
    let answer = capture(request)?;
    let thread = current();
    let process = thread.process();
    if accept.0 == 0 {
        let refused = LPC.lock().accept(process.id(), answer, false, 0, [None, None]);
        wake(refused.map_err(|not_taken| not_taken.status)?.wake);
        return Ok(NtStatus::SUCCESS);
    }
    let offered = view::capture(server_view)?;
    view::check_remote(client_view)?;
    // What the client offers is mapped here, what the server offers here and there; all of it is unmapped
    // again if the client does not wait any more.
    let (client, clients) = {
        let mut lpc = LPC.lock();
        let connecting = lpc.connecting(process.id(), answer.header())?;
        (connecting.thread, connecting.views[0].as_ref().map(View::offer))
    };
    let client = client.ok_or(NtStatus::PORT_DISCONNECTED)?;
    let theirs = clients.map(|offer| View::of(&offer, process)).transpose()?;
    let mut ours = offered.as_ref().map(|offer| View::of(offer, process)).transpose()?;
    let there = offered.as_ref().map(|offer| View::of(offer, client.process())).transpose()?;
    if let (Some(ours), Some(there)) = (&mut ours, &there) {
        ours.remote_base = there.base;
    }
    let (our_place, their_place) = (ours.as_ref().map(View::place), theirs.as_ref().map(View::place));
    let accepted = {
        let mut lpc = LPC.lock();
        match lpc.connecting(process.id(), answer.header()) {
            Ok(connecting) => {
                let [own, other] = connecting.views;
                if let (Some(own), Some(theirs)) = (own, &theirs) {
                    own.remote_base = theirs.base;
                }
                let before = core::mem::replace(other, there);
                (Ok(lpc.accept(process.id(), answer, true, context, [ours, theirs])), before)
            }
            Err(status) => (Err((status, ours, theirs)), there),
        }
    };
    let id = match accepted.0 {
        Ok(Ok(accepted)) => accepted.port.ok_or(NtStatus::PORT_CONNECTION_REFUSED)?,
        Ok(Err(not_taken)) => return Err(not_taken.status),
        Err((status, ..)) => return Err(status),
    };
    let object = Object::new(Body::Port(Port::new(id)), Attributes::NONE, Security::default());
    let handle = ob::handle::insert(object, PORT_ALL_ACCESS, Attributes::NONE)?;
    if context == 0 {
        LPC.lock().set_context(id, handle.0)?;
    }
    let told = our_place
        .map_or(Ok(()), |place| place.tell_owner(server_view))
        .and_then(|()| view::tell_remote(their_place, client_view))
        .and_then(|()| user::write(port.address, handle.as_bytes()));
    if let Err(fault) = told {
        ob::handle::close(handle)?;
        return Err(fault);
    }
    refresh();
    Ok(NtStatus::SUCCESS)
}

/// `NtCompleteConnectPort`: the client of an accepted connection goes on.
pub fn complete(port: Handle) -> NtResult {
    let port = reference(port)?;
    let woken = LPC.lock().complete(port.id);
    wake(woken?);
    Ok(NtStatus::SUCCESS)
}
