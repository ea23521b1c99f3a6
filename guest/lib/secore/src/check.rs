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
const SPECIAL: u32 = ACCESS_SYSTEM_SECURITY | MAXIMUM_ALLOWED;
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
        let takes = remaining & WRITE_OWNER != 0 && self.privileges().is_enabled(privilege::TAKE_OWNERSHIP);
        if remaining & SPECIAL != 0 || takes || desired | request.granted == 0 {
            return self.evaluate_special(descriptor, request, remaining);
        }
        if let Some((descriptor, acl)) = controlled(descriptor)
            && !self.is_first(acl, remaining)
            && !self.allows(descriptor, acl, remaining)
        {
            return Err(NtStatus::ACCESS_DENIED);
        }
        Ok(Granted { access: desired | request.granted, privileges: 0 })
    }

    /// Privileges and MAXIMUM_ALLOWED.
    #[inline(never)]
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

    /// Whether the first ACE allows all of the mask to the user: most objects that the system opens are its
    /// own. That it does not says nothing.
    #[inline]
    fn is_first(&self, acl: Acl<'_>, mask: u32) -> bool {
        const UNLIKE: u64 = 0xFF | (ace_flags::INHERIT_ONLY as u64) << 8;
        // Behind the header there is nothing but ACEs: a list of its own has no room that is not in use.
        let ace = acl.room();
        let (Some(user), Some(first)) = (self.sids().first(), ace.first_chunk()) else { return false };
        let first = u128::from_le_bytes(*first);
        let (fixed, head) = (first as u64, (first >> 64) as u64);
        if fixed & UNLIKE != 0 || mask & !((fixed >> 32) as u32) != 0 || !self.restricted_sids().is_empty() {
            return false;
        }
        let sid = ace.get(ACE_FIXED..).unwrap_or_default();
        let key = SidKey::with_head(head, sid);
        key.is_some_and(|key| user.sid.matches(key, sid)) && user.counts(false)
    }

    /// Whether all of the mask is allowed: to user and groups and, if there are any, to the restricting SIDs.
    #[inline(never)]
    fn allows(&self, descriptor: &Descriptor, acl: Acl<'_>, mask: u32) -> bool {
        allows(self.sids(), descriptor, acl, mask)
            && (self.restricted_sids().is_empty() || self.restriction_allows(descriptor, acl, mask))
    }

    #[cold]
    fn restriction_allows(&self, descriptor: &Descriptor, acl: Acl<'_>, mask: u32) -> bool {
        allows(self.restricted_sids(), descriptor, acl, mask)
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
#[inline]
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
            let first = u128::from_le_bytes(*ace.first_chunk()?);
            let (fixed, head) = (first as u64, (first >> 64) as u64);
            let [kind, flags, s0, s1, m0, m1, m2, m3] = fixed.to_le_bytes();
            self.rest = ace.get(u16::from_le_bytes([s0, s1]) as usize..)?;
            let mask = u32::from_le_bytes([m0, m1, m2, m3]);
            if flags & ace_flags::INHERIT_ONLY != 0 || mask & rights == 0 {
                continue;
            }
            let is_denial = matches!(kind, ace_type::ACCESS_DENIED | ace_type::ACCESS_DENIED_OBJECT);
            let counts = match kind {
                ace_type::ACCESS_ALLOWED | ace_type::ACCESS_DENIED => {
                    let sid = ace.get(ACE_FIXED..)?;
                    is_among(sids, SidKey::with_head(head, sid)?, sid, is_denial)
                }
                ace_type::ACCESS_ALLOWED_OBJECT | ace_type::ACCESS_DENIED_OBJECT => {
                    is_object_of(sids, ace, is_denial)
                }
                _ => false,
            };
            if counts {
                return Some((mask, is_denial));
            }
        }
        None
    }
}

/// Whether an object ACE is for the object as a whole, and for one of the SIDs.
#[cold]
fn is_object_of(sids: &[Group], bytes: &[u8], for_denial: bool) -> bool {
    let sid = Ace::parse(bytes)
        .ok()
        .and_then(|(ace, _)| if ace.has(object_ace::OBJECT_TYPE_PRESENT) { None } else { ace.sid_bytes() });
    sid.is_some_and(|sid| SidKey::of(sid).is_some_and(|key| is_among(sids, key, sid, for_denial)))
}

/// Whether one of the SIDs is the one that the bytes begin with, and counts.
#[inline]
fn is_among(sids: &[Group], key: SidKey, bytes: &[u8], for_denial: bool) -> bool {
    sids.iter().any(|group| group.sid.matches(key, bytes) && group.counts(for_denial))
}
