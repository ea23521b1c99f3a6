//! `NtAccessCheck` and `NtPrivilegeCheck`: a server asks what its client may do.

use alloc::vec;

use nt::NtStatus;
use nt::security::{
    GENERIC_RIGHTS, GenericMapping, LuidAndAttributes, PrivilegeSetHeader, TOKEN_QUERY, privilege_attributes,
};
use nt::types::{Handle, UserPtr};
use secore::{Granted, PrivilegeList, Request, TokenKind};
use zerocopy::IntoBytes;

use super::capture;
use super::token::of_object;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::handle;

/// Bytes of a PRIVILEGE_SET with one privilege: as much room as there must be.
const LEAST_SET: usize = size_of::<PrivilegeSetHeader>() + size_of::<LuidAndAttributes>();

/// `NtAccessCheck`: whether access is granted says `status`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn access_check(
    descriptor: UserPtr<u8>,
    token: Handle,
    desired: u32,
    mapping: UserPtr<u8>,
    privileges: UserPtr<u8>,
    privileges_length: UserPtr<u32>,
    granted: UserPtr<u32>,
    status: UserPtr<u32>,
) -> NtResult {
    let mapping: GenericMapping = user::read(UserPtr::new(mapping.address))?;
    if desired & GENERIC_RIGHTS != 0 {
        return Err(NtStatus::GENERIC_NOT_MAPPED);
    }
    let object = handle::reference(token, Some(Kind::Token), TOKEN_QUERY)?;
    let token = of_object(&object)?.now();
    if token.kind() == TokenKind::Primary {
        return Err(NtStatus::NO_IMPERSONATION_TOKEN);
    }
    let descriptor = capture::descriptor(descriptor.address)?;
    if descriptor.owner.is_none() || descriptor.group.is_none() {
        return Err(NtStatus::INVALID_SECURITY_DESCR);
    }
    let result = match token.check_client_access(Some(&descriptor), &Request::new(desired, &mapping)) {
        Err(NtStatus::BAD_IMPERSONATION_LEVEL) => return Err(NtStatus::BAD_IMPERSONATION_LEVEL),
        result => result,
    };
    let allowed = result.unwrap_or_default();
    give_privileges(&allowed, privileges, privileges_length)?;
    user::write(granted.address, &allowed.access.to_le_bytes())?;
    let verdict = result.map_or_else(|denied| denied, |_| NtStatus::SUCCESS);
    user::write(status.address, &verdict.0.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// Writes the privileges that an access took.
fn give_privileges(allowed: &Granted, privileges: UserPtr<u8>, length: UserPtr<u32>) -> Result<(), NtStatus> {
    let room = u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(length.address))?);
    let count = allowed.privileges.count_ones();
    let needed = size_of::<PrivilegeSetHeader>() + count as usize * size_of::<LuidAndAttributes>();
    let least = needed.max(LEAST_SET);
    if (room as usize) < least {
        user::write(length.address, &(least as u32).to_le_bytes())?;
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    let mut set = vec![0; needed];
    let header = PrivilegeSetHeader { count, control: 0 };
    let used =
        (0..64).filter(|number| allowed.privileges >> number & 1 != 0).map(|number| LuidAndAttributes {
            luid: nt::security::Luid::new(number),
            attributes: privilege_attributes::USED_FOR_ACCESS,
        });
    let (head, entries) = set.split_at_mut(size_of::<PrivilegeSetHeader>());
    head.copy_from_slice(header.as_bytes());
    for (to, entry) in entries.chunks_exact_mut(size_of::<LuidAndAttributes>()).zip(used) {
        to.copy_from_slice(entry.as_bytes());
    }
    user::write(privileges.address, &set)
}

/// `NtPrivilegeCheck`.
pub fn privilege_check(token: Handle, privileges: UserPtr<u8>, result: UserPtr<u8>) -> NtResult {
    let object = handle::reference(token, Some(Kind::Token), TOKEN_QUERY)?;
    let token = of_object(&object)?.now();
    let header: PrivilegeSetHeader = user::read(UserPtr::new(privileges.address))?;
    // A PRIVILEGE_SET has a word more than a TOKEN_PRIVILEGES of as many.
    let length = PrivilegeList::length(header.count).ok_or(NtStatus::INVALID_PARAMETER)? + 4;
    let mut set = user::read_bytes(privileges.address, length)?;
    if let Some(first) = set.first_chunk_mut() {
        *first = header.count.to_le_bytes();
    }
    let has = token.check_privilege_set(&mut set)?;
    user::write(privileges.address, &set)?;
    user::write(result.address, &[has.into()])?;
    Ok(NtStatus::SUCCESS)
}
