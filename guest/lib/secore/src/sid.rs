//! Security identifiers.

use core::fmt;

use nt::NtStatus;
use nt::security::{SECURITY_MAX_SID_SIZE, SID_HEADER, SID_MAX_SUB_AUTHORITIES, SID_REVISION};

/// A SID, as the bytes it has everywhere, without allocation.
#[derive(Clone, Copy)]
pub struct Sid {
    key: SidKey,
    bytes: [u8; SECURITY_MAX_SID_SIZE],
}

/// What unlike SIDs mostly differ in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SidKey {
    /// The first eight bytes: revision, count, authority.
    head: u64,
    /// The last four bytes: the last sub-authority, if there is one.
    last: u32,
}

impl Sid {
    /// Nobody, S-1-0-0.
    pub const NULL: Self = Self::known(0, &[0]);
    /// Everyone, S-1-1-0.
    pub const WORLD: Self = Self::known(1, &[0]);
    /// Who creates the heir, S-1-3-0; stands in inheritable ACEs.
    pub const CREATOR_OWNER: Self = Self::known(3, &[0]);
    /// The primary group of who creates the heir, S-1-3-1.
    pub const CREATOR_GROUP: Self = Self::known(3, &[1]);
    /// Who is logged on at the machine, S-1-5-4.
    pub const INTERACTIVE: Self = Self::known(5, &[4]);
    /// Services, S-1-5-6.
    pub const SERVICE: Self = Self::known(5, &[6]);
    /// Who did not say who it is, S-1-5-7.
    pub const ANONYMOUS: Self = Self::known(5, &[7]);
    /// Who proved who it is, S-1-5-11.
    pub const AUTHENTICATED_USERS: Self = Self::known(5, &[11]);
    /// Code that is restricted, S-1-5-12.
    pub const RESTRICTED: Self = Self::known(5, &[12]);
    /// The system, S-1-5-18.
    pub const LOCAL_SYSTEM: Self = Self::known(5, &[18]);
    /// Services of few rights, S-1-5-19.
    pub const LOCAL_SERVICE: Self = Self::known(5, &[19]);
    /// Services that use the network as the machine, S-1-5-20.
    pub const NETWORK_SERVICE: Self = Self::known(5, &[20]);
    /// Administrators, S-1-5-32-544.
    pub const ADMINISTRATORS: Self = Self::known(5, &[32, 544]);
    /// Users, S-1-5-32-545.
    pub const USERS: Self = Self::known(5, &[32, 545]);

