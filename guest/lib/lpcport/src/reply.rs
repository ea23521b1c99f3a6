//! Replies, matched to requests by client id and message id.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::message_type;

use crate::message::Message;
use crate::port::PortId;
use crate::receive::Received;
use crate::send::{Request, Sent};
use crate::slab::Id;
use crate::slot::{Kind, Slot, State};
use crate::{Caller, Host, Lpc, check};

/// What `NtReplyWaitReceivePort` led to.
#[must_use]
#[derive(Debug)]
pub struct ReplyReceived<H: Host> {
    /// The client that has its reply now.
    pub wake: Option<H::Thread>,
    /// The receiving part. The reply has been sent even when this fails.
    pub then: Result<Received, NtStatus>,
}

impl<H: Host> Lpc<H> {
    /// `NtReplyPort`: answers a request that was received from the queue that `port` receives from. Returns
    /// whom to wake.
    ///
    /// # Errors
    /// REPLY_MESSAGE_MISMATCH (nobody waits for that reply), PORT_DISCONNECTED (the client has gone),
    /// PORT_MESSAGE_TOO_LONG, INVALID_PORT_HANDLE. The request is then as unanswered as before.
    pub fn reply(&mut self, port: PortId, message: Message) -> Result<Option<H::Thread>, NtStatus> {
        let id = self.find_request(port, &message)?;
        Ok(self.answer(id, message, None))
    }

    /// `NtReplyWaitReceivePort`: answers a request, if there is a reply, and receives. When the reply
    /// fails, nothing is received.
    ///
    /// # Errors
    /// As [`Self::reply`]; as [`Self::receive`] when there is no reply.
    pub fn reply_wait_receive(
        &mut self,
        port: PortId,
        thread: H::Thread,
        reply: Option<Message>,
    ) -> Result<ReplyReceived<H>, NtStatus> {
        let wake = match reply {
            Some(message) => self.reply(port, message)?,
            None => return Ok(ReplyReceived { wake: None, then: Ok(self.receive(port, thread)?) }),
        };
        Ok(ReplyReceived { wake, then: self.receive(port, thread) })
    }

    /// `NtReplyWaitReplyPort`: answers a request with a message that is to be replied to in turn. The
    /// client finds the caller's client id and a new message id in it; the caller waits.
    ///
    /// # Errors
    /// As [`Self::reply`]; NO_MEMORY, INSUFFICIENT_RESOURCES.
    pub fn reply_wait_reply(
        &mut self,
        port: PortId,
        caller: Caller,
        thread: H::Thread,
        message: Message,
    ) -> Result<Sent<H>, NtStatus> {
        let first = self.find_request(port, &message)?;
        let client = self.slots.get(first).map(|slot| slot.from).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        let queue = self.receive_queue(client)?;
        let second = self.book(Slot {
            kind: Kind::Request,
            state: State::Received,
            from: port,
            queue,
            context: None,
            client: caller,
            thread: Some(thread),
            message,
            charge: 0,
            data: Vec::new(),
        })?;
        let slot = self.slots.get_mut(second).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        let message = core::mem::take(&mut slot.message);
        Ok(Sent { wake: self.answer(first, message, Some(second)), wait: Request(second) })
    }

    fn find_request(&mut self, port: PortId, message: &Message) -> Result<Id, NtStatus> {
        check::fits(message.header(), self.port(port)?.limits.max_message)?;
        let id = self.find_received(port, message.header())?;
        match self.slots.get(id) {
            Some(slot) if slot.kind == Kind::Request => Ok(id),
            _ => Err(NtStatus::REPLY_MESSAGE_MISMATCH),
        }
    }

    fn answer(&mut self, id: Id, mut message: Message, next: Option<Id>) -> Option<H::Thread> {
        let slot = self.slots.get_mut(id)?;
        if let Some(header) = message.header_mut() {
            header.message_type = message_type::REPLY;
            // What the reply says of data is not checked, and nobody could use it.
            header.data_info_offset = 0;
        }
        slot.message = message;
        slot.data = Vec::new();
        slot.state = State::Answered(next);
        slot.thread.take()
    }
}
