//! What a server may do with the client whose request it has.

use nt::NtStatus;
use nt::lpc::PortMessage;

use crate::port::PortId;
use crate::{Caller, Host, Lpc};

/// The client of a received request.
#[derive(Debug)]
pub struct Client<'a, H: Host> {
    /// Its ids.
    pub caller: Caller,
    /// Its thread, which waits.
    pub thread: H::Thread,
    /// What it gave when it connected.
    pub security: &'a H::Security,
}

/// Memory of a client that the server may read and write until it replies.
#[derive(Debug)]
pub struct Data<H: Host> {
    /// The client's thread, in whose process the memory is.
    pub thread: H::Thread,
    /// The alleged address.
    pub base: u64,
    /// Its bytes.
    pub size: u32,
}

impl<H: Host> Lpc<H> {
    /// `NtImpersonateClientOfPort`: whom the caller may act as.
    ///
    /// # Errors
    /// REPLY_MESSAGE_MISMATCH, PORT_DISCONNECTED, INVALID_PORT_HANDLE as for a reply; CANNOT_IMPERSONATE
    /// when the request did not come by a connection with security.
    pub fn client(&mut self, port: PortId, header: &PortMessage) -> Result<Client<'_, H>, NtStatus> {
        let id = self.find_received(port, header)?;
        let slot = self.slots.get(id).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        let security = self.ports.get(slot.from.0).and_then(|port| port.security.as_ref());
        match (slot.thread.clone(), security) {
            (Some(thread), Some(security)) => Ok(Client { caller: slot.client, thread, security }),
            _ => Err(NtStatus::CANNOT_IMPERSONATE),
        }
    }

    /// `NtReadRequestData`, `NtWriteRequestData`: the memory that a request offers as entry `index`.
    ///
    /// # Errors
    /// REPLY_MESSAGE_MISMATCH, PORT_DISCONNECTED, INVALID_PORT_HANDLE as for a reply; INVALID_PARAMETER
    /// when there is no such entry.
    pub fn data(&mut self, port: PortId, header: &PortMessage, index: usize) -> Result<Data<H>, NtStatus> {
        let id = self.find_received(port, header)?;
        let slot = self.slots.get(id).ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        match (slot.data.get(index), slot.thread.clone()) {
            (Some(entry), Some(thread)) => Ok(Data { thread, base: entry.base, size: entry.size }),
            _ => Err(NtStatus::INVALID_PARAMETER),
        }
    }
}
