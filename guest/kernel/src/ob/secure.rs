//! `NtQuerySecurityObject` and `NtSetSecurityObject`.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::{Handle, UserPtr};
use secore::{Descriptor, List, Sid, access_to_query, access_to_set};

use super::body::{Body, Object};
use super::handle;
use super::security::Security;
use crate::cm::security as key;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::se::{self, TokenRef};

/// What files show whose file system has no security: they are everybody's, and everybody may do everything.
static OF_FILES: Descriptor = Descriptor {
    control: 0,
    sbz1: 0,
    owner: Some(Sid::WORLD),
    group: Some(Sid::WORLD),
    dacl: List::Null,
    sacl: List::Absent,
};

/// `NtQuerySecurityObject`: BUFFER_TOO_SMALL with the length that it takes.
pub fn query(
    handle: Handle,
    information: u32,
    descriptor: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = handle::reference(handle, None, access_to_query(information))?;
    let bytes = selected(&object, information)?;
    user::write(returned.address, &(bytes.len() as u32).to_le_bytes())?;
    if (length as usize) < bytes.len() {
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    user::write(descriptor.address, &bytes)?;
    Ok(NtStatus::SUCCESS)
}

/// The parts of an object's descriptor that are asked for, self-relative.
fn selected(object: &Object, information: u32) -> Result<Vec<u8>, NtStatus> {
    let of = |descriptor: &Descriptor| descriptor.select(information).to_bytes();
    Ok(match object.body() {
        Some(Body::Key(open)) => of(&*key::query(open.key())?),
        Some(Body::File(_)) => of(&OF_FILES),
        _ => object.security().with(object.kind(), |descriptor| {
            descriptor.map_or_else(|| Descriptor::default().to_bytes(), of)
        }),
    })
}

/// `NtSetSecurityObject`: NO_SECURITY_ON_OBJECT for an object without descriptor. For a file, nothing changes.
pub fn set(handle: Handle, information: u32, descriptor: UserPtr<u8>) -> NtResult {
    let object = handle::reference(handle, None, access_to_set(information))?;
    let new = se::capture_descriptor(descriptor.address)?;
    let token = se::effective().unwrap_or(TokenRef::System);
    let kind = object.kind();
    let replace = |old: &Descriptor| old.set(information, &new, &token, kind.info().mapping);
    match object.body() {
        Some(Body::Key(open)) => key::set(open.key(), &replace(&*key::query(open.key())?)?)?,
        Some(Body::File(_)) => {}
        _ => {
            let security = object.security();
            let replaced = security.with(kind, |descriptor| {
                descriptor.ok_or(NtStatus::NO_SECURITY_ON_OBJECT).and_then(replace)
            })?;
            security.replace(Security::own(Arc::new(replaced)));
        }
    }
    Ok(NtStatus::SUCCESS)
}
