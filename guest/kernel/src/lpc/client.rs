//! What a server may do with the client whose request it has.

use mmcore::Access;
use nt::NtStatus;
use nt::lpc::{PortMessage, SecurityQualityOfService};
use nt::types::{Handle, UserPtr};

use super::LPC;
use super::port::{Port, reference};
use crate::ke::service::NtResult;
use crate::mm::{copy, user};

/// SECURITY_IMPERSONATION_LEVEL: delegation, the highest.
const LEVEL_MAX: u32 = 3;

/// How far a server may act as its client.
#[derive(Debug)]
pub struct Security {
    level: u32,
}

impl Security {
    /// From what a client gives when it connects.
    ///
    /// # Errors
    /// BAD_IMPERSONATION_LEVEL.
    pub fn capture(quality: &SecurityQualityOfService) -> Result<Self, NtStatus> {
        match quality.impersonation_level {
            level @ 0..=LEVEL_MAX => Ok(Self { level }),
            _ => Err(NtStatus::BAD_IMPERSONATION_LEVEL),
        }
    }
}

/// Checks that the process of a port has a SID, if one is asked for.
///
/// # Errors
/// SERVER_SID_MISMATCH.
pub fn check_server(_server: &Port, _sid: UserPtr<u8>) -> Result<(), NtStatus> {
    Ok(())
}

/// `NtReadRequestData`: memory of the client whose request it is.
pub fn read_data(
    port: Handle,
    message: UserPtr<PortMessage>,
    index: u32,
    buffer: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    data(port, message, index, Access::Read, buffer, length, returned)
}

/// `NtWriteRequestData`.
pub fn write_data(
    port: Handle,
    message: UserPtr<PortMessage>,
    index: u32,
    buffer: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    data(port, message, index, Access::Write, buffer, length, returned)
}

/// Copies between what a request offers and the caller's memory: no more than it offers.
fn data(
    port: Handle,
    message: UserPtr<PortMessage>,
    index: u32,
    access: Access,
    buffer: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    let port = reference(port)?;
    let header: PortMessage = user::read(message)?;
    let offered = LPC.lock().data(port.id, &header, index as usize)?;
    if length > offered.size.into() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let client = offered.thread.process();
    let (done, result) = copy::copy_memory(client, access, offered.base, buffer.address, length);
    user::write_optional(returned, &done.to_le_bytes())?;
    result.map(|()| NtStatus::SUCCESS)
}

/// `NtQueryInformationPort`: class 0 exists and has no content.
pub fn query(
    port: Handle,
    class: u32,
    _information: UserPtr<u8>,
    _length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let port = reference(port)?;
    let size = LPC.lock().query(port.id, class)?;
    user::write_optional(returned, &(size as u32).to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}
