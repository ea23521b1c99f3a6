//! Short ways to make lists, descriptors and tokens.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "every test uses its own part; what it makes is well formed"
)]

use nt::security::{GenericMapping, ImpersonationLevel, Luid, TokenSource};
use secore::*;

pub const MAPPING: GenericMapping =
    GenericMapping { read: 0x2_0001, write: 0x2_0002, execute: 0x2_0004, all: 0x1F_000F };

pub const ALICE: Sid = Sid::known(5, &[21, 1, 2, 3, 1001]);
pub const BOB: Sid = Sid::known(5, &[21, 1, 2, 3, 1002]);
/// Alice of another domain.
pub const OTHER_ALICE: Sid = Sid::known(5, &[21, 1, 9, 3, 1001]);
pub const STAFF: Sid = Sid::known(5, &[21, 1, 2, 3, 513]);

pub fn luid(number: u64) -> Luid {
    Luid::new(number)
}

pub fn acl(aces: &[NewAce<'_>]) -> AclBuf {
    AclBuf::of(aces).unwrap()
}

pub fn owned_by(owner: Sid, aces: &[NewAce<'_>]) -> Descriptor {
    Descriptor { owner: Some(owner), ..Descriptor::with_dacl(acl(aces)) }
}

pub fn plain(user: Sid, groups: Vec<Group>, privileges: Privileges) -> NewToken {
    NewToken {
        ids: TokenIds { id: luid(2000), authentication: luid(0x1234) },
        kind: TokenKind::Primary,
        user,
        groups,
        privileges,
        owner: None,
        primary_group: user,
        default_dacl: None,
        source: TokenSource::default(),
        session: 0,
        expiration: i64::MAX,
    }
}

pub fn token(user: Sid, groups: Vec<Group>, privileges: Privileges) -> Token {
    Token::new(plain(user, groups, privileges)).unwrap()
}

pub fn alice() -> Token {
    Token::user_account(UserAccount {
        ids: TokenIds { id: luid(2000), authentication: luid(0x1234) },
        user: ALICE,
        primary_group: STAFF,
        groups: vec![],
        session: 1,
    })
    .unwrap()
}

pub fn system() -> Token {
    Token::system(luid(1001))
}

pub fn as_client(token: &Token, level: ImpersonationLevel) -> Token {
    token.duplicate(luid(3000), TokenKind::Impersonation(level), false).unwrap()
}
