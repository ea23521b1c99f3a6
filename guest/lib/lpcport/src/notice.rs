//! Notices that a client's port or thread is gone. The room for one is taken beforehand, so that none
//! is ever lost.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::message_type;

use crate::message::Message;
use crate::port::{PortId, PortKind};
use crate::slab::Id;
use crate::slot::{Kind, Slot, State};
use crate::{Caller, Host, Lpc};

/// A thread's wish that a server be told of its end; the thread's, until it ends.
#[must_use = "the thread keeps it and hands it to `thread_ended`"]
#[derive(Debug, PartialEq, Eq)]
pub struct Termination(Id);

impl<H: Host> Lpc<H> {
    /// `NtRegisterThreadTerminatePort`: the server of this client's port is to hear of the thread's end.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE (not a client's end), PORT_DISCONNECTED, NO_MEMORY, INSUFFICIENT_RESOURCES.
    pub fn register_termination(&mut self, port: PortId, caller: Caller) -> Result<Termination, NtStatus> {
        let client = self.port(port)?;
        if client.kind != PortKind::Client {
            return Err(NtStatus::INVALID_PORT_HANDLE);
        }
        let (Some(queue), Some(server)) = (client.connection, client.peer) else {
            return Err(NtStatus::PORT_DISCONNECTED);
        };
        self.book(notice(port, queue, server, caller)?).map(Termination)
    }

    /// The thread has ended: its server gets LPC_CLIENT_DIED. Returns whom to wake.
    pub fn thread_ended(&mut self, termination: Termination, create_time: i64) -> Option<H::Thread> {
        self.send_notice(termination.0, message_type::CLIENT_DIED, create_time)
    }

    /// Room for the notice that a connection's client has closed it; it costs the client nothing.
    pub(crate) fn reserve_notice(
        &mut self,
        client_port: PortId,
        queue: PortId,
        server: PortId,
        client: Caller,
    ) -> Result<Id, NtStatus> {
        let slot = notice(client_port, queue, server, client)?;
        self.slots.insert(|_| slot)
    }

    /// Sends a notice, if there is still somebody to hear it.
    pub(crate) fn send_notice(&mut self, id: Id, message_type: u16, create_time: i64) -> Option<H::Thread> {
        let slot = self.slots.get_mut(id)?;
        let server = slot.context.and_then(|server| self.ports.get(server.0));
        if server.is_none() || self.ports.get(slot.queue.0).is_none() {
            self.release(id);
            return None;
        }
        if let Some(header) = slot.message.header_mut() {
            header.message_type = message_type;
            header.client_id = slot.client.into();
            header.message_id = id.get();
        }
        slot.message.set_create_time(create_time);
        self.enqueue(id, false)
    }
}

fn notice<H: Host>(from: PortId, queue: PortId, server: PortId, client: Caller) -> Result<Slot<H>, NtStatus> {
    Ok(Slot {
        kind: Kind::Datagram,
        state: State::Reserved,
        from,
        queue,
        context: Some(server),
        client,
        thread: None,
        message: Message::notice()?,
        charge: 0,
        data: Vec::new(),
    })
}
