//! The client's part of making a connection.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::message_type;

use crate::close::Effect;
use crate::message::Message;
use crate::port::{NotTaken, Port, PortId, PortKind};
use crate::slab::Id;
use crate::slot::{Kind, Slot, State};
use crate::{Caller, Host, Lpc, WaitEnd, check};

/// A thread waits to be connected.
#[must_use = "the caller waits until woken, then hands this to `end_connect`"]
#[derive(Debug, PartialEq, Eq)]
pub struct Connect(Id);

/// What a client brings along.
#[derive(Debug)]
pub struct Proposal<H: Host> {
    /// Connection information, for the server to read ([`Message::new`]).
    pub info: Message,
    /// Its section as mapped into it, and the bytes of that view, which the server is told.
    pub view: Option<(H::View, u64)>,
    /// For the server to act as the client.
    pub security: Option<H::Security>,
}

/// A connection request is on its way.
#[must_use]
#[derive(Debug)]
pub struct ConnectSent<H: Host> {
    /// A receiver that has something to do now.
    pub wake: Option<H::Thread>,
    /// The caller must wait for the server.
    pub wait: Connect,
}

/// What came of a connection request.
#[must_use]
#[derive(Debug)]
pub struct ConnectEnd {
    /// The client's port, or why there is none.
    pub result: Result<PortId, NtStatus>,
    /// Connection information from the server, also when it refused; empty when it said nothing.
    pub info: Message,
}

impl<H: Host> Lpc<H> {
    /// `NtConnectPort`, `NtSecureConnectPort`: asks for a connection; the caller waits. That the name
    /// leads to this port, that the caller may connect and that the server is who it should be (access
    /// check, SERVER_SID_MISMATCH) is the kernel's to see to before.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE (not a connection port, or closed), PORT_MESSAGE_TOO_LONG (connection
    /// information), NO_MEMORY, INSUFFICIENT_RESOURCES; the view comes back.
    pub fn connect(
        &mut self,
        port: PortId,
        caller: Caller,
        thread: H::Thread,
        proposal: Proposal<H>,
    ) -> Result<ConnectSent<H>, NotTaken<H::View>> {
        let Proposal { info, view, security } = proposal;
        let (view, view_size) = view.map_or((None, 0), |(view, size)| (Some(view), size));
        let limits = match self.port(port) {
            Ok(port) if port.kind == PortKind::Connection => port.limits,
            _ => return Err(NotTaken { status: NtStatus::INVALID_PORT_HANDLE, views: [view, None] }),
        };
        if let Err(status) = check::info_fits(info.header(), limits.max_connection_info) {
            return Err(NotTaken { status, views: [view, None] });
        }
        let client = Port { security, ..Port::new(PortKind::Client, caller.process, limits, Some(port)) };
        let from = match self.ports.insert(|_| client) {
            Ok(id) => PortId(id),
            Err(status) => return Err(NotTaken { status, views: [view, None] }),
        };
        match self.book_connect(from, port, caller, thread, info, view_size) {
            Ok(id) => {
                if let Some(port) = self.ports.get_mut(from.0) {
                    port.views[0] = view;
                }
                Ok(ConnectSent { wake: self.enqueue(id, false), wait: Connect(id) })
            }
            Err(status) => {
                self.ports.remove(from.0);
                Err(NotTaken { status, views: [view, None] })
            }
        }
    }

    fn book_connect(
        &mut self,
        from: PortId,
        queue: PortId,
        caller: Caller,
        thread: H::Thread,
        mut message: Message,
        view_size: u64,
    ) -> Result<Id, NtStatus> {
        if let Some(header) = message.header_mut() {
            header.message_type = message_type::CONNECTION_REQUEST;
            header.data_info_offset = 0;
            header.client_view_size = view_size;
        }
        self.book(Slot {
            kind: Kind::Connect,
            state: State::Reserved,
            from,
            queue,
            context: None,
            client: caller,
            thread: Some(thread),
            message,
            charge: 0,
            data: Vec::new(),
        })
    }

    /// The thread that waited to be connected goes on: takes its port, or gives up. The effects are views
    /// to unmap and, when it gives up a connection that the server believes in, somebody to wake.
    pub fn end_connect(
        &mut self,
        wait: Connect,
        why: WaitEnd,
        effects: &mut impl FnMut(Effect<H>),
    ) -> ConnectEnd {
        let Some(slot) = self.withdraw(wait.0) else {
            return ConnectEnd { result: Err(NtStatus::PORT_DISCONNECTED), info: Message::default() };
        };
        let status = match (slot.state, why) {
            (State::Answered(_), WaitEnd::Terminating) => NtStatus::THREAD_IS_TERMINATING,
            (State::Answered(_), _) => return ConnectEnd { result: Ok(slot.from), info: slot.message },
            (State::Failed(status), _) => status,
            (_, WaitEnd::TimedOut) => NtStatus::TIMEOUT,
            _ => NtStatus::THREAD_IS_TERMINATING,
        };
        self.close(slot.from, effects);
        let info = match status {
            NtStatus::PORT_CONNECTION_REFUSED => slot.message,
            _ => Message::default(),
        };
        ConnectEnd { result: Err(status), info }
    }
}
