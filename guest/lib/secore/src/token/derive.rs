//! Tokens made of others: `NtDuplicateToken`, `NtFilterToken`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{ImpersonationLevel, Luid, group_attributes as attribute, privilege};

use super::{Group, Privileges, Token, TokenKind};
use crate::sid::Sid;

/// What a restricted token has less than the one that it is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restriction<'a> {
    /// Only SeChangeNotifyPrivilege stays (DISABLE_MAX_PRIVILEGE).
    pub drop_privileges: bool,
    /// Privileges that go, by number.
    pub without: &'a [u32],
    /// Groups, or the user, that count for denials only from now on.
    pub deny_only: &'a [Sid],
    /// SIDs that must be allowed besides. If the token has such ones already, only those stay that are here too.
    pub restricted: &'a [Sid],
}

impl Token {
    /// A copy of the token, for another purpose. With `effective_only`, what is disabled is left out.
    ///
    /// # Errors
    /// `BAD_IMPERSONATION_LEVEL`: a higher level than the token's, or a primary token of one that its
    /// holder may not act with.
    pub fn duplicate(&self, id: Luid, kind: TokenKind, effective_only: bool) -> Result<Self, NtStatus> {
        let needed = match kind {
            TokenKind::Primary => ImpersonationLevel::Impersonation,
            TokenKind::Impersonation(level) => level,
        };
        if !self.kind.reaches(needed) {
            return Err(NtStatus::BAD_IMPERSONATION_LEVEL);
        }
        let mut copy = self.clone();
        (copy.ids.id, copy.kind) = (id, kind);
        if effective_only {
            copy.privileges.held = copy.privileges.enabled;
            copy.privileges.by_default &= copy.privileges.enabled;
            copy.sids.to_mut().retain(|group| group.counts(true));
            copy.keep_owner();
        }
        Ok(copy)
    }

    /// A token with less power.
    ///
    /// # Errors
    /// `NO_SUCH_PRIVILEGE`: a number beyond 63.
    pub fn restrict(&self, id: Luid, by: &Restriction<'_>) -> Result<Self, NtStatus> {
        if by.without.iter().any(|number| *number > 63) {
            return Err(NtStatus::NO_SUCH_PRIVILEGE);
        }
        let mut copy = self.clone();
        (copy.ids.id, copy.modified) = (id, id);
        let mut gone = Privileges::of(by.without, &[]).held;
        if by.drop_privileges {
            gone |= !Privileges::of(&[privilege::CHANGE_NOTIFY], &[]).held;
        }
        let privileges = &mut copy.privileges;
        for set in [&mut privileges.held, &mut privileges.enabled, &mut privileges.by_default] {
            *set &= !gone;
        }
        for group in copy.sids.to_mut().iter_mut().filter(|group| by.deny_only.contains(&group.sid)) {
            // Mandatory and enabled it is no more: it cannot be both that and for denials only.
            let gone = attribute::MANDATORY | attribute::ENABLED_BY_DEFAULT | attribute::ENABLED;
            group.attributes = group.attributes & !gone | attribute::USE_FOR_DENY_ONLY;
        }
        let stays =
            |sid: &&Sid| self.restricted.is_empty() || self.restricted.iter().any(|has| has.sid == **sid);
        if !by.restricted.is_empty() {
            let restricted: Vec<Group> =
                by.restricted.iter().filter(stays).map(|sid| Group::mandatory(*sid)).collect();
            copy.restricted =
                if restricted.is_empty() { alloc::vec![Group::mandatory(Sid::NULL)] } else { restricted };
        }
        copy.keep_owner();
        Ok(copy)
    }

    /// Makes the user the owner of what is created, if who was may be no more.
    fn keep_owner(&mut self) {
        if !self.has_owner(&self.owner) {
            self.owner = *self.user();
        }
    }
}
