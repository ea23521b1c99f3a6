//! The end of ports: everybody who waits for something that cannot come any more is told.

use nt::NtStatus;
use nt::lpc::message_type;

use crate::port::{PortId, PortKind};
use crate::receive::Given;
use crate::slot::{Kind, Slot, State};
use crate::{Host, Lpc};

/// What the kernel must do after a port is closed.
#[derive(Debug)]
pub enum Effect<H: Host> {
    /// Wake this thread.
    Wake(H::Thread),
    /// Unmap this view from the process that had the port.
    Unmap(H::View),
}

impl<H: Host> Lpc<H> {
    /// The last handle of a port has been closed, or its process has ended.
    ///
    /// A connection port takes everything with it that waits for it, but leaves connections open, through
    /// which nothing can be requested any more. A server's end disconnects its client: what the client
    /// has sent and not got an answer to is lost. A client's end tells the server (LPC_PORT_CLOSED)
    /// after the datagrams that it has sent. Closing a port twice does nothing.
    pub fn close(&mut self, id: PortId, effects: &mut impl FnMut(Effect<H>)) {
        let Some(port) = self.ports.remove(id.0) else { return };
        self.end_receivers(id, effects);
        match port.kind {
            PortKind::Connection => {}
            PortKind::Server => {
                if let Some(connecting) = port.connecting
                    && let Some(thread) = self.fail(connecting, NtStatus::PORT_CONNECTION_REFUSED)
                {
                    effects(Effect::Wake(thread));
                }
                if let Some(client) = port.peer {
                    self.forget_peer(client);
                    self.end_receivers(client, effects);
                }
            }
            PortKind::Client => {
                if let Some(server) = port.peer {
                    self.forget_peer(server);
                }
            }
        }
        self.end_messages(id, effects);
        if let Some(notice) = port.notice {
            if port.peer.is_some() {
                if let Some(thread) = self.send_notice(notice, message_type::PORT_CLOSED, 0) {
                    effects(Effect::Wake(thread));
                }
            } else {
                self.release(notice);
            }
        }
        for view in port.views.into_iter().flatten() {
            effects(Effect::Unmap(view));
        }
    }

    fn forget_peer(&mut self, id: PortId) {
        if let Some(port) = self.ports.get_mut(id.0) {
            port.peer = None;
        }
    }

    /// Tells those who wait for a message here that none will come.
    fn end_receivers(&mut self, queue: PortId, effects: &mut impl FnMut(Effect<H>)) {
        let mut at = 0;
        while let Some(id) = self.receivers.ids(at) {
            at += 1;
            let Some(receiver) = self.receivers.get_mut(id) else { continue };
            if receiver.queue != queue {
                continue;
            }
            if let Some(thread) = receiver.thread.take() {
                receiver.given = Given::Failed(NtStatus::PORT_DISCONNECTED);
                if let Some(port) = self.ports.get_mut(queue.0) {
                    self.receivers.unlink(&mut port.receivers, id);
                }
                effects(Effect::Wake(thread));
            }
        }
    }

    /// Ends all messages that a closed port cuts off. Rare, so the whole table is looked through.
    fn end_messages(&mut self, closed: PortId, effects: &mut impl FnMut(Effect<H>)) {
        let mut at = 0;
        while let Some(id) = self.slots.ids(at) {
            at += 1;
            let Some(slot) = self.slots.get(id) else { continue };
            if !cut_off(slot, closed) {
                continue;
            }
            let status = match slot.kind {
                Kind::Datagram => {
                    self.withdraw(id);
                    continue;
                }
                Kind::Request => NtStatus::PORT_DISCONNECTED,
                Kind::Connect => NtStatus::PORT_CONNECTION_REFUSED,
            };
            if let Some(thread) = self.fail(id, status) {
                effects(Effect::Wake(thread));
            }
        }
    }
}

/// Whether a message cannot go on without that port: it is received there, comes with its context, or
/// its sender waits at it.
fn cut_off<H: Host>(slot: &Slot<H>, closed: PortId) -> bool {
    slot.state != State::Reserved
        && (slot.queue == closed
            || slot.context == Some(closed)
            || (slot.from == closed && slot.kind != Kind::Datagram))
}
