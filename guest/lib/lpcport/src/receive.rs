//! Receiving: servers and clients wait for messages.

use nt::NtStatus;

use crate::message::Message;
use crate::port::{PortId, PortKind};
use crate::slab::Id;
use crate::slot::{Kind, State};
use crate::{Host, Lpc, WaitEnd};

/// A thread waits for a message.
#[must_use = "the caller waits until woken, then hands this to `end_receive`"]
#[derive(Debug, PartialEq, Eq)]
pub struct Receive(Id);

/// What a waiting receiver has got.
#[derive(Debug)]
pub(crate) enum Given {
    Nothing,
    Message(Id),
    Failed(NtStatus),
}

/// A waiting receiver.
#[derive(Debug)]
pub(crate) struct Receiver<H: Host> {
    pub thread: Option<H::Thread>,
    /// The port in whose queue it waits.
    pub queue: PortId,
    pub given: Given,
    /// It wants nothing but connection requests.
    pub listens: bool,
}

/// A received message.
#[must_use]
#[derive(Debug)]
pub struct Delivery {
    /// The message, to be copied to the caller and dropped.
    pub message: Message,
    /// What the server calls the connection it came by; 0 when it came by none.
    pub context: u64,
    id: Id,
}

/// What an attempt to receive led to.
#[must_use]
#[derive(Debug)]
pub enum Received {
    /// There was a message.
    Deliver(Delivery),
    /// The caller must wait for one.
    Wait(Receive),
}

/// What came of a wait for a message.
#[must_use]
#[derive(Debug)]
pub struct ReceiveEnd<H: Host> {
    /// The message, or why there is none. To wait again when the message that the thread was woken for
    /// has been withdrawn meanwhile.
    pub result: Result<Received, NtStatus>,
    /// Another receiver who takes the message over.
    pub wake: Option<H::Thread>,
}

impl<H: Host> Lpc<H> {
    /// `NtReplyWaitReceivePort` without a reply: takes the first message or waits for one.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE, PORT_DISCONNECTED (a client's port whose server has gone),
    /// INSUFFICIENT_RESOURCES, NO_MEMORY.
    pub fn receive(&mut self, port: PortId, thread: H::Thread) -> Result<Received, NtStatus> {
        let queue = self.receive_queue(port)?;
        self.receive_from(queue, thread, false)
    }

    /// `NtListenPort`: takes the first connection request or waits for one; other messages stay where
    /// they are.
    ///
    /// # Errors
    /// As [`Self::receive`]; INVALID_PORT_HANDLE when nobody can connect to the port.
    pub fn listen(&mut self, port: PortId, thread: H::Thread) -> Result<Received, NtStatus> {
        match self.port(port)?.kind {
            PortKind::Connection => self.receive_from(port, thread, true),
            PortKind::Server | PortKind::Client => Err(NtStatus::INVALID_PORT_HANDLE),
        }
    }

    fn receive_from(
        &mut self,
        queue: PortId,
        thread: H::Thread,
        listens: bool,
    ) -> Result<Received, NtStatus> {
        let port = self.ports.get_mut(queue.0).ok_or(NtStatus::PORT_DISCONNECTED)?;
        let mut next = self.slots.first(&port.queue);
        while let Some(id) = next {
            if !listens || self.slots.get(id).is_some_and(|slot| slot.kind == Kind::Connect) {
                self.slots.unlink(&mut port.queue, id);
                return self.deliver(id).map(Received::Deliver);
            }
            next = self.slots.after(id);
        }
        if port.kind == PortKind::Client && port.peer.is_none() {
            return Err(NtStatus::PORT_DISCONNECTED);
        }
        let receiver = Receiver { thread: Some(thread), queue, given: Given::Nothing, listens };
        let id = self.receivers.insert(|_| receiver)?;
        self.receivers.link(&mut port.receivers, id, false);
        Ok(Received::Wait(Receive(id)))
    }

    /// The thread that waited for a message goes on: takes what came, or waits no more.
    pub fn end_receive(&mut self, wait: Receive, why: WaitEnd, thread: H::Thread) -> ReceiveEnd<H> {
        let Some(receiver) = self.receivers.get(wait.0) else {
            return ReceiveEnd { result: Err(NtStatus::PORT_DISCONNECTED), wake: None };
        };
        if receiver.thread.is_some()
            && let Some(port) = self.ports.get_mut(receiver.queue.0)
        {
            self.receivers.unlink(&mut port.receivers, wait.0);
        }
        let Some(receiver) = self.receivers.remove(wait.0) else {
            return ReceiveEnd { result: Err(NtStatus::PORT_DISCONNECTED), wake: None };
        };
        let (result, wake) = match (receiver.given, why) {
            (Given::Message(id), WaitEnd::Terminating) => {
                (Err(NtStatus::THREAD_IS_TERMINATING), self.enqueue(id, true))
            }
            (Given::Message(id), _) => (self.deliver(id).map(Received::Deliver), None),
            (Given::Failed(status), _) => (Err(status), None),
            (Given::Nothing, WaitEnd::Woken) => {
                (self.receive_from(receiver.queue, thread, receiver.listens), None)
            }
            (Given::Nothing, WaitEnd::TimedOut) => (Err(NtStatus::TIMEOUT), None),
            (Given::Nothing, WaitEnd::Terminating) => (Err(NtStatus::THREAD_IS_TERMINATING), None),
        };
        ReceiveEnd { result, wake }
    }

    /// The message could not be copied to its receiver: the next one who asks gets it. Returns whom to
    /// wake.
    pub fn put_back(&mut self, delivery: Delivery) -> Option<H::Thread> {
        let slot = self.slots.get_mut(delivery.id)?;
        if slot.state != State::Received || self.ports.get(slot.queue.0).is_none() {
            return None;
        }
        slot.message = delivery.message;
        self.enqueue(delivery.id, true)
    }

    /// Hands a message over. A datagram has come to its end with it, a request is now the receiver's.
    fn deliver(&mut self, id: Id) -> Result<Delivery, NtStatus> {
        let slot = self.slots.get_mut(id).ok_or(NtStatus::PORT_DISCONNECTED)?;
        let context = slot.context.and_then(|port| self.ports.get(port.0)).map_or(0, |port| port.context);
        let message = core::mem::take(&mut slot.message);
        if slot.kind == Kind::Datagram {
            self.release(id);
        } else {
            slot.state = State::Received;
            if message.header().data_info_offset != 0 && slot.data.is_empty() {
                slot.data = message.data_entries().unwrap_or_default();
            }
        }
        Ok(Delivery { message, context, id })
    }

    /// A message that a receiver was given is gone before it went on: it waits again.
    pub(crate) fn take_back(&mut self, receiver: Id) {
        if let Some(receiver) = self.receivers.get_mut(receiver) {
            receiver.given = Given::Nothing;
        }
    }
}
