//! `NtQuerySecurityObject` and `NtSetSecurityObject`.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::{Handle, UserPtr};
use secore::{Descriptor, access_to_query, access_to_set};

use super::body::Object;
use super::handle;
use super::security::Security;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::se::{self, TokenRef};

/// `NtQuerySecurityObject`: BUFFER_TOO_SMALL with the length that it takes.
pub fn query(
    handle: Handle,
    information: u32,
    descriptor: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = handle::reference(handle, None, access_to_query(information))?;
    let bytes = selected(&object, information);
    user::write(returned.address, &(bytes.len() as u32).to_le_bytes())?;
    if (length as usize) < bytes.len() {
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    user::write(descriptor.address, &bytes)?;
    Ok(NtStatus::SUCCESS)
}

/// The parts of an object's descriptor that are asked for, self-relative.
fn selected(object: &Object, information: u32) -> Vec<u8> {
    object.security().with(object.kind(), |descriptor| match descriptor {
        Some(descriptor) => descriptor.select(information).to_bytes(),
        None => Descriptor::default().to_bytes(),
    })
}

/// `NtSetSecurityObject`: NO_SECURITY_ON_OBJECT for an object without descriptor.
pub fn set(handle: Handle, information: u32, descriptor: UserPtr<u8>) -> NtResult {
    let object = handle::reference(handle, None, access_to_set(information))?;
    let new = se::capture_descriptor(descriptor.address)?;
    let token = se::effective().unwrap_or(TokenRef::System);
    let (security, kind) = (object.security(), object.kind());
    let replaced = security.with(kind, |descriptor| {
        let descriptor = descriptor.ok_or(NtStatus::NO_SECURITY_ON_OBJECT)?;
        descriptor.set(information, &new, &token, kind.info().mapping)
    })?;
    security.replace(Security::own(Arc::new(replaced)));
    Ok(NtStatus::SUCCESS)
}
