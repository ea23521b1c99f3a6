//! LPC ports as a state machine without threads.
//!
//! An operation never blocks. It says whom the kernel must wake, and gives a token ([`Request`],
//! [`Receive`], [`Connect`]) when its caller must wait; when the caller goes on, for whatever reason, it
//! hands the token back and learns what came of it ([`Lpc::end_request`] and its sisters). A token cannot be
//! copied, so each wait has exactly one outcome.
//!
//! A message is captured once into a buffer of its own size ([`Message`]) and moves from then on.
//! Everything a message says about itself is the sender's allegation; [`check`] is the only place that
//! judges it.
//!
//! Source: phnt's `ntlpcapi.h`, and spec/smss.md section 3 for how the session manager uses it.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod accept;
pub mod check;
mod client;
mod close;
mod connect;
mod message;
mod notice;
mod port;
mod receive;
mod reply;
mod send;
mod slab;
mod slot;

use core::fmt::Debug;

use nt::types::ClientId;

pub use accept::{Accepted, Connecting};
pub use client::{Client, Data};
pub use close::Effect;
pub use connect::{Connect, ConnectEnd, ConnectSent, Proposal};
pub use message::Message;
pub use notice::Termination;
pub use port::{Limits, NotTaken, PortId, PortKind, Views};
pub use receive::{Delivery, Receive, ReceiveEnd, Received};
pub use reply::ReplyReceived;
pub use send::{Origin, Request, RequestEnd, Sent};

use port::Port;
use receive::Receiver;
use slab::{Id, Slab};
use slot::Slot;

/// What the kernel's own things are to the ports: they are kept and given back, never looked into.
pub trait Host {
    /// A thread that can be woken.
    type Thread: Clone + Debug;
    /// A view of a section, mapped for as long as a port is open.
    type View: Debug;
    /// What a server needs in order to act as its client (a captured token and the quality of service).
    type Security: Debug;
}

/// Ids of a thread and its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caller {
    /// Process id.
    pub process: u32,
    /// Thread id.
    pub thread: u32,
}

impl From<Caller> for ClientId {
    fn from(caller: Caller) -> Self {
        Self { process: caller.process.into(), thread: caller.thread.into() }
    }
}

impl Caller {
    fn is(self, alleged: ClientId) -> bool {
        alleged.process == u64::from(self.process) && alleged.thread == u64::from(self.thread)
    }
}

/// Why a waiting thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// It was woken by an operation on ports.
    Woken,
    /// Its time is up. What came at the last moment is still taken.
    TimedOut,
    /// It is to end: it takes nothing any more.
    Terminating,
}

/// How many requests whose client has gone are remembered, so that their reply gets PORT_DISCONNECTED.
const LOST: usize = 16;

/// All ports, messages and waiting threads.
#[derive(Debug)]
pub struct Lpc<H: Host> {
    ports: Slab<Port<H>>,
    slots: Slab<Slot<H>>,
    receivers: Slab<Receiver<H>>,
    lost: [Option<(Id, Caller)>; LOST],
    next_lost: usize,
}

impl<H: Host> Default for Lpc<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<H: Host> Lpc<H> {
    /// No ports.
    pub const fn new() -> Self {
        Self {
            ports: Slab::new(),
            slots: Slab::new(),
            receivers: Slab::new(),
            lost: [None; LOST],
            next_lost: 0,
        }
    }

    /// Ports, messages and waiting receivers there are: all zero when everything has been closed.
    pub fn census(&self) -> (usize, usize, usize) {
        (self.ports.len(), self.slots.len(), self.receivers.len())
    }
}
