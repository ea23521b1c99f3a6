//! Security structures in user memory, captured part by part: each part is as long as it says itself, and what it
//! says is looked at again in the copy.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{
    AclHeader, SECURITY_DESCRIPTOR_REVISION, SecurityDescriptor, SecurityDescriptorRelative, control,
};
use nt::types::UserPtr;
use secore::{Descriptor, Parts, Sid};

use crate::mm::user;

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
