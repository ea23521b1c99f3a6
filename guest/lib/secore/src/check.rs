//! The access check.

use nt::NtStatus;
use nt::security::{
    ACCESS_SYSTEM_SECURITY, GenericMapping, ImpersonationLevel, MAXIMUM_ALLOWED, READ_CONTROL,
    SPECIFIC_RIGHTS_ALL, STANDARD_RIGHTS_ALL, WRITE_DAC, WRITE_OWNER, ace_flags, ace_type, object_ace,
    privilege,
};

use crate::ace::{ACE_FIXED, Ace};
use crate::acl::Acl;
use crate::descriptor::{Descriptor, List};
use crate::sid::SidKey;
use crate::token::{Group, Token};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The access mask; it may have generic rights and MAXIMUM_ALLOWED.
    pub desired: u32,
    /// What has been granted on other grounds already; it is part of the result.
    pub granted: u32,
    /// Of the object's type.
    pub mapping: &'a GenericMapping,
}

impl<'a> Request<'a> {
    /// A request where nothing has been granted yet.
    #[inline]
    pub fn new(desired: u32, mapping: &'a GenericMapping) -> Self {
        Self { desired, granted: 0, mapping }
    }
}

/// What is granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// The access mask of the handle.
    pub access: u32,
    /// The privileges that it took: a bit each, by number.
    pub privileges: u64,
}

/// What the owner may always do.
const OF_OWNER: u32 = READ_CONTROL | WRITE_DAC;
/// What the short path does not know about.
const SPECIAL: u32 = ACCESS_SYSTEM_SECURITY | WRITE_OWNER | MAXIMUM_ALLOWED;
/// What a DACL can grant.
const OF_DACL: u32 = STANDARD_RIGHTS_ALL | SPECIFIC_RIGHTS_ALL;

impl Token {
    /// What the token may do with an object (`SeAccessCheck` for a caller in user mode). An object without
    /// descriptor is as one without DACL.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, also when nothing is asked for; `PRIVILEGE_NOT_HELD`: ACCESS_SYSTEM_SECURITY without
    /// SeSecurityPrivilege; `BAD_IMPERSONATION_LEVEL`: who has the token may not act with it.
    #[inline]
    pub fn check_access(
        &self,
        descriptor: Option<&Descriptor>,
        request: &Request<'_>,
    ) -> Result<Granted, NtStatus> {
        if !self.may_act() {
            return Err(NtStatus::BAD_IMPERSONATION_LEVEL);
        }
        self.evaluate(descriptor, request)
    }

    /// What a client may do with an object of a server (`NtAccessCheck`): it is enough that the server may
    /// learn who the client is.
    ///
    /// # Errors
    /// As for [`Token::check_access`].
    pub fn check_client_access(
        &self,
        descriptor: Option<&Descriptor>,
        request: &Request<'_>,
    ) -> Result<Granted, NtStatus> {
        if !self.kind().reaches(ImpersonationLevel::Identification) {
            return Err(NtStatus::BAD_IMPERSONATION_LEVEL);
        }
        self.evaluate(descriptor, request)
    }

    fn evaluate(&self, descriptor: Option<&Descriptor>, request: &Request<'_>) -> Result<Granted, NtStatus> {
        let desired = request.mapping.map(request.desired);
        let remaining = desired & !request.granted;
        if remaining & SPECIAL != 0 || desired | request.granted == 0 {
            return self.evaluate_special(descriptor, request, remaining);
        }
        if let Some((descriptor, acl)) = controlled(descriptor)
            && !self.allows(descriptor, acl, remaining)
        {
            return Err(NtStatus::ACCESS_DENIED);
        }
        Ok(Granted { access: desired | request.granted, privileges: 0 })
    }

    /// Privileges and MAXIMUM_ALLOWED.
    fn evaluate_special(
        &self,
        descriptor: Option<&Descriptor>,
        request: &Request<'_>,
        desired: u32,
    ) -> Result<Granted, NtStatus> {
        let (mut result, mut remaining) = (Granted { access: request.granted, privileges: 0 }, desired);
        let mut grant = |access: u32, number: u32| {
            result.access |= access;
            result.privileges |= 1_u64 << number;
            remaining &= !access;
        };
        if desired & ACCESS_SYSTEM_SECURITY != 0 {
            if !self.privileges().is_enabled(privilege::SECURITY) {
                return Err(NtStatus::PRIVILEGE_NOT_HELD);
            }
            grant(ACCESS_SYSTEM_SECURITY, privilege::SECURITY);
        }
        if desired & WRITE_OWNER != 0 && self.privileges().is_enabled(privilege::TAKE_OWNERSHIP) {
            grant(WRITE_OWNER, privilege::TAKE_OWNERSHIP);
        }
        let is_maximum = remaining & MAXIMUM_ALLOWED != 0;
        remaining &= !MAXIMUM_ALLOWED;
        let granted = match controlled(descriptor) {
            None if is_maximum => remaining | request.mapping.all,
            None => remaining,
            Some((descriptor, acl)) if is_maximum => self.maximum(descriptor, acl),
            Some((descriptor, acl)) if self.allows(descriptor, acl, remaining) => remaining,
            Some(_) => 0,
        };
        result.access |= granted;
        if remaining & !granted != 0 || result.access == 0 {
            return Err(NtStatus::ACCESS_DENIED);
        }
        Ok(result)
    }

