//! The descriptor of a new object.

use nt::NtStatus;
use nt::security::{GENERIC_RIGHTS, GenericMapping, ace_flags, control, object_ace, privilege};

use super::{Descriptor, List};
use crate::ace::Ace;
use crate::acl::{Acl, AclBuf};
use crate::sid::Sid;
use crate::token::Token;

const HERITABLE: u8 = ace_flags::OBJECT_INHERIT | ace_flags::CONTAINER_INHERIT;

/// What the descriptor of a new object depends on.
#[derive(Clone, Copy, Debug)]
pub struct Creation<'a> {
    /// The descriptor that the creator gives.
    pub explicit: Option<&'a Descriptor>,
    /// That of the directory, key or the like in which the object gets its name.
    pub parent: Option<&'a Descriptor>,
    /// Whether the new object is itself something that others inherit from.
    pub is_container: bool,
    /// Who creates it.
    pub token: &'a Token,
    /// Of the object's type.
    pub mapping: &'a GenericMapping,
}

impl Creation<'_> {
    /// The descriptor of the new object (`SeAssignSecurity`): what is given explicitly; else what is
    /// inherited; else what the token has for the purpose; else nothing.
    ///
    /// ACEs are inherited by Microsoft's "ACE Inheritance Rules", without the mark that they were: that is
    /// for lists that are kept up to date when the parent's changes, which those of kernel objects are not.
    ///
    /// # Errors
    /// `INVALID_OWNER`: the token may not make it the owner; `PRIVILEGE_NOT_HELD`: a SACL is given, but the
    /// token does not have SeSecurityPrivilege; `BAD_INHERITANCE_ACL`: more is inherited than an ACL can hold.
    pub fn assign(&self) -> Result<Descriptor, NtStatus> {
        let token = self.token;
        let owner = self.explicit.and_then(|given| given.owner);
        if owner.is_some_and(|owner| !token.may_own(&owner)) {
            return Err(NtStatus::INVALID_OWNER);
        }
        let group = self.explicit.and_then(|given| given.group);
        let (owner, group) = (owner.unwrap_or(*token.owner()), group.unwrap_or(*token.primary_group()));
        let mut result = Descriptor { owner: Some(owner), group: Some(group), ..Descriptor::default() };
        self.assign_dacl(&mut result, [&owner, &group])?;
        self.assign_sacl(&mut result, [&owner, &group])?;
        result.map_generic(self.mapping);
        Ok(result)
    }

    fn assign_dacl(&self, result: &mut Descriptor, creators: [&Sid; 2]) -> Result<(), NtStatus> {
        let given = self.explicit.filter(|given| given.dacl.is_present());
        let is_default = given.is_some_and(|given| given.control & control::DACL_DEFAULTED != 0);
        if let Some(given) = given.filter(|_| !is_default) {
            result.dacl = given.dacl.clone();
            result.control |= given.control & control::DACL_PROTECTED;
        } else if let Some(inherited) = self.inherit(self.parent.map(|parent| &parent.dacl), creators)? {
            result.dacl = List::Acl(inherited);
        } else if let Some(dacl) = given.map(|given| &given.dacl) {
            result.dacl = dacl.clone();
            result.control |= control::DACL_DEFAULTED;
        } else if let Some(dacl) = self.token.default_list() {
            result.dacl = List::Acl(dacl.clone());
            result.control |= control::DACL_DEFAULTED;
        }
        Ok(())
    }

    fn assign_sacl(&self, result: &mut Descriptor, creators: [&Sid; 2]) -> Result<(), NtStatus> {
        let given = self.explicit.filter(|given| given.sacl.is_present());
        if let Some(given) = given {
            if !self.token.has_privilege(privilege::SECURITY) {
                return Err(NtStatus::PRIVILEGE_NOT_HELD);
            }
            result.sacl = given.sacl.clone();
            result.control |= given.control & (control::SACL_PROTECTED | control::SACL_DEFAULTED);
        } else if let Some(inherited) = self.inherit(self.parent.map(|parent| &parent.sacl), creators)? {
            result.sacl = List::Acl(inherited);
        }
        Ok(())
    }

    /// What is inherited, if anything is.
    fn inherit(&self, list: Option<&List>, creators: [&Sid; 2]) -> Result<Option<AclBuf>, NtStatus> {
        let Some(acl) = list.and_then(List::acl) else { return Ok(None) };
        if !is_heritable(acl) {
            return Ok(None);
        }
        let inherited = inherit(acl, self.is_container, creators, self.mapping);
        let inherited = inherited.map_err(|_| NtStatus::BAD_INHERITANCE_ACL)?;
        Ok((inherited.as_acl().count() != 0).then_some(inherited))
    }
}

impl Descriptor {
    /// Whether what is created below gets anything of it.
    pub fn is_inherited(&self) -> bool {
        [&self.dacl, &self.sacl].into_iter().filter_map(List::acl).any(is_heritable)
    }
}

fn is_heritable(acl: Acl<'_>) -> bool {
    acl.aces().any(|ace| ace.flags() & HERITABLE != 0)
}

fn inherit(
    acl: Acl<'_>,
    is_container: bool,
    creators: [&Sid; 2],
    mapping: &GenericMapping,
) -> Result<AclBuf, NtStatus> {
    let mut heir = AclBuf::new();
    for ace in acl.aces() {
        let flags = ace.flags();
        let audit = flags & !ace_flags::VALID_INHERIT_FLAGS;
        let hands_on = is_container && flags & ace_flags::NO_PROPAGATE_INHERIT == 0;
        let kept = if hands_on { flags & HERITABLE } else { 0 };
        let wanted = if is_container { ace_flags::CONTAINER_INHERIT } else { ace_flags::OBJECT_INHERIT };
        let is_effective = flags & wanted != 0 && !ace.has(object_ace::INHERITED_OBJECT_TYPE_PRESENT);
        if is_effective {
            let creator = creator(ace, creators);
            let is_known = ace.sid_offset().is_some();
            let is_generic = creator.is_some() || is_known && ace.mask() & GENERIC_RIGHTS != 0;
            // What is generic is settled for this object, but not for its heirs: two ACEs then.
            let effective_flags = if is_generic { audit } else { audit | kept };
            heir.push_copy(ace, mapping.map(ace.mask()), effective_flags, creator.map(Sid::as_bytes))?;
            if !is_generic {
                continue;
            }
        }
        if kept != 0 {
            heir.push_copy(ace, ace.mask(), audit | kept | ace_flags::INHERIT_ONLY, None)?;
        }
    }
    Ok(heir)
}

/// The SID that an ACE for the creator is about, if it is one.
fn creator<'a>(ace: Ace<'_>, [owner, group]: [&'a Sid; 2]) -> Option<&'a Sid> {
    let sid = ace.sid_bytes()?;
    let is = |creator: Sid| sid == creator.as_bytes();
    if is(Sid::CREATOR_OWNER) {
        Some(owner)
    } else if is(Sid::CREATOR_GROUP) {
        Some(group)
    } else {
        None
    }
}
