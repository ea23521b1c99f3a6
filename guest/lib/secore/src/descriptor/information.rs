//! What `NtQuerySecurityObject` and `NtSetSecurityObject` do with a descriptor.

use nt::NtStatus;
use nt::security::{
    ACCESS_SYSTEM_SECURITY, GenericMapping, READ_CONTROL, WRITE_DAC, WRITE_OWNER, control, info,
};

use super::{Descriptor, List};
use crate::token::Token;

const OF_OWNER: u16 = control::OWNER_DEFAULTED;
const OF_GROUP: u16 = control::GROUP_DEFAULTED;
const OF_DACL: u16 = control::DACL_DEFAULTED
    | control::DACL_AUTO_INHERIT_REQ
    | control::DACL_AUTO_INHERITED
    | control::DACL_PROTECTED;
const OF_SACL: u16 = control::SACL_DEFAULTED
    | control::SACL_AUTO_INHERIT_REQ
    | control::SACL_AUTO_INHERITED
    | control::SACL_PROTECTED;

/// The access that a handle must grant for these parts to be read.
pub const fn access_to_query(information: u32) -> u32 {
    let plain = if information & (info::OWNER | info::GROUP | info::DACL) != 0 { READ_CONTROL } else { 0 };
    plain | if information & info::SACL != 0 { ACCESS_SYSTEM_SECURITY } else { 0 }
}

/// The access that a handle must grant for these parts to be replaced.
pub const fn access_to_set(information: u32) -> u32 {
    let owner = if information & (info::OWNER | info::GROUP) != 0 { WRITE_OWNER } else { 0 };
    let dacl = info::DACL | info::PROTECTED_DACL | info::UNPROTECTED_DACL;
    let sacl = info::SACL | info::PROTECTED_SACL | info::UNPROTECTED_SACL;
    owner
        | if information & dacl != 0 { WRITE_DAC } else { 0 }
        | if information & sacl != 0 { ACCESS_SYSTEM_SECURITY } else { 0 }
}

impl Descriptor {
    /// A descriptor of these parts only, as programs are shown it. An object without security shows
    /// `Descriptor::default()`.
    pub fn select(&self, information: u32) -> Self {
        let has = |part| information & part != 0;
        let list = |list: &List, part| if has(part) { list.clone() } else { List::Absent };
        Self {
            control: self.control & control_of(information),
            sbz1: 0,
            owner: self.owner.filter(|_| has(info::OWNER)),
            group: self.group.filter(|_| has(info::GROUP)),
            dacl: list(&self.dacl, info::DACL),
            sacl: list(&self.sacl, info::SACL),
        }
    }

    /// Writes the parts asked for in self-relative form, and says how long that is (`NtQuerySecurityObject`).
    ///
    /// # Errors
    /// The length needed, when `to` is shorter: `BUFFER_TOO_SMALL` for the caller.
    pub fn query(&self, information: u32, to: &mut [u8]) -> Result<usize, usize> {
        self.select(information).write(to)
    }

    /// This descriptor with the parts named replaced by those of `new` (`NtSetSecurityObject`). The handle's
    /// access ([`access_to_set`]) is the caller's to check.
    ///
    /// # Errors
    /// `INVALID_OWNER`: no owner, or one that the token may not make the owner of objects
    /// ([`Token::may_own`]); `INVALID_PRIMARY_GROUP`: no group.
    pub fn set(
        &self,
        information: u32,
        new: &Self,
        token: &Token,
        mapping: &GenericMapping,
    ) -> Result<Self, NtStatus> {
        let has = |part| information & part != 0;
        let mut result = self.clone();
        let replaced = control_of(information);
        result.control = self.control & !replaced | new.control & replaced;
        if has(info::OWNER) {
            let owner = new.owner.ok_or(NtStatus::INVALID_OWNER)?;
            if !token.may_own(&owner) {
                return Err(NtStatus::INVALID_OWNER);
            }
            result.owner = Some(owner);
        }
        if has(info::GROUP) {
            result.group = Some(new.group.ok_or(NtStatus::INVALID_PRIMARY_GROUP)?);
        }
        if has(info::DACL) {
            result.dacl = new.dacl.clone();
            inherited(&mut result.control, control::DACL_AUTO_INHERIT_REQ, control::DACL_AUTO_INHERITED);
        }
        if has(info::SACL) {
            result.sacl = new.sacl.clone();
            inherited(&mut result.control, control::SACL_AUTO_INHERIT_REQ, control::SACL_AUTO_INHERITED);
        }
        let protections = [
            (info::PROTECTED_DACL, info::UNPROTECTED_DACL, control::DACL_PROTECTED),
            (info::PROTECTED_SACL, info::UNPROTECTED_SACL, control::SACL_PROTECTED),
        ];
        for (protect, unprotect, bit) in protections {
            if has(protect) {
                result.control |= bit;
            } else if has(unprotect) {
                result.control &= !bit;
            }
        }
        result.map_generic(mapping);
        Ok(result)
    }
}

const fn control_of(information: u32) -> u16 {
    (if information & info::OWNER != 0 { OF_OWNER } else { 0 })
        | (if information & info::GROUP != 0 { OF_GROUP } else { 0 })
        | (if information & info::DACL != 0 { OF_DACL } else { 0 })
        | (if information & info::SACL != 0 { OF_SACL } else { 0 })
}

/// The request that a list be marked as inherited is done, and gone. Without it, the mark does not come in.
fn inherited(bits: &mut u16, request: u16, done: u16) {
    *bits = if *bits & request != 0 { *bits & !request | done } else { *bits & !done };
}