    /// Whether all of the mask is allowed: to user and groups and, if there are any, to the restricting SIDs.
    #[inline]
    fn allows(&self, descriptor: &Descriptor, acl: Acl<'_>, mask: u32) -> bool {
        let restricted = self.restricted_sids();
        allows(self.sids(), descriptor, acl, mask)
            && (restricted.is_empty() || allows(restricted, descriptor, acl, mask))
    }

    fn maximum(&self, descriptor: &Descriptor, acl: Acl<'_>) -> u32 {
        let restricted = self.restricted_sids();
        let limit = if restricted.is_empty() { u32::MAX } else { maximum(restricted, descriptor, acl) };
        maximum(self.sids(), descriptor, acl) & limit
    }
}

/// The DACL that decides, if one does.
#[inline]
fn controlled(descriptor: Option<&Descriptor>) -> Option<(&Descriptor, Acl<'_>)> {
    match descriptor {
        Some(descriptor) => match &descriptor.dacl {
            List::Acl(acl) => Some((descriptor, acl.as_acl())),
            List::Absent | List::Null => None,
        },
        None => None,
    }
}

/// Whether all of the mask is allowed. The first ACE that speaks of a right decides about it.
fn allows(sids: &[Group], descriptor: &Descriptor, acl: Acl<'_>, mask: u32) -> bool {
    let mut remaining = mask;
    if remaining & OF_OWNER != 0 && is_owner(sids, descriptor) {
        remaining &= !OF_OWNER;
    }
    let mut walk = Walk::new(acl);
    while remaining != 0 {
        match walk.next(sids, remaining) {
            Some((mask, false)) => remaining &= !mask,
            Some((_, true)) | None => return false,
        }
    }
    true
}

/// All that is allowed.
fn maximum(sids: &[Group], descriptor: &Descriptor, acl: Acl<'_>) -> u32 {
    let mut undecided = OF_DACL;
    let mut allowed = 0;
    if is_owner(sids, descriptor) {
        (undecided, allowed) = (undecided & !OF_OWNER, OF_OWNER);
    }
    let mut walk = Walk::new(acl);
    while undecided != 0 {
        match walk.next(sids, undecided) {
            Some((mask, is_denial)) => {
                allowed |= if is_denial { 0 } else { mask & undecided };
                undecided &= !mask;
            }
            None => break,
        }
    }
    allowed
}

fn is_owner(sids: &[Group], descriptor: &Descriptor) -> bool {
    let Some(owner) = &descriptor.owner else { return false };
    sids.iter().any(|group| group.sid == *owner && group.counts(false))
}

/// The ACEs of a list that count.
struct Walk<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Walk<'a> {
    #[inline]
    fn new(acl: Acl<'a>) -> Self {
        Self { rest: acl.room(), left: acl.count() }
    }

    /// Mask of the next ACE that speaks of one of these rights and of one of these SIDs, and whether it denies.
    #[inline]
    fn next(&mut self, sids: &[Group], rights: u32) -> Option<(u32, bool)> {
        while let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            let ace = self.rest;
            // Too short for mask and SID: neither this ACE nor one behind it counts.
            let &[kind, flags, s0, s1, m0, m1, m2, m3, ..] = ace.first_chunk::<16>()?;
            self.rest = ace.get(u16::from_le_bytes([s0, s1]) as usize..)?;
            let mask = u32::from_le_bytes([m0, m1, m2, m3]);
            if flags & ace_flags::INHERIT_ONLY != 0 || mask & rights == 0 {
                continue;
            }
            let (sid, is_denial) = match kind {
                ace_type::ACCESS_ALLOWED | ace_type::ACCESS_DENIED => {
                    (ace.get(ACE_FIXED..)?, kind == ace_type::ACCESS_DENIED)
                }
                ace_type::ACCESS_ALLOWED_OBJECT | ace_type::ACCESS_DENIED_OBJECT => match object_sid(ace) {
                    Some(sid) => (sid, kind == ace_type::ACCESS_DENIED_OBJECT),
                    None => continue,
                },
                _ => continue,
            };
            if is_among(sids, sid, is_denial) {
                return Some((mask, is_denial));
            }
        }
        None
    }
}

/// The SID of an object ACE that is for the object as a whole.
#[cold]
fn object_sid(bytes: &[u8]) -> Option<&[u8]> {
    let (ace, _) = Ace::parse(bytes).ok()?;
    if ace.has(object_ace::OBJECT_TYPE_PRESENT) { None } else { ace.sid_bytes() }
}

/// Whether one of the SIDs is the one that the bytes begin with, and counts.
#[inline]
fn is_among(sids: &[Group], bytes: &[u8], for_denial: bool) -> bool {
    let Some(key) = SidKey::of(bytes) else { return false };
    sids.iter().any(|group| group.sid.matches(key, bytes) && group.counts(for_denial))
}
