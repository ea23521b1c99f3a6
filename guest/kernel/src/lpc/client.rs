//! What a server may do with the client whose request it has.

use mmcore::Access;
use nt::NtStatus;
use nt::lpc::PortMessage;
use nt::types::{Handle, UserPtr};

use super::port::{Port, reference};
use super::{LPC, current};
use crate::ke::service::NtResult;
use crate::mm::{copy, user};
use crate::ob::Body;
use crate::ps::cid;
use crate::se;

/// Checks that the process of a port acts as a user, if one is asked for.
///
/// # Errors
/// SERVER_SID_MISMATCH; INVALID_SID, ACCESS_VIOLATION.
pub fn check_server(server: &Port, sid: UserPtr<u8>) -> Result<(), NtStatus> {
    if sid.is_null() {
        return Ok(());
    }
    let sid = se::capture_sid(sid.address)?;
    let owner = LPC.lock().owner(server.id)?;
    let process = cid::object(owner).ok_or(NtStatus::SERVER_SID_MISMATCH)?;
    match process.body() {
        Some(Body::Process(process)) if *process.attributes().lock().token.now().user() == sid => Ok(()),
        _ => Err(NtStatus::SERVER_SID_MISMATCH),
    }
}

/// `NtImpersonateClientOfPort`: the caller acts as the sender of a request that it has received.
pub fn impersonate(port: Handle, message: UserPtr<PortMessage>) -> NtResult {
    let port = reference(port)?;
    let header: PortMessage = user::read(message)?;
    let (client, security) = {
        let mut lpc = LPC.lock();
        let client = lpc.client(port.id, &header)?;
        (client.thread, client.security.clone())
    };
    security.impersonate(&current(), &client)?;
    Ok(NtStatus::SUCCESS)
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
