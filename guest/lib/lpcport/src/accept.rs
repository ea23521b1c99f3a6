//! The server's part of making a connection.

use nt::NtStatus;
use nt::lpc::PortMessage;

use crate::message::Message;
use crate::port::{NotTaken, Port, PortId, PortKind, Views};
use crate::slab::Id;
use crate::slot::{Kind, State};
use crate::{Caller, Host, Lpc, check};

/// A client that waits for the server's answer: what the kernel needs for mapping the views.
#[derive(Debug)]
pub struct Connecting<'a, H: Host> {
    /// The client.
    pub client: Caller,
    /// Its thread, whose process the server's section is mapped into.
    pub thread: Option<H::Thread>,
    /// Its port's views: its own section's, into which the kernel writes where the server sees it, and
    /// the place for the server's section's.
    pub views: &'a mut Views<H::View>,
}

/// The answer is given.
#[must_use]
#[derive(Debug)]
pub struct Accepted<H: Host> {
    /// The server's port; `None` when it refused.
    pub port: Option<PortId>,
    /// The refused client. An accepted one waits for [`Lpc::complete`].
    pub wake: Option<H::Thread>,
    /// The server's views when it refused, to be unmapped.
    pub views: Views<H::View>,
}

impl<H: Host> Lpc<H> {
    /// The client that a received connection request is from.
    ///
    /// # Errors
    /// REPLY_MESSAGE_MISMATCH (no such request was received by this process), PORT_DISCONNECTED (the
    /// client has gone).
    pub fn connecting(&mut self, process: u32, header: &PortMessage) -> Result<Connecting<'_, H>, NtStatus> {
        let id = self.find_connecting(process, header)?;
        let slot = self.slots.get(id).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        let port = self.ports.get_mut(slot.from.0).ok_or(NtStatus::PORT_DISCONNECTED)?;
        Ok(Connecting { client: slot.client, thread: slot.thread.clone(), views: &mut port.views })
    }

    /// `NtAcceptConnectPort`: accepts or refuses. The data of `answer` is the connection information that
    /// the client gets back; `views` are the server's, unmapped when its port is closed.
    ///
    /// # Errors
    /// As [`Self::connecting`]; PORT_MESSAGE_TOO_LONG (connection information), NO_MEMORY,
    /// INSUFFICIENT_RESOURCES. The client waits as before, the views come back.
    pub fn accept(
        &mut self,
        process: u32,
        answer: Message,
        accept: bool,
        context: u64,
        views: Views<H::View>,
    ) -> Result<Accepted<H>, NotTaken<H::View>> {
        let found = self.find_connecting(process, answer.header());
        let server = match found.and_then(|id| self.prepare(id, process, &answer, accept)) {
            Ok(server) => server,
            Err(status) => return Err(NotTaken { status, views }),
        };
        let Some(slot) = found.ok().and_then(|id| self.slots.get_mut(id)) else {
            return Err(NotTaken { status: NtStatus::REPLY_MESSAGE_MISMATCH, views });
        };
        slot.message = answer;
        let Some(server) = server else {
            slot.state = State::Failed(NtStatus::PORT_CONNECTION_REFUSED);
            let wake = slot.thread.take();
            return Ok(Accepted { port: None, wake, views });
        };
        slot.state = State::Accepted(server);
        if let Some(port) = self.ports.get_mut(server.0) {
            port.context = context;
            port.views = views;
        }
        Ok(Accepted { port: Some(server), wake: None, views: [None, None] })
    }

    /// `NtCompleteConnectPort`: the connection is made; returns the client, to be woken.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE (not a server's end), INVALID_PARAMETER (complete already), PORT_DISCONNECTED
    /// (the client has gone).
    pub fn complete(&mut self, server: PortId) -> Result<Option<H::Thread>, NtStatus> {
        let port = self.port_mut(server)?;
        if port.kind != PortKind::Server {
            return Err(NtStatus::INVALID_PORT_HANDLE);
        }
        let id = port.connecting.take().ok_or(NtStatus::INVALID_PARAMETER)?;
        let slot = self.slots.get_mut(id).filter(|slot| slot.state == State::Accepted(server));
        let slot = slot.ok_or(NtStatus::PORT_DISCONNECTED)?;
        let client = slot.from;
        slot.state = State::Answered(None);
        let wake = slot.thread.take();
        self.port_mut(server)?.peer = Some(client);
        self.port_mut(client)?.peer = Some(server);
        Ok(wake)
    }

    /// Changes what the server calls a connection.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE (not a server's end).
    pub fn set_context(&mut self, server: PortId, context: u64) -> Result<(), NtStatus> {
        let port = self.port_mut(server)?;
        if port.kind != PortKind::Server {
            return Err(NtStatus::INVALID_PORT_HANDLE);
        }
        port.context = context;
        Ok(())
    }

    fn find_connecting(&mut self, process: u32, header: &PortMessage) -> Result<Id, NtStatus> {
        let id = Id::from_alleged(header.message_id).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        let queue = self.slots.get(id).filter(|slot| slot.kind == Kind::Connect).map(|slot| slot.queue);
        match queue.and_then(|queue| self.ports.get(queue.0).map(|port| (queue, port.owner))) {
            Some((queue, owner)) if owner == process => self.find_received(queue, header),
            Some(_) => Err(NtStatus::REPLY_MESSAGE_MISMATCH),
            None => Err(self.not_waiting(id, header)),
        }
    }

    /// Everything that can fail: the server's port and the room for the notice of the connection's end.
    fn prepare(
        &mut self,
        id: Id,
        process: u32,
        answer: &Message,
        accept: bool,
    ) -> Result<Option<PortId>, NtStatus> {
        let slot = self.slots.get(id).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        let (queue, client_port, client) = (slot.queue, slot.from, slot.client);
        let limits = self.port(queue)?.limits;
        check::info_fits(answer.header(), limits.max_connection_info)?;
        if !accept {
            return Ok(None);
        }
        let port = Port { connecting: Some(id), ..Port::new(PortKind::Server, process, limits, Some(queue)) };
        let server = PortId(self.ports.insert(|_| port)?);
        match self.reserve_notice(client_port, queue, server, client) {
            Ok(notice) => {
                self.port_mut(client_port)?.notice = Some(notice);
                Ok(Some(server))
            }
            Err(status) => {
                self.ports.remove(server.0);
                Err(status)
            }
        }
    }
}
