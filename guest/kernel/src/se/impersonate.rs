//! Threads that act as others, and processes that are given a token.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::security::{
    ImpersonationLevel, SecurityQualityOfService, THREAD_DIRECT_IMPERSONATION, THREAD_IMPERSONATE,
    TOKEN_ALL_ACCESS, TOKEN_ASSIGN_PRIMARY, TOKEN_IMPERSONATE, privilege,
};
use nt::types::{Handle, UserPtr};
use secore::{AclBuf, Descriptor, NewAce, Sid, TokenKind};

use super::make::quality;
use super::token::{self, PrimaryToken, TokenRef, of_object};
use super::{luid, subject};
use crate::ke::service::NtResult;
use crate::ob::body::Kind;
use crate::ob::{Object, Security, handle};
use crate::ps::{Process, Thread};

/// Lets a thread act as a client, as far as the client allows. Without SeImpersonatePrivilege it only learns who the
/// client is, unless that is itself (Windows 2000 SP4, XP SP2 and 2003).
///
/// # Errors
/// BAD_IMPERSONATION_LEVEL: the client itself may not act so far as whom it acts.
pub fn as_client(
    thread: &Thread,
    client: &TokenRef,
    level: ImpersonationLevel,
    effective_only: bool,
) -> Result<(), NtStatus> {
    let server = thread.process().attributes().lock().token.now();
    let level = limit(&server, client, level);
    let copy = client.duplicate(luid::allocate(), TokenKind::Impersonation(level), effective_only)?;
    // Client and server may open it, besides those who may do everything.
    let everything = |sid| NewAce::allow(TOKEN_ALL_ACCESS, sid);
    let dacl = AclBuf::of(&[
        everything(client.user()),
        everything(server.user()),
        everything(&Sid::LOCAL_SYSTEM),
        everything(&Sid::ADMINISTRATORS),
    ])?;
    let descriptor = Descriptor {
        owner: Some(*server.owner()),
        group: Some(*server.primary_group()),
        ..Descriptor::with_dacl(dacl)
    };
    let object = token::object(copy.into(), Security::own(Arc::new(descriptor)));
    set(thread, Some(object));
    Ok(())
}

fn limit(server: &TokenRef, client: &TokenRef, level: ImpersonationLevel) -> ImpersonationLevel {
    let may = server.has_privilege(privilege::IMPERSONATE) || server.user() == client.user();
    if may { level } else { level.min(ImpersonationLevel::Identification) }
}

/// Whom a thread acts for from now on; nobody but itself without a token.
fn set(thread: &Thread, token: Option<Object>) {
    // What was there is dropped behind the guard.
    let before = core::mem::replace(&mut thread.attributes().lock().impersonation, token);
    drop(before);
}

/// `NtImpersonateThread`: `server` acts as `client` from now on.
pub fn impersonate_thread(
    server: Handle,
    client: Handle,
    quality_of_service: UserPtr<SecurityQualityOfService>,
) -> NtResult {
    let (level, effective_only) = quality(quality_of_service)?;
    let server = handle::thread(server, THREAD_DIRECT_IMPERSONATION)?;
    let client = handle::thread(client, THREAD_IMPERSONATE)?;
    let token = subject::of_thread(&client).unwrap_or(TokenRef::System);
    as_client(&server, &token, level, effective_only)?;
    Ok(NtStatus::SUCCESS)
}

/// ThreadImpersonationToken: the thread acts with a token, or as itself again if the handle is NULL.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED; BAD_TOKEN_TYPE: a primary token.
pub fn set_thread_token(thread: &Thread, token: Handle) -> Result<(), NtStatus> {
    if token == Handle::NULL {
        set(thread, None);
        return Ok(());
    }
    let object = handle::reference(token, Some(Kind::Token), TOKEN_IMPERSONATE)?;
    let token = of_object(&object)?.now();
    let TokenKind::Impersonation(level) = token.kind() else { return Err(NtStatus::BAD_TOKEN_TYPE) };
    let server = thread.process().attributes().lock().token.now();
    if limit(&server, &token, level) != level {
        return as_client(thread, &token, level, false);
    }
    set(thread, Some(object));
    Ok(())
}

/// ProcessAccessToken: gives a process another token, for whoever has SeAssignPrimaryTokenPrivilege.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED; PRIVILEGE_NOT_HELD; BAD_TOKEN_TYPE: not a primary token;
/// TOKEN_ALREADY_IN_USE.
pub fn set_process_token(process: &Process, token: Handle) -> Result<(), NtStatus> {
    let object = handle::reference(token, Some(Kind::Token), TOKEN_ASSIGN_PRIMARY)?;
    subject::require(privilege::ASSIGN_PRIMARY_TOKEN)?;
    let token = of_object(&object)?;
    if token.now().kind() != TokenKind::Primary {
        return Err(NtStatus::BAD_TOKEN_TYPE);
    }
    if !token.take_for_process() {
        return Err(NtStatus::TOKEN_ALREADY_IN_USE);
    }
    let new = PrimaryToken::Object(object);
    let before = core::mem::replace(&mut process.attributes().lock().token, new);
    drop(before);
    Ok(())
}
