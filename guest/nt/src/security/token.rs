//! Tokens: information classes, their structures, attributes of groups, impersonation levels.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::luid::Luid;

/// Attributes of the SIDs of a token.
pub mod group_attributes {
    /// It cannot be disabled.
    pub const MANDATORY: u32 = 0x1;
    /// Enabled unless it is disabled.
    pub const ENABLED_BY_DEFAULT: u32 = 0x2;
    /// Enabled.
    pub const ENABLED: u32 = 0x4;
    /// It may be the owner of objects.
    pub const OWNER: u32 = 0x8;
    /// It counts only where access is denied.
    pub const USE_FOR_DENY_ONLY: u32 = 0x10;
    /// It is the integrity level.
    pub const INTEGRITY: u32 = 0x20;
    /// The integrity level is looked at.
    pub const INTEGRITY_ENABLED: u32 = 0x40;
    /// It is a group of the domain of a resource.
    pub const RESOURCE: u32 = 0x2000_0000;
    /// It names the logon session.
    pub const LOGON_ID: u32 = 0xC000_0000;
}

/// SECURITY_IMPERSONATION_LEVEL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum ImpersonationLevel {
    /// The server does not learn who the client is.
    Anonymous = 0,
    /// The server learns who the client is, but cannot act as it.
    Identification = 1,
    /// The server can act as the client on this machine.
    Impersonation = 2,
    /// The server can act as the client everywhere.
    Delegation = 3,
}

impl ImpersonationLevel {
    /// The level of a number.
    pub const fn new(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Anonymous,
            1 => Self::Identification,
            2 => Self::Impersonation,
            3 => Self::Delegation,
            _ => return None,
        })
    }
}

/// TOKEN_TYPE of tokens of processes.
pub const TOKEN_PRIMARY: u32 = 1;
/// TOKEN_TYPE of tokens of threads.
pub const TOKEN_IMPERSONATION: u32 = 2;

/// TOKEN_INFORMATION_CLASS, as far as Windows XP and 2003 have them.
pub mod token_class {
    /// [`super::SidAndAttributes`], the SID behind it.
    pub const USER: u32 = 1;
    /// [`super::TokenGroupsHeader`], [`super::SidAndAttributes`] values, the SIDs behind them.
    pub const GROUPS: u32 = 2;
    /// A count (u32), [`super::super::LuidAndAttributes`] values.
    pub const PRIVILEGES: u32 = 3;
    /// A pointer, the SID behind it.
    pub const OWNER: u32 = 4;
    /// A pointer, the SID behind it.
    pub const PRIMARY_GROUP: u32 = 5;
    /// A pointer or null, the ACL behind it.
    pub const DEFAULT_DACL: u32 = 6;
    /// [`super::TokenSource`].
    pub const SOURCE: u32 = 7;
    /// TOKEN_TYPE (u32).
    pub const TYPE: u32 = 8;
    /// SECURITY_IMPERSONATION_LEVEL (u32); not of primary tokens.
    pub const IMPERSONATION_LEVEL: u32 = 9;
    /// [`super::TokenStatistics`].
    pub const STATISTICS: u32 = 10;
    /// As [`GROUPS`].
    pub const RESTRICTED_SIDS: u32 = 11;
    /// Number of the session (u32).
    pub const SESSION_ID: u32 = 12;
    /// Groups and privileges at once.
    pub const GROUPS_AND_PRIVILEGES: u32 = 13;
    /// Reserved.
    pub const SESSION_REFERENCE: u32 = 14;
    /// Whether software restriction is off (u32).
    pub const SAND_BOX_INERT: u32 = 15;
    /// Audit policy.
    pub const AUDIT_POLICY: u32 = 16;
    /// Logon session that it was made from (LUID).
    pub const ORIGIN: u32 = 17;
}

/// SID_AND_ATTRIBUTES.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SidAndAttributes {
    /// Address of the SID.
    pub sid: u64,
    /// Of [`group_attributes`].
    pub attributes: u32,
    /// Padding.
    pub reserved: u32,
}

/// TOKEN_GROUPS: its count; [`SidAndAttributes`] values follow.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TokenGroupsHeader {
    /// How many.
    pub count: u32,
    /// Padding.
    pub reserved: u32,
}

/// TOKEN_SOURCE: who made a token.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TokenSource {
    /// Its name, in ASCII, filled with zeros.
    pub name: [u8; 8],
    /// Its number.
    pub id: Luid,
}

/// TOKEN_STATISTICS.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct TokenStatistics {
    /// The token.
    pub token_id: Luid,
    /// Its logon session.
    pub authentication_id: Luid,
    /// When it ends, in 100 ns since 1601; `i64::MAX` for never. In halves, since alignment is that of a u32 here.
    pub expiration_low: u32,
    /// Upper half.
    pub expiration_high: u32,
    /// TOKEN_TYPE.
    pub token_type: u32,
    /// SECURITY_IMPERSONATION_LEVEL; 0 for primary tokens.
    pub impersonation_level: u32,
    /// Bytes for default DACL and primary group.
    pub dynamic_charged: u32,
    /// Bytes of them not in use.
    pub dynamic_available: u32,
    /// How many groups.
    pub group_count: u32,
    /// How many privileges.
    pub privilege_count: u32,
    /// Changes when the token does.
    pub modified_id: Luid,
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<SidAndAttributes>() == 16 && offset_of!(SidAndAttributes, attributes) == 8);
    assert!(size_of::<TokenGroupsHeader>() == 8 && size_of::<TokenSource>() == 16);
    assert!(size_of::<TokenStatistics>() == 0x38);
    assert!(offset_of!(TokenStatistics, expiration_low) == 0x10);
    assert!(offset_of!(TokenStatistics, token_type) == 0x18);
    assert!(offset_of!(TokenStatistics, group_count) == 0x28);
    assert!(offset_of!(TokenStatistics, modified_id) == 0x30);
};
