//! Security structures in user memory, captured part by part: each part is as long as it says itself, and what it
//! says is looked at again in the copy.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{
    AclHeader, SECURITY_DESCRIPTOR_REVISION, SecurityDescriptor, SecurityDescriptorRelative,
    SidAndAttributes, TokenGroupsHeader, control,
};
use nt::types::UserPtr;
use secore::{Acl, AclBuf, Descriptor, Group, Parts, PrivilegeList, Sid};

use crate::mm::user;

/// Most groups of a token.
const MAX_GROUPS: u32 = 1024;
/// Bytes of a SID that tell how long it is.
const SID_START: usize = 2;

/// The bytes of a SID; nothing for a null pointer.
fn sid_bytes(address: u64) -> Result<Option<Vec<u8>>, NtStatus> {
    if address == 0 {
        return Ok(None);
    }
    let [revision, count]: [u8; SID_START] = user::read(UserPtr::new(address))?;
    // Length checks its bytes, so it is given as many as there would be.
    let mut longest = [0; nt::security::SECURITY_MAX_SID_SIZE];
    [longest[0], longest[1]] = [revision, count];
    user::read_bytes(address, Sid::length(&longest)?).map(Some)
}

/// The bytes of an ACL; nothing for a null pointer.
fn acl_bytes(address: u64) -> Result<Option<Vec<u8>>, NtStatus> {
    if address == 0 {
        return Ok(None);
    }
    let header: AclHeader = user::read(UserPtr::new(address))?;
    if usize::from(header.size) < size_of::<AclHeader>() {
        return Err(NtStatus::INVALID_ACL);
    }
    user::read_bytes(address, header.size.into()).map(Some)
}

/// A SID.
///
/// # Errors
/// INVALID_SID, ACCESS_VIOLATION (also for a null pointer).
pub fn sid(address: u64) -> Result<Sid, NtStatus> {
    Sid::parse(&sid_bytes(address)?.ok_or(NtStatus::ACCESS_VIOLATION)?)
}

/// An ACL; nothing for a null pointer.
///
/// # Errors
/// INVALID_ACL, ACCESS_VIOLATION.
pub fn acl(address: u64) -> Result<Option<AclBuf>, NtStatus> {
    acl_bytes(address)?.map(|bytes| Acl::parse(&bytes).map(AclBuf::from)).transpose()
}

/// A SID_AND_ATTRIBUTES.
///
/// # Errors
/// INVALID_SID, ACCESS_VIOLATION.
pub fn group(address: u64) -> Result<Group, NtStatus> {
    let entry: SidAndAttributes = user::read(UserPtr::new(address))?;
    Ok(Group { sid: sid(entry.sid)?, attributes: entry.attributes })
}

/// A TOKEN_GROUPS.
///
/// # Errors
/// INVALID_PARAMETER (more than [`MAX_GROUPS`]), INVALID_SID, ACCESS_VIOLATION.
pub fn groups(address: u64) -> Result<Vec<Group>, NtStatus> {
    let header: TokenGroupsHeader = user::read(UserPtr::new(address))?;
    if header.count > MAX_GROUPS {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let first = address.wrapping_add(size_of::<TokenGroupsHeader>() as u64);
    let size = size_of::<SidAndAttributes>() as u64;
    (0..u64::from(header.count)).map(|index| group(first.wrapping_add(size * index))).collect()
}

/// The bytes of a TOKEN_PRIVILEGES.
///
/// # Errors
/// INVALID_PARAMETER (more than there are by far), ACCESS_VIOLATION.
pub fn privileges(address: u64) -> Result<Vec<u8>, NtStatus> {
    let count = u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(address))?);
    let length = PrivilegeList::length(count).ok_or(NtStatus::INVALID_PARAMETER)?;
    let mut bytes = user::read_bytes(address, length)?;
    // The count may be another one by now; the copy is as long as the first said.
    if let Some(first) = bytes.first_chunk_mut() {
        *first = count.to_le_bytes();
    }
    Ok(bytes)
}

/// A pointer.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn pointer(address: u64) -> Result<u64, NtStatus> {
    user::read(UserPtr::<[u8; 8]>::new(address)).map(u64::from_le_bytes)
}

/// A security descriptor, absolute or self-relative.
///
/// # Errors
/// UNKNOWN_REVISION, INVALID_SID, INVALID_ACL, ACCESS_VIOLATION.
pub fn descriptor(address: u64) -> Result<Descriptor, NtStatus> {
    let [revision, sbz1, low, high]: [u8; 4] = user::read(UserPtr::new(address))?;
    if revision != SECURITY_DESCRIPTOR_REVISION {
        return Err(NtStatus::UNKNOWN_REVISION);
    }
    let bits = u16::from_le_bytes([low, high]);
    let [owner, group, sacl, dacl] = if bits & control::SELF_RELATIVE == 0 {
        let absolute: SecurityDescriptor = user::read(UserPtr::new(address))?;
        [absolute.owner, absolute.group, absolute.sacl, absolute.dacl]
    } else {
        let relative: SecurityDescriptorRelative = user::read(UserPtr::new(address))?;
        [relative.owner, relative.group, relative.sacl, relative.dacl]
            .map(|offset| if offset == 0 { 0 } else { address.wrapping_add(offset.into()) })
    };
    let list = |bit, address| if bits & bit == 0 { Ok(None) } else { acl_bytes(address) };
    let (owner, group) = (sid_bytes(owner)?, sid_bytes(group)?);
    let (sacl, dacl) = (list(control::SACL_PRESENT, sacl)?, list(control::DACL_PRESENT, dacl)?);
    Descriptor::of_parts(&Parts {
        revision,
        sbz1,
        control: bits,
        owner: owner.as_deref(),
        group: group.as_deref(),
        sacl: sacl.as_deref(),
        dacl: dacl.as_deref(),
    })
}
