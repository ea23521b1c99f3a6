//! Tokens: who a process or thread acts as.

mod accounts;
mod adjust;
mod derive;
mod groups;
mod privileges;
mod query;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{ImpersonationLevel, Luid, TokenSource, group_attributes as attribute, privilege};

use crate::acl::{Acl, AclBuf};
use crate::sid::Sid;

pub use accounts::UserAccount;
pub use adjust::PrivilegeChange;
pub use derive::Restriction;
pub use groups::GroupChange;
pub use privileges::{PrivilegeList, Privileges};
pub use query::{QueryError, access_to_query_token, access_to_set_token};

/// A SID of a token, with attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The SID.
    pub sid: Sid,
    /// Of [`nt::security::group_attributes`].
    pub attributes: u32,
}

impl Group {
    /// A group that is enabled and stays so.
    pub const fn mandatory(sid: Sid) -> Self {
        let attributes = attribute::MANDATORY | attribute::ENABLED_BY_DEFAULT | attribute::ENABLED;
        Self { sid, attributes }
    }

    /// Whether it counts where access is allowed; `for_denial`: where it is denied.
    #[inline]
    pub(crate) fn counts(&self, for_denial: bool) -> bool {
        let attributes = self.attributes & (attribute::ENABLED | attribute::USE_FOR_DENY_ONLY);
        attributes == attribute::ENABLED || for_denial && attributes != 0
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A process's.
    Primary,
    /// A thread's that acts for a client, as far as the client allows.
    Impersonation(ImpersonationLevel),
}

impl TokenKind {
    /// Whether who has it may do so much.
    #[inline]
    pub(crate) fn reaches(self, level: ImpersonationLevel) -> bool {
        match self {
            Self::Primary => true,
            Self::Impersonation(has) => has as u32 >= level as u32,
        }
    }
}

/// The numbers of a new token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenIds {
    /// The token's own, not given before; also its first "modified" number.
    pub id: Luid,
    /// Its logon session.
    pub authentication: Luid,
}

/// What a token is made of (`NtCreateToken`).
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its numbers.
    pub ids: TokenIds,
    /// What it is for.
    pub kind: TokenKind,
    /// Who it is.
    pub user: Sid,
    /// What else it is.
    pub groups: Vec<Group>,
    /// What it may do.
    pub privileges: Privileges,
    /// Owner of what it creates; the user if `None`.
    pub owner: Option<Sid>,
    /// Primary group of what it creates.
    pub primary_group: Sid,
    /// DACL of what it creates, if nothing else gives one.
    pub default_dacl: Option<AclBuf>,
    /// Who made it.
    pub source: TokenSource,
    /// Number of its session.
    pub session: u32,
    /// When it ends, in 100 ns since 1601; `i64::MAX` for never.
    pub expiration: i64,
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    ids: TokenIds,
    modified: Luid,
    kind: TokenKind,
    /// The user, then the groups.
    sids: Cow<'static, [Group]>,
    restricted: Vec<Group>,
    privileges: Privileges,
    owner: Sid,
    primary_group: Sid,
    default_dacl: Option<AclBuf>,
    source: TokenSource,
    session: u32,
    expiration: i64,
}

impl Token {
    /// Makes a token.
    ///
    /// # Errors
    /// `INVALID_GROUP_ATTRIBUTES`: a mandatory group that is not enabled; `INVALID_OWNER`: the owner is
    /// neither the user nor a group that may own; `INVALID_PRIMARY_GROUP`: it is not in the token.
    pub fn new(new: NewToken) -> Result<Self, NtStatus> {
        let is_bad = |group: &Group| group.attributes & attribute::MANDATORY != 0 && !group.counts(true);
        if new.groups.iter().any(is_bad) {
            return Err(NtStatus::INVALID_GROUP_ATTRIBUTES);
        }
        let mut sids = Vec::with_capacity(1 + new.groups.len());
        // The user is shown without attributes, but counts as an enabled group does.
        sids.push(Group { sid: new.user, attributes: attribute::ENABLED });
        sids.extend(new.groups);
        let mut token = Self {
            ids: new.ids,
            modified: new.ids.id,
            kind: new.kind,
            sids: Cow::Owned(sids),
            restricted: Vec::new(),
            privileges: new.privileges,
            owner: new.user,
            primary_group: new.user,
            default_dacl: new.default_dacl,
            source: new.source,
            session: new.session,
            expiration: new.expiration,
        };
        if let Some(owner) = new.owner {
            token.set_owner(&owner, token.modified)?;
        }
        token.set_primary_group(&new.primary_group, token.modified)?;
        Ok(token)
    }

