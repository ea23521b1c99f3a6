//! `NtDuplicateToken` and `NtCreateToken`.

use nt::NtStatus;
use nt::security::{
    ImpersonationLevel, Luid, SecurityQualityOfService, TOKEN_DUPLICATE, TOKEN_IMPERSONATION, TOKEN_PRIMARY,
    TokenSource, privilege,
};
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};
use secore::{NewToken, PrivilegeList, Privileges, Token, TokenIds, TokenKind};

use super::token::{self, of_object};
use super::{capture, luid, subject};
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::{Captured, Security, handle, namespace};

/// The logon sessions that there are without somebody who makes them.
const SESSIONS: [Luid; 4] = [Luid::SYSTEM, Luid::ANONYMOUS_LOGON, Luid::LOCAL_SERVICE, Luid::NETWORK_SERVICE];

/// What a new token is for: its TOKEN_TYPE, and the level from the attributes' quality of service.
fn kind(token_type: u32, captured: &Captured) -> Result<TokenKind, NtStatus> {
    match token_type {
        TOKEN_PRIMARY => Ok(TokenKind::Primary),
        TOKEN_IMPERSONATION => Ok(TokenKind::Impersonation(level(captured)?)),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// The level that the attributes allow; without a word on it, none.
fn level(captured: &Captured) -> Result<ImpersonationLevel, NtStatus> {
    match captured.quality {
        0 => Ok(ImpersonationLevel::Anonymous),
        address => quality(UserPtr::new(address)).map(|(level, _)| level),
    }
}

/// Level and EffectiveOnly of a SECURITY_QUALITY_OF_SERVICE.
///
/// # Errors
/// INVALID_PARAMETER, BAD_IMPERSONATION_LEVEL, ACCESS_VIOLATION.
pub fn quality(address: UserPtr<SecurityQualityOfService>) -> Result<(ImpersonationLevel, bool), NtStatus> {
    let quality: SecurityQualityOfService = user::read(address)?;
    if quality.length as usize != size_of::<SecurityQualityOfService>() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    Ok((level_of(&quality)?, quality.effective_only != 0))
}

/// The level of a SECURITY_QUALITY_OF_SERVICE.
///
/// # Errors
/// BAD_IMPERSONATION_LEVEL: there is no such level.
pub fn level_of(quality: &SecurityQualityOfService) -> Result<ImpersonationLevel, NtStatus> {
    ImpersonationLevel::new(quality.impersonation_level).ok_or(NtStatus::BAD_IMPERSONATION_LEVEL)
}

/// `NtDuplicateToken`. No access asked for is the access that the handle has.
pub fn duplicate(
    source: Handle,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    effective_only: Boolean,
    token_type: u32,
    new_token: UserPtr<Handle>,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let kind = kind(token_type, &captured)?;
    let object = handle::reference(source, Some(Kind::Token), TOKEN_DUPLICATE)?;
    let access = match access {
        0 => sched::current().process().handles().lock().get(source.0)?.access,
        access => access,
    };
    let copy = of_object(&object)?.now().duplicate(luid::allocate(), kind, effective_only.0 != 0)?;
    namespace::create_named(new_token, access, &captured, token::object(copy.into(), Security::default()))
}

/// `NtCreateToken`, for whoever has SeCreateTokenPrivilege. NO_SUCH_LOGON_SESSION unless the session is one of those
/// that every system has: there is nobody here who makes others.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn create(
    token: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    token_type: u32,
    authentication_id: UserPtr<u64>,
    expiration: UserPtr<i64>,
    user: UserPtr<u8>,
    groups: UserPtr<u8>,
    privileges: UserPtr<u8>,
    owner: UserPtr<u8>,
    primary_group: UserPtr<u8>,
    default_dacl: UserPtr<u8>,
    source: UserPtr<u8>,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let kind = kind(token_type, &captured)?;
    let authentication: Luid = user::read(UserPtr::new(authentication_id.address))?;
    let privileges = capture::privileges(privileges.address)?;
    let optional = |pointer: UserPtr<u8>| match pointer.is_null() {
        true => Ok(0),
        false => capture::pointer(pointer.address),
    };
    let new = NewToken {
        ids: TokenIds { id: luid::allocate(), authentication },
        kind,
        user: capture::group(user.address)?.sid,
        groups: capture::groups(groups.address)?,
        privileges: Privileges::from_list(PrivilegeList::parse(&privileges)?),
        owner: match optional(owner)? {
            0 => None,
            address => Some(capture::sid(address)?),
        },
        primary_group: capture::sid(capture::pointer(primary_group.address)?)?,
        default_dacl: capture::acl(optional(default_dacl)?)?,
        source: user::read::<TokenSource>(UserPtr::new(source.address))?,
        session: sched::current().process().attributes().lock().session,
        expiration: user::read_i64(expiration)?,
    };
    subject::require(privilege::CREATE_TOKEN)?;
    if !SESSIONS.contains(&authentication) {
        return Err(NtStatus::NO_SUCH_LOGON_SESSION);
    }
    let new = Token::new(new)?;
    namespace::create_named(token, access, &captured, token::object(new.into(), Security::default()))
}
