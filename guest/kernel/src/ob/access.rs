//! Which access a new handle grants.

use nt::NtStatus;
use nt::security::{
    ACCESS_SYSTEM_SECURITY, DIRECTORY_CREATE_OBJECT, DIRECTORY_CREATE_SUBDIRECTORY, GENERIC_ALL,
    MAXIMUM_ALLOWED, privilege,
};
use secore::{Descriptor, Request};

use super::body::{Body, Kind, Object};
use super::capture::Captured;
use super::security::Security;
use crate::cm::security as key;
use crate::se::{self, TokenRef};

/// What needs more than a look at the descriptor.
const SPECIAL: u32 = ACCESS_SYSTEM_SECURITY | MAXIMUM_ALLOWED;

/// The access that opening an object grants.
///
/// # Errors
/// ACCESS_DENIED, PRIVILEGE_NOT_HELD (ACCESS_SYSTEM_SECURITY), BAD_IMPERSONATION_LEVEL.
pub fn check(object: &Object, desired: u32) -> Result<u32, NtStatus> {
    let kind = object.kind();
    if let Some(Body::Key(open)) = object.body() {
        return key::check(open.key(), desired);
    }
    if object.security().is_open() && desired != 0 && desired & SPECIAL == 0 && !se::is_impersonating() {
        return Ok(kind.map_generic(desired));
    }
    let Some(token) = se::effective() else { return Ok(everything(kind, desired)) };
    check_as(&token, object, desired)
}

/// The same for somebody in particular.
///
/// # Errors
/// As [`check`].
pub fn check_as(token: &TokenRef, object: &Object, desired: u32) -> Result<u32, NtStatus> {
    let kind = object.kind();
    object.security().with(kind, |descriptor| check_descriptor(token, kind, descriptor, desired))
}

/// The same for what has its descriptor elsewhere, as keys have.
///
/// # Errors
/// As [`check`].
pub fn check_descriptor(
    token: &TokenRef,
    kind: Kind,
    descriptor: Option<&Descriptor>,
    desired: u32,
) -> Result<u32, NtStatus> {
    let granted = token.check_access(descriptor, &Request::new(desired, kind.info().mapping))?;
    Ok(granted.access)
}

/// The access that opening a process or thread grants: SeDebugPrivilege opens all of them.
///
/// # Errors
/// As [`check`].
pub fn check_to_debug(object: &Object, desired: u32) -> Result<u32, NtStatus> {
    if desired & ACCESS_SYSTEM_SECURITY == 0 && se::has(privilege::DEBUG) {
        return Ok(everything(object.kind(), desired));
    }
    check(object, desired)
}

/// All that is asked for.
pub fn everything(kind: Kind, desired: u32) -> u32 {
    let desired = match desired & MAXIMUM_ALLOWED {
        0 => desired,
        _ => desired & !MAXIMUM_ALLOWED | GENERIC_ALL,
    };
    kind.map_generic(desired)
}

/// The access that its creator has to a new object, which is all that it asks for, and the object's descriptor.
/// `directory` is where it gets its name.
///
/// # Errors
/// Those of `secore::Creation::assign` (INVALID_OWNER, PRIVILEGE_NOT_HELD, …); PRIVILEGE_NOT_HELD
/// (ACCESS_SYSTEM_SECURITY; OBJ_PERMANENT).
pub fn for_new(
    kind: Kind,
    captured: &Captured,
    directory: Option<&Object>,
    desired: u32,
) -> Result<(u32, Security), NtStatus> {
    let token = se::effective().unwrap_or(TokenRef::System);
    check_new(&token, captured, desired)?;
    let explicit = captured.descriptor();
    let is_secured = directory.is_some() || explicit.is_some() || kind.info().is_always_secured;
    let security = match is_secured {
        true => Security::assign(kind, token, explicit, directory)?,
        false => Security::default(),
    };
    Ok((everything(kind, desired), security))
}

/// Whether a creator has the privileges that its wishes take.
///
/// # Errors
/// PRIVILEGE_NOT_HELD (ACCESS_SYSTEM_SECURITY; OBJ_PERMANENT).
pub fn check_new(token: &TokenRef, captured: &Captured, desired: u32) -> Result<(), NtStatus> {
    let lacks = |flag: bool, number| flag && !token.has_privilege(number);
    if lacks(desired & ACCESS_SYSTEM_SECURITY != 0, privilege::SECURITY)
        || lacks(captured.attributes.has(obns::Attributes::PERMANENT), privilege::CREATE_PERMANENT)
    {
        return Err(NtStatus::PRIVILEGE_NOT_HELD);
    }
    Ok(())
}

/// Whether the caller may put an object of that type into a directory.
///
/// # Errors
/// ACCESS_DENIED.
pub fn check_creation(directory: &Object, kind: Kind) -> Result<(), NtStatus> {
    let needed = match kind {
        Kind::Directory => DIRECTORY_CREATE_SUBDIRECTORY,
        _ => DIRECTORY_CREATE_OBJECT,
    };
    check(directory, needed).map(drop)
}