    /// Its own number.
    pub fn id(&self) -> Luid {
        self.ids.id
    }

    /// Number of its logon session.
    pub fn authentication_id(&self) -> Luid {
        self.ids.authentication
    }

    /// A number that is another one after every change.
    pub fn modified_id(&self) -> Luid {
        self.modified
    }

    /// What it is for.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Whether its holder may act as its user, and not only ask who that is.
    #[inline]
    pub fn may_act(&self) -> bool {
        self.kind.reaches(ImpersonationLevel::Impersonation)
    }

    /// Who it is.
    pub fn user(&self) -> &Sid {
        self.sids.first().map_or(&Sid::NULL, |user| &user.sid)
    }

    /// What else it is.
    pub fn groups(&self) -> &[Group] {
        self.sids.get(1..).unwrap_or_default()
    }

    /// The SIDs that must be allowed besides, unless there are none.
    pub fn restricted_sids(&self) -> &[Group] {
        &self.restricted
    }

    /// User and groups.
    #[inline]
    pub(crate) fn sids(&self) -> &[Group] {
        &self.sids
    }

    /// Whether user or an enabled group is this (`SeTokenIsAdmin` and the like).
    pub fn has_sid(&self, sid: &Sid) -> bool {
        self.sids.iter().any(|group| group.sid == *sid && group.counts(false))
    }

    /// Its privileges.
    pub fn privileges(&self) -> &Privileges {
        &self.privileges
    }

    /// Whether a privilege is enabled and may be used (`SeSinglePrivilegeCheck`); 0 to 63, of [`privilege`].
    #[inline]
    pub fn has_privilege(&self, number: u32) -> bool {
        self.privileges.is_enabled(number) && self.may_act()
    }

    /// Owner of what it creates.
    pub fn owner(&self) -> &Sid {
        &self.owner
    }

    /// Primary group of what it creates.
    pub fn primary_group(&self) -> &Sid {
        &self.primary_group
    }

    /// DACL of what it creates, if nothing else gives one.
    pub fn default_dacl(&self) -> Option<Acl<'_>> {
        self.default_list().map(AclBuf::as_acl)
    }

    pub(crate) fn default_list(&self) -> Option<&AclBuf> {
        self.default_dacl.as_ref()
    }

    /// Who made it.
    pub fn source(&self) -> TokenSource {
        self.source
    }

    /// Number of its session.
    pub fn session(&self) -> u32 {
        self.session
    }

    /// Whether it may make this the owner of an object: the user, an enabled group that may own, and with
    /// SeRestorePrivilege anybody.
    pub fn may_own(&self, owner: &Sid) -> bool {
        self.has_owner(owner) || self.has_privilege(privilege::RESTORE)
    }

    /// Sets the owner of what it creates (TokenOwner).
    ///
    /// # Errors
    /// `INVALID_OWNER`: neither the user nor an enabled group that may own.
    pub fn set_owner(&mut self, owner: &Sid, modified: Luid) -> Result<(), NtStatus> {
        if !self.has_owner(owner) {
            return Err(NtStatus::INVALID_OWNER);
        }
        (self.owner, self.modified) = (*owner, modified);
        Ok(())
    }

    /// Sets the primary group of what it creates (TokenPrimaryGroup).
    ///
    /// # Errors
    /// `INVALID_PRIMARY_GROUP`: neither the user nor a group of the token.
    pub fn set_primary_group(&mut self, group: &Sid, modified: Luid) -> Result<(), NtStatus> {
        if !self.sids.iter().any(|has| has.sid == *group) {
            return Err(NtStatus::INVALID_PRIMARY_GROUP);
        }
        (self.primary_group, self.modified) = (*group, modified);
        Ok(())
    }

    /// Sets the DACL of what it creates (TokenDefaultDacl); `None` for none.
    pub fn set_default_dacl(&mut self, dacl: Option<Acl<'_>>, modified: Luid) {
        (self.default_dacl, self.modified) = (dacl.map(AclBuf::from), modified);
    }

    /// Sets the session (TokenSessionId); that the caller has SeTcbPrivilege, the kernel checks.
    pub fn set_session(&mut self, session: u32, modified: Luid) {
        (self.session, self.modified) = (session, modified);
    }

    fn has_owner(&self, owner: &Sid) -> bool {
        let mut candidates = self.sids.iter().enumerate();
        candidates.any(|(index, group)| {
            let may_own = index == 0 || group.attributes & attribute::OWNER != 0;
            may_own && group.sid == *owner && group.counts(false)
        })
    }
}
