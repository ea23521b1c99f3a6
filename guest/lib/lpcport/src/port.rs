//! Ports: connection ports that servers create, and the two ends of each connection.

use nt::NtStatus;
use nt::lpc::{MAXIMUM_MESSAGE_LENGTH, PORT_MESSAGE_SIZE, TOTAL_MAXIMUM_MESSAGE_LENGTH};

use crate::slab::{Id, List};
use crate::{Host, Lpc};

/// Names a port. Once the port is closed, the id finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId(pub(crate) Id);

/// What kind of port it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    /// A server's port that clients connect to; messages of all its clients queue here.
    Connection,
    /// The server's end of a connection.
    Server,
    /// The client's end of a connection.
    Client,
}

/// The limits of a connection port and of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of connection information.
    pub max_connection_info: u16,
    /// Most bytes of a message in all.
    pub max_message: u16,
    /// Most bytes that unanswered messages may take; one connection may take a quarter.
    pub max_pool: u32,
}

impl Limits {
    /// Pool of a port whose creator does not care.
    pub const DEFAULT_POOL: u32 = 64 * 1024;
    /// Least pool: creators count bytes of messages and forget what comes on top.
    pub const MINIMUM_POOL: u32 = 32 * 1024;
    /// Most pool that a creator can ask for.
    pub const MAXIMUM_POOL: u32 = 1024 * 1024;

    /// Limits from the arguments of `NtCreatePort`; pool 0 means the default. Connection information may
    /// be as long as a message's data: what a subsystem tells `\\SmApiPort` (spec/smss.md 3.2) exceeds
    /// LPC_MAX_CONNECTION_INFO_SIZE.
    ///
    /// # Errors
    /// INVALID_PARAMETER for more than LPC allows.
    pub fn new(connection_info: u32, message: u32, pool: u32) -> Result<Self, NtStatus> {
        if connection_info > MAXIMUM_MESSAGE_LENGTH.into() || message > TOTAL_MAXIMUM_MESSAGE_LENGTH.into() {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        Ok(Self {
            max_connection_info: connection_info as u16,
            max_message: (message as u16).max(PORT_MESSAGE_SIZE as u16),
            max_pool: match pool {
                0 => Self::DEFAULT_POOL,
                _ => pool.clamp(Self::MINIMUM_POOL, Self::MAXIMUM_POOL),
            },
        })
    }
}

/// Views that live as long as a port: its own section's and the other side's.
pub type Views<V> = [Option<V>; 2];

/// An operation failed before it took the views it was given: the kernel still has to unmap them.
#[derive(Debug)]
pub struct NotTaken<V> {
    /// Why.
    pub status: NtStatus,
    /// The views.
    pub views: Views<V>,
}

#[derive(Debug)]
pub(crate) struct Port<H: Host> {
    pub kind: PortKind,
    /// The process that created it, or accepted or asked for the connection.
    pub owner: u32,
    pub limits: Limits,
    /// Messages waiting to be received here.
    pub queue: List,
    /// Threads waiting for one.
    pub receivers: List,
    /// Bytes of messages that are to be received or answered here.
    pub used: u32,
    /// Bytes of such messages that were sent through this port.
    pub sent: u32,
    /// Where it was connected to.
    pub connection: Option<PortId>,
    /// The other end, once the connection is complete and as long as that end is open.
    pub peer: Option<PortId>,
    /// The request that waits for this server's port to be completed.
    pub connecting: Option<Id>,
    /// Room for the notice that this client's port has been closed.
    pub notice: Option<Id>,
    /// What the server calls the connection.
    pub context: u64,
    pub views: Views<H::View>,
    pub security: Option<H::Security>,
}

impl<H: Host> Port<H> {
    pub(crate) fn new(kind: PortKind, owner: u32, limits: Limits, connection: Option<PortId>) -> Self {
        Self {
            kind,
            owner,
            limits,
            queue: List::EMPTY,
            receivers: List::EMPTY,
            used: 0,
            sent: 0,
            connection,
            peer: None,
            connecting: None,
            notice: None,
            context: 0,
            views: [None, None],
            security: None,
        }
    }
}

impl<H: Host> Lpc<H> {
    /// `NtCreatePort`: a port to connect to. Only the process that creates it can accept connections.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES, NO_MEMORY.
    pub fn create(&mut self, owner: u32, limits: Limits) -> Result<PortId, NtStatus> {
        self.ports.insert(|_| Port::new(PortKind::Connection, owner, limits, None)).map(PortId)
    }

    pub(crate) fn port(&self, id: PortId) -> Result<&Port<H>, NtStatus> {
        self.ports.get(id.0).ok_or(NtStatus::INVALID_PORT_HANDLE)
    }

    pub(crate) fn port_mut(&mut self, id: PortId) -> Result<&mut Port<H>, NtStatus> {
        self.ports.get_mut(id.0).ok_or(NtStatus::INVALID_PORT_HANDLE)
    }

    /// The port in whose queue messages for `id` wait: a server's end receives from its connection port.
    pub(crate) fn receive_queue(&self, id: PortId) -> Result<PortId, NtStatus> {
        let port = self.port(id)?;
        match port.kind {
            PortKind::Connection | PortKind::Client => Ok(id),
            PortKind::Server => port.connection.ok_or(NtStatus::INVALID_PORT_HANDLE),
        }
    }

    /// What kind of port it is.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE when it has been closed.
    pub fn kind(&self, id: PortId) -> Result<PortKind, NtStatus> {
        self.port(id).map(|port| port.kind)
    }

    /// The process that has made it.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE when it has been closed.
    pub fn owner(&self, id: PortId) -> Result<u32, NtStatus> {
        self.port(id).map(|port| port.owner)
    }

    /// Its limits; a connection has those of the port it was made to.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE when it has been closed.
    pub fn limits(&self, id: PortId) -> Result<Limits, NtStatus> {
        self.port(id).map(|port| port.limits)
    }

    /// The process that serves the port that a connection was made to; 0 when that has been closed.
    pub fn server(&self, id: PortId) -> u32 {
        let connection = self.port(id).ok().and_then(|port| port.connection);
        connection.and_then(|connection| self.port(connection).ok()).map_or(0, |port| port.owner)
    }

    /// Its views, which the kernel reads back when the connection is made.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE when it has been closed.
    pub fn views(&self, id: PortId) -> Result<&Views<H::View>, NtStatus> {
        self.port(id).map(|port| &port.views)
    }

    /// Whether a message waits to be received: what a waitable port signals.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE when it has been closed.
    pub fn has_message(&self, id: PortId) -> Result<bool, NtStatus> {
        let queue = self.receive_queue(id)?;
        self.port(queue).map(|port| !port.queue.is_empty())
    }

    /// `NtQueryInformationPort`: class 0 exists and has no content. Returns its size.
    ///
    /// # Errors
    /// INVALID_PORT_HANDLE, INVALID_INFO_CLASS.
    pub fn query(&self, id: PortId, class: u32) -> Result<usize, NtStatus> {
        self.port(id)?;
        match class {
            0 => Ok(0),
            _ => Err(NtStatus::INVALID_INFO_CLASS),
        }
    }
}
