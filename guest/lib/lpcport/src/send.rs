//! Sending: datagrams, requests, and what becomes of a request.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::message_type;

use crate::message::Message;
use crate::port::{PortId, PortKind};
use crate::receive::Given;
use crate::slab::Id;
use crate::slot::{Kind, Released, Slot, State};
use crate::{Caller, Host, Lpc, WaitEnd, check};

/// What a message costs its pool besides its bytes.
pub(crate) const OVERHEAD: u32 = 128;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A program: the type in its message means nothing.
    User,
    /// The kernel: exceptions, debug events and hard errors keep their type.
    Kernel,
}

/// A thread waits for the reply to a request.
#[must_use = "the caller waits until woken, then hands this to `end_request`"]
#[derive(Debug, PartialEq, Eq)]
pub struct Request(pub(crate) Id);

/// A request is on its way.
#[must_use]
#[derive(Debug)]
pub struct Sent<H: Host> {
    /// A receiver that has something to do now.
    pub wake: Option<H::Thread>,
    /// The caller must wait for the reply.
    pub wait: Request,
}

/// What came of a request.
#[must_use]
#[derive(Debug)]
pub struct RequestEnd<H: Host> {
    /// The reply, or why there is none.
    pub result: Result<Message, NtStatus>,
    /// Somebody whose own request ends with this one.
    pub wake: Option<H::Thread>,
}

/// Where a message sent through a port goes.
struct Route {
    queue: PortId,
    context: Option<PortId>,
    max_message: u16,
}

impl<H: Host> Lpc<H> {
    /// `NtRequestPort`: sends a message that nobody answers. Returns whom to wake.
    ///
    /// # Errors
    /// PORT_DISCONNECTED, PORT_MESSAGE_TOO_LONG, INVALID_PARAMETER (type, data information),
    /// INVALID_PORT_HANDLE, NO_MEMORY, INSUFFICIENT_RESOURCES.
    pub fn datagram(
        &mut self,
        port: PortId,
        caller: Caller,
        message: Message,
        origin: Origin,
    ) -> Result<Option<H::Thread>, NtStatus> {
        let id = self.post(port, caller, None, message, Kind::Datagram, origin)?;
        Ok(self.enqueue(id, false))
    }

    /// `NtRequestWaitReplyPort`: sends a message; the caller waits for the reply. With a connection port
    /// this is how the kernel reports exceptions and hard errors.
    ///
    /// # Errors
    /// As [`Self::datagram`].
    pub fn request(
        &mut self,
        port: PortId,
        caller: Caller,
        thread: H::Thread,
        message: Message,
        origin: Origin,
    ) -> Result<Sent<H>, NtStatus> {
        let id = self.post(port, caller, Some(thread), message, Kind::Request, origin)?;
        Ok(Sent { wake: self.enqueue(id, false), wait: Request(id) })
    }

    /// The thread that waited for a reply goes on: takes what came of the request, or withdraws it.
    pub fn end_request(&mut self, wait: Request, why: WaitEnd) -> RequestEnd<H> {
        let (result, wake) = match self.withdraw(wait.0) {
            Some(slot) => match (slot.state, why) {
                (State::Answered(next), WaitEnd::Terminating) => {
                    let wake = next.and_then(|next| self.fail(next, NtStatus::PORT_DISCONNECTED));
                    (Err(NtStatus::THREAD_IS_TERMINATING), wake)
                }
                (State::Answered(_), _) => (Ok(slot.message), None),
                (State::Failed(status), _) => (Err(status), None),
                (_, WaitEnd::TimedOut) => (Err(NtStatus::TIMEOUT), None),
                _ => (Err(NtStatus::THREAD_IS_TERMINATING), None),
            },
            None => (Err(NtStatus::PORT_DISCONNECTED), None),
        };
        RequestEnd { result, wake }
    }

    #[inline]
    fn route(&self, id: PortId) -> Result<Route, NtStatus> {
        let port = self.port(id)?;
        let (queue, context) = match port.kind {
            PortKind::Connection => (Some(id), None),
            PortKind::Client => (port.peer.and(port.connection), port.peer),
            PortKind::Server => (port.peer, None),
        };
        let queue = queue.filter(|queue| self.ports.get(queue.0).is_some());
        let queue = queue.ok_or(NtStatus::PORT_DISCONNECTED)?;
        Ok(Route { queue, context, max_message: port.limits.max_message })
    }

