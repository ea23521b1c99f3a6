//! Messages on their way, and requests whose reply somebody waits for.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::PortDataEntry;

use crate::message::Message;
use crate::port::PortId;
use crate::slab::Id;
use crate::{Caller, Host, Lpc};

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody waits.
    Datagram,
    /// The sender waits for the reply.
    Request,
    /// The sender waits to be connected.
    Connect,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Room kept for a notice.
    Reserved,
    /// In the queue of its port.
    Queued,
    /// Given to a receiver that has not gone on yet.
    Given(Id),
    /// The receiver has it; the sender waits.
    Received,
    /// Accepted: the server's port waits to be completed.
    Accepted(PortId),
    /// The reply is here; the sender has not gone on yet. When the reply asks for a reply in turn, that is the
    /// second request.
    Answered(Option<Id>),
    /// There will be no reply; the sender has not gone on yet.
    Failed(NtStatus),
}

/// A message or request.
#[derive(Debug)]
pub struct Slot<H: Host> {
    pub kind: Kind,
    pub state: State,
    /// The port it was sent through.
    pub from: PortId,
    /// The port in whose queue it is received.
    pub queue: PortId,
    /// The server's port whose context goes with it.
    pub context: Option<PortId>,
    pub client: Caller,
    /// Who waits for the outcome; taken when woken.
    pub thread: Option<H::Thread>,
    pub message: Message,
    /// What it is charged to both ports.
    pub charge: u32,
    /// Memory of the client that the receiver may use until it replies.
    pub data: Vec<PortDataEntry>,
}

/// What is left of a message that is no longer on its way.
#[derive(Debug)]
pub struct Released {
    pub state: State,
    pub from: PortId,
    pub message: Message,
}

impl<H: Host> Lpc<H> {
    /// Takes a message out of the table and gives back what it was charged.
    pub(crate) fn release(&mut self, id: Id) -> Option<Released> {
        let slot = self.slots.get_mut(id)?;
        let (charge, queue) = (slot.charge, slot.queue);
        let released =
            Released { state: slot.state, from: slot.from, message: core::mem::take(&mut slot.message) };
        self.slots.discard(id);
        if charge != 0 {
            if let Some(from) = self.ports.get_mut(released.from.0) {
                from.sent = from.sent.saturating_sub(charge);
            }
            if let Some(queue) = self.ports.get_mut(queue.0) {
                queue.used = queue.used.saturating_sub(charge);
            }
        }
        Some(released)
    }

    /// Remembers a request that a server has, but whose client has gone.
    pub(crate) fn remember(&mut self, id: Id, client: Caller) {
        self.lost[self.next_lost] = Some((id, client));
        self.next_lost = (self.next_lost + 1) % self.lost.len();
    }

    /// The request that a reply alleges to be for: it must have been received from the queue that `port`
    /// receives from.
    pub(crate) fn find_received(
        &mut self,
        port: PortId,
        header: &nt::lpc::PortMessage,
    ) -> Result<Id, NtStatus> {
        let queue = self.receive_queue(port)?;
        let id = Id::from_alleged(header.message_id).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        match self.slots.get(id) {
            Some(slot)
                if slot.state == State::Received
                    && slot.queue == queue
                    && slot.client.is(header.client_id) =>
            {
                Ok(id)
            }
            _ => Err(self.not_waiting(id, header)),
        }
    }

    /// Why there is no such request: its client has gone, or it never was.
    #[cold]
    pub(crate) fn not_waiting(&mut self, id: Id, header: &nt::lpc::PortMessage) -> NtStatus {
        let lost = |entry: &&mut Option<(Id, Caller)>| {
            entry.is_some_and(|(lost, client)| lost == id && client.is(header.client_id))
        };
        if let Some(entry) = self.lost.iter_mut().find(lost) {
            *entry = None;
            return NtStatus::PORT_DISCONNECTED;
        }
        NtStatus::REPLY_MESSAGE_MISMATCH
    }
}