    /// A SID whose authority and number of sub-authorities are known to be small: more than 15 do not compile.
    pub const fn known(authority: u8, subs: &[u32]) -> Self {
        assert!(subs.len() <= SID_MAX_SUB_AUTHORITIES);
        let mut bytes = [0; SECURITY_MAX_SID_SIZE];
        bytes[0] = SID_REVISION;
        bytes[1] = subs.len() as u8;
        bytes[7] = authority;
        let mut index = 0;
        while index < subs.len() {
            let [a, b, c, d] = subs[index].to_le_bytes();
            let at = SID_HEADER + 4 * index;
            (bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]) = (a, b, c, d);
            index += 1;
        }
        let at = 4 + 4 * subs.len();
        let last = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let [a, b, c, d, e, f, g, h, ..] = bytes;
        Self { key: SidKey { head: u64::from_le_bytes([a, b, c, d, e, f, g, h]), last }, bytes }
    }

    /// A SID of its authority (48 bits) and sub-authorities.
    ///
    /// # Errors
    /// `INVALID_SID`: more than 15 sub-authorities, or an authority of more than 48 bits.
    pub fn new(authority: u64, subs: &[u32]) -> Result<Self, NtStatus> {
        if subs.len() > SID_MAX_SUB_AUTHORITIES || authority >> 48 != 0 {
            return Err(NtStatus::INVALID_SID);
        }
        let mut bytes = Self::known(0, subs).bytes;
        let [_, _, authority @ ..] = authority.to_be_bytes();
        for (to, from) in bytes.iter_mut().skip(2).zip(authority) {
            *to = from;
        }
        Self::parse(&bytes)
    }

    /// How long the SID is that begins here (`RtlLengthSid`), if it is one (`RtlValidSid`) and all of it is here.
    ///
    /// # Errors
    /// `INVALID_SID`: too few bytes, another revision than 1, more than 15 sub-authorities.
    #[inline]
    pub const fn length(bytes: &[u8]) -> Result<usize, NtStatus> {
        if let [SID_REVISION, count, ..] = *bytes {
            let length = SID_HEADER + 4 * count as usize;
            if length <= SECURITY_MAX_SID_SIZE && length <= bytes.len() {
                return Ok(length);
            }
        }
        Err(NtStatus::INVALID_SID)
    }

    /// The SID that the bytes begin with; what follows it is not looked at.
    ///
    /// # Errors
    /// As for [`Sid::length`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NtStatus> {
        let length = Self::length(bytes)?;
        let from = bytes.get(..length).ok_or(NtStatus::INVALID_SID)?;
        let key = SidKey::of(from).ok_or(NtStatus::INVALID_SID)?;
        let mut sid = Self { key, bytes: [0; SECURITY_MAX_SID_SIZE] };
        if let Some(to) = sid.bytes.get_mut(..length) {
            to.copy_from_slice(from);
        }
        Ok(sid)
    }

    /// Its bytes, 8 to 68 of them, a multiple of 4.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..SID_HEADER + 4 * self.count()).unwrap_or(&self.bytes)
    }

    /// How many sub-authorities.
    #[inline]
    pub const fn count(&self) -> usize {
        self.bytes[1] as usize
    }

    /// How many bytes it has.
    pub(crate) const fn length_of_known(&self) -> usize {
        SID_HEADER + 4 * self.count()
    }

    /// One of its bytes.
    pub(crate) const fn byte(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    /// The identifier authority.
    pub const fn authority(&self) -> u64 {
        let [_, _, a, b, c, d, e, f, ..] = self.bytes;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// A sub-authority.
    pub fn sub_authority(&self, index: usize) -> Option<u32> {
        self.sub_authorities().nth(index)
    }

    /// The sub-authorities.
    pub fn sub_authorities(&self) -> impl Iterator<Item = u32> + '_ {
        let subs = self.as_bytes().get(SID_HEADER..).unwrap_or_default();
        subs.as_chunks().0.iter().map(|sub| u32::from_le_bytes(*sub))
    }

    /// Whether both are alike but for the last sub-authority (`RtlEqualPrefixSid`): accounts of one domain.
    pub fn same_prefix(&self, other: &Self) -> bool {
        let length = self.as_bytes().len().saturating_sub(4).max(SID_HEADER);
        self.count() == other.count() && self.bytes.get(..length) == other.bytes.get(..length)
    }

    /// Whether it is the SID of that key that the bytes begin with.
    #[inline]
    pub(crate) fn matches(&self, key: SidKey, bytes: &[u8]) -> bool {
        self.key == key && (self.count() < 2 || self.middle_matches(bytes))
    }

    /// Whether the sub-authorities that are no part of the key are alike.
    fn middle_matches(&self, bytes: &[u8]) -> bool {
        let middle = SID_HEADER..4 + 4 * self.count();
        bytes.get(middle.clone()).is_some_and(|bytes| self.bytes.get(middle) == Some(bytes))
    }
}

impl SidKey {
    /// The key of the SID that begins here, if it is all here.
    #[inline]
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        Self::with_head(u64::from_le_bytes(*bytes.first_chunk()?), bytes)
    }

    /// The same, when the first eight bytes are known.
    #[inline]
    pub(crate) fn with_head(head: u64, bytes: &[u8]) -> Option<Self> {
        let count = (head >> 8) as usize & 0xFF;
        let last = u32::from_le_bytes(*bytes.get(4 + 4 * count..)?.first_chunk()?);
        Some(Self { head, last })
    }
}

impl PartialEq for Sid {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.key, &other.bytes)
    }
}

impl Eq for Sid {}

impl fmt::Display for Sid {
    /// The text form, `S-1-5-32-544`; an authority of more than 32 bits is in hexadecimal ([MS-DTYP] 2.4.2.1).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.authority() {
            authority if authority >> 32 == 0 => write!(f, "S-1-{authority}")?,
            authority => write!(f, "S-1-0x{authority:012X}")?,
        }
        self.sub_authorities().try_for_each(|sub| write!(f, "-{sub}"))
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