    /// Judges, charges and stamps a message.
    #[inline]
    fn post(
        &mut self,
        port: PortId,
        caller: Caller,
        thread: Option<H::Thread>,
        mut message: Message,
        kind: Kind,
        origin: Origin,
    ) -> Result<Id, NtStatus> {
        let header = message.header();
        let given = header.message_type;
        let route = self.route(port)?;
        check::fits(header, route.max_message)?;
        if header.data_info_offset != 0 {
            check::data_entries(header, message.as_bytes())?;
        }
        let message_type = match (origin, kind) {
            (Origin::User, _) => {
                check::user_type(given)?;
                if kind == Kind::Request { message_type::REQUEST } else { message_type::DATAGRAM }
            }
            (Origin::Kernel, kind) => {
                check::kernel_type(given)?;
                match (given, kind) {
                    (message_type::NEW, Kind::Request) => message_type::REQUEST,
                    (message_type::NEW, _) => message_type::DATAGRAM,
                    _ => given,
                }
            }
        };
        if let Some(header) = message.header_mut() {
            header.message_type = message_type;
            header.client_view_size = 0;
        }
        self.book(Slot {
            kind,
            state: State::Reserved,
            from: port,
            queue: route.queue,
            context: route.context,
            client: caller,
            thread,
            message,
            charge: 0,
            data: Vec::new(),
        })
    }

    /// Gives a message its id and charges it to the port it comes from and the one it goes to.
    #[inline(always)]
    pub(crate) fn book(&mut self, mut slot: Slot<H>) -> Result<Id, NtStatus> {
        let charge = slot.message.len() as u32 + OVERHEAD;
        let (from, queue) = (slot.from, slot.queue);
        let sender = self.port(from)?;
        let max_sent = match sender.kind {
            PortKind::Connection => sender.limits.max_pool,
            PortKind::Server | PortKind::Client => sender.limits.max_pool / 4,
        };
        let receiver = self.port(queue)?;
        if sender.sent + charge > max_sent || receiver.used + charge > receiver.limits.max_pool {
            return Err(NtStatus::NO_MEMORY);
        }
        slot.charge = charge;
        let id = self.slots.insert(|id| {
            if let Some(header) = slot.message.header_mut() {
                header.client_id = slot.client.into();
                header.message_id = id.get();
                header.reserved = 0;
            }
            slot
        })?;
        self.port_mut(from)?.sent += charge;
        self.port_mut(queue)?.used += charge;
        Ok(id)
    }

    /// Gives a message to a waiting receiver, or puts it into the queue. Returns whom to wake.
    pub(crate) fn enqueue(&mut self, id: Id, front: bool) -> Option<H::Thread> {
        let slot = self.slots.get_mut(id)?;
        let connect = slot.kind == Kind::Connect;
        let port = self.ports.get_mut(slot.queue.0)?;
        let mut next = self.receivers.first(&port.receivers);
        while let Some(receiver_id) = next {
            let receiver = self.receivers.get_mut(receiver_id)?;
            if connect || !receiver.listens {
                receiver.given = Given::Message(id);
                let thread = receiver.thread.take();
                self.receivers.unlink(&mut port.receivers, receiver_id);
                slot.state = State::Given(receiver_id);
                return thread;
            }
            next = self.receivers.after(receiver_id);
        }
        slot.state = State::Queued;
        self.slots.link(&mut port.queue, id, front);
        None
    }

    /// Takes a request out of the table, from wherever it is. A server that has it is told when it replies.
    pub(crate) fn withdraw(&mut self, id: Id) -> Option<Released> {
        let slot = self.slots.get(id)?;
        match slot.state {
            State::Queued => {
                let queue = slot.queue;
                if let Some(port) = self.ports.get_mut(queue.0) {
                    self.slots.unlink(&mut port.queue, id);
                }
            }
            State::Given(receiver) => self.take_back(receiver),
            State::Received | State::Accepted(_) => {
                let client = slot.client;
                self.remember(id, client);
            }
            State::Reserved | State::Answered(_) | State::Failed(_) => {}
        }
        self.release(id)
    }

    /// Ends a request without a reply. Returns its sender, to be woken.
    pub(crate) fn fail(&mut self, id: Id, status: NtStatus) -> Option<H::Thread> {
        let slot = self.slots.get_mut(id)?;
        if matches!(slot.state, State::Answered(_) | State::Failed(_)) {
            return None;
        }
        let state = core::mem::replace(&mut slot.state, State::Failed(status));
        let thread = slot.thread.take();
        let (queue, client) = (slot.queue, slot.client);
        match state {
            State::Queued => {
                if let Some(port) = self.ports.get_mut(queue.0) {
                    self.slots.unlink(&mut port.queue, id);
                }
            }
            State::Given(receiver) => self.take_back(receiver),
            State::Received | State::Accepted(_) => self.remember(id, client),
            State::Reserved | State::Answered(_) | State::Failed(_) => {}
        }
        thread
    }
}
