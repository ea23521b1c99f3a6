//! The tokens that a system begins with.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{
    GENERIC_ALL, GENERIC_EXECUTE, GENERIC_READ, Luid, READ_CONTROL, TokenSource,
    group_attributes as attribute, privilege::*,
};

use super::{Group, NewToken, Privileges, Token, TokenIds, TokenKind};
use crate::ace::NewAce;
use crate::acl::{AclBuf, FixedAcl, fixed_size};
use crate::sid::Sid;

/// What the system has: Microsoft, "LocalSystem Account".
const SYSTEM_PRIVILEGES: Privileges = Privileges::of(
    &[
        AUDIT,
        CHANGE_NOTIFY,
        CREATE_GLOBAL,
        CREATE_PAGEFILE,
        CREATE_PERMANENT,
        DEBUG,
        IMPERSONATE,
        INCREASE_BASE_PRIORITY,
        LOCK_MEMORY,
        PROFILE_SINGLE_PROCESS,
        TCB,
    ],
    &[
        ASSIGN_PRIMARY_TOKEN,
        BACKUP,
        CREATE_TOKEN,
        INCREASE_QUOTA,
        LOAD_DRIVER,
        MANAGE_VOLUME,
        RESTORE,
        SECURITY,
        SHUTDOWN,
        SYSTEM_ENVIRONMENT,
        SYSTEMTIME,
        TAKE_OWNERSHIP,
        UNDOCK,
    ],
);

/// What users have.
const USER_PRIVILEGES: Privileges = Privileges::of(&[CHANGE_NOTIFY], &[SHUTDOWN, UNDOCK]);

/// Who the system is. The user is shown without attributes, but counts as an enabled group does.
const SYSTEM_SIDS: &[Group] = &[
    Group { sid: Sid::LOCAL_SYSTEM, attributes: attribute::ENABLED },
    Group {
        sid: Sid::ADMINISTRATORS,
        attributes: attribute::ENABLED_BY_DEFAULT | attribute::ENABLED | attribute::OWNER,
    },
    Group::mandatory(Sid::WORLD),
    Group::mandatory(Sid::AUTHENTICATED_USERS),
];

const SYSTEM_ACES: &[(u32, Sid)] =
    &[(GENERIC_ALL, Sid::LOCAL_SYSTEM), (GENERIC_READ | GENERIC_EXECUTE | READ_CONTROL, Sid::ADMINISTRATORS)];
/// Who may do what with what the system creates.
static SYSTEM_DACL: FixedAcl<{ fixed_size(SYSTEM_ACES) }> = FixedAcl::allow(SYSTEM_ACES);

/// Who makes the first token.
const SYSTEM_SOURCE: TokenSource = TokenSource { name: *b"*SYSTEM*", id: Luid::new(0) };
/// Who makes tokens of users.
const USER_SOURCE: TokenSource = TokenSource { name: *b"User32 \0", id: Luid::new(0) };

/// An ordinary user's logon.
#[derive(Clone, Debug)]
pub struct UserAccount {
    /// Numbers of token and logon session.
    pub ids: TokenIds,
    /// The user.
    pub user: Sid,
    /// The primary group, which is one of the user's.
    pub primary_group: Sid,
    /// Groups besides the primary one, Everyone, Users, Interactive and Authenticated Users.
    pub groups: Vec<Group>,
    /// Number of the session.
    pub session: u32,
}

impl Token {
    /// The token of the system process, primary: LocalSystem, with Administrators, Everyone and Authenticated
    /// Users as groups. What it creates belongs to Administrators; the system may do everything with it,
    /// Administrators may read and execute it. It can be made by the compiler.
    pub const fn system(id: Luid) -> Self {
        Self {
            ids: TokenIds { id, authentication: Luid::SYSTEM },
            modified: id,
            kind: TokenKind::Primary,
            sids: Cow::Borrowed(SYSTEM_SIDS),
            restricted: Vec::new(),
            privileges: SYSTEM_PRIVILEGES,
            owner: Sid::ADMINISTRATORS,
            primary_group: Sid::LOCAL_SYSTEM,
            default_dacl: Some(AclBuf::fixed(&SYSTEM_DACL)),
            source: SYSTEM_SOURCE,
            session: 0,
            expiration: i64::MAX,
        }
    }

    /// The token of a user, primary. What it creates, user and system may do everything with.
    ///
    /// # Errors
    /// As for [`Token::new`].
    pub fn user_account(account: UserAccount) -> Result<Self, NtStatus> {
        let UserAccount { ids, user, primary_group, groups, session } = account;
        let always = [primary_group, Sid::WORLD, Sid::USERS, Sid::INTERACTIVE, Sid::AUTHENTICATED_USERS];
        Self::new(NewToken {
            ids,
            kind: TokenKind::Primary,
            user,
            groups: always.map(Group::mandatory).into_iter().chain(groups).collect(),
            privileges: USER_PRIVILEGES,
            owner: None,
            primary_group,
            default_dacl: Some(AclBuf::of(&[
                NewAce::allow(GENERIC_ALL, &user),
                NewAce::allow(GENERIC_ALL, &Sid::LOCAL_SYSTEM),
            ])?),
            source: USER_SOURCE,
            session,
            expiration: i64::MAX,
        })
    }
}
