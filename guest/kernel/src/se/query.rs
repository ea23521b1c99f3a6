//! `NtQueryInformationToken` and `NtSetInformationToken`.

use alloc::vec;

use nt::NtStatus;
use nt::security::{privilege, token_class as class};
use nt::types::{Handle, UserPtr};
use secore::{AclBuf, access_to_query_token, access_to_set_token};

use super::token::of_object;
use super::{capture, subject};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::handle;

/// `NtQueryInformationToken`: BUFFER_TOO_SMALL with the length that it takes; INVALID_INFO_CLASS.
pub fn query(
    token: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = handle::reference(token, Some(Kind::Token), access_to_query_token(class))?;
    let token = of_object(&object)?.now();
    let needed = token.query_length(class).map_err(|error| error.status())?;
    user::write(returned.address, &(needed as u32).to_le_bytes())?;
    if (length as usize) < needed {
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    let mut answer = vec![0; needed];
    token.query(class, information.address, &mut answer).map_err(|error| error.status())?;
    user::write(information.address, &answer)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtSetInformationToken`: owner, primary group, default DACL, session (with SeTcbPrivilege).
pub fn set(token: Handle, class: u32, information: UserPtr<u8>, length: u32) -> NtResult {
    let least = match class {
        class::OWNER | class::PRIMARY_GROUP | class::DEFAULT_DACL => 8,
        class::SESSION_ID => 4,
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    };
    if length < least {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let object = handle::reference(token, Some(Kind::Token), access_to_set_token(class))?;
    let token = of_object(&object)?;
    match class {
        class::OWNER => {
            let owner = capture::sid(capture::pointer(information.address)?)?;
            token.change(|token, modified| token.set_owner(&owner, modified))?;
        }
        class::PRIMARY_GROUP => {
            let group = capture::sid(capture::pointer(information.address)?)?;
            token.change(|token, modified| token.set_primary_group(&group, modified))?;
        }
        class::DEFAULT_DACL => {
            let dacl = capture::acl(capture::pointer(information.address)?)?;
            token.change(|token, modified| {
                token.set_default_dacl(dacl.as_ref().map(AclBuf::as_acl), modified);
            });
        }
        _ => {
            let session = u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(information.address))?);
            subject::require(privilege::TCB)?;
            token.change(|token, modified| token.set_session(session, modified));
        }
    }
    Ok(NtStatus::SUCCESS)
}
