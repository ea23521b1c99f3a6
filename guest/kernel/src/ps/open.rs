//! `NtOpenProcess` and `NtOpenThread`: by client id, or by name where an object has one.

use nt::NtStatus;
use nt::types::{ClientId, Handle, ObjectAttributes, UserPtr};

use super::cid;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::{Body, Captured, Object, access, handle, namespace};

/// `NtOpenProcess`: INVALID_CID when no living process has the id, or the thread is not one of it.
pub fn open_process(
    process: UserPtr<Handle>,
    desired: u32,
    attributes: UserPtr<ObjectAttributes>,
    client_id: UserPtr<ClientId>,
) -> NtResult {
    let Some((captured, id)) = asked(attributes, client_id)? else {
        namespace::open_by_name(process, desired, attributes, Kind::Process)?;
        return Ok(NtStatus::SUCCESS);
    };
    if id.thread != 0 {
        let owner = number(id.thread).and_then(cid::thread).ok_or(NtStatus::INVALID_CID)?;
        if u64::from(owner.process().id()) != id.process {
            return Err(NtStatus::INVALID_CID);
        }
    }
    open(process, desired, &captured, id.process, Kind::Process)
}

/// `NtOpenThread`: INVALID_CID when no living thread has the id, or it is another process's.
pub fn open_thread(
    thread: UserPtr<Handle>,
    desired: u32,
    attributes: UserPtr<ObjectAttributes>,
    client_id: UserPtr<ClientId>,
) -> NtResult {
    let Some((captured, id)) = asked(attributes, client_id)? else {
        namespace::open_by_name(thread, desired, attributes, Kind::Thread)?;
        return Ok(NtStatus::SUCCESS);
    };
    let found = number(id.thread).and_then(cid::thread).ok_or(NtStatus::INVALID_CID)?;
    if id.process != 0 && id.process != u64::from(found.process().id()) {
        return Err(NtStatus::INVALID_CID);
    }
    open(thread, desired, &captured, id.thread, Kind::Thread)
}

/// What is to be opened by its id; `None` where it is asked for by name. Both together are no question.
fn asked(
    attributes: UserPtr<ObjectAttributes>,
    client_id: UserPtr<ClientId>,
) -> Result<Option<(Captured, ClientId)>, NtStatus> {
    let captured = Captured::to_open(attributes)?;
    if client_id.is_null() {
        return Ok(None);
    }
    let id = user::read(client_id)?;
    if captured.has_name() { Err(NtStatus::INVALID_PARAMETER_MIX) } else { Ok(Some((captured, id))) }
}

fn number(id: u64) -> Option<u32> {
    u32::try_from(id).ok()
}

fn open(to: UserPtr<Handle>, desired: u32, captured: &Captured, id: u64, kind: Kind) -> NtResult {
    let found = |object: &Object| matches!(object.body(), Some(Body::Process(_) | Body::Thread(_)));
    let object = number(id).and_then(cid::object).filter(found).ok_or(NtStatus::INVALID_CID)?;
    if object.kind() != kind {
        return Err(NtStatus::INVALID_CID);
    }
    let granted = access::check_to_debug(&object, desired)?;
    handle::give(to, object, granted, captured.attributes)?;
    Ok(NtStatus::SUCCESS)
}
