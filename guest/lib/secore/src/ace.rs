//! Access control entries.

use nt::NtStatus;
use nt::security::{SID_HEADER, ace_flags, ace_type, object_ace};

use crate::sid::Sid;

/// Bytes of an ACE before its SID, for the types that have nothing else.
pub(crate) const ACE_FIXED: usize = 8;
const HEADER: usize = 4;
const GUID: usize = 16;

/// An access control entry, read where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ace<'a> {
    bytes: &'a [u8],
}

impl<'a> Ace<'a> {
    /// The ACE that begins here, and what follows it.
    ///
    /// # Errors
    /// `INVALID_ACL`: too few bytes, a size that is no multiple of 4, or, for the types that NT knows, one
    /// that has no room for mask and SID.
    pub fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), NtStatus> {
        let Some(&[_, _, low, high]) = bytes.first_chunk::<HEADER>() else {
            return Err(NtStatus::INVALID_ACL);
        };
        let size = u16::from_le_bytes([low, high]) as usize;
        let (bytes, rest) = bytes.split_at_checked(size).ok_or(NtStatus::INVALID_ACL)?;
        if size < HEADER || !size.is_multiple_of(4) {
            return Err(NtStatus::INVALID_ACL);
        }
        let ace = Self { bytes };
        let well_formed = match ace.kind() {
            ace_type::ACCESS_ALLOWED_COMPOUND => ace.client_sid().is_some(),
            0..=ace_type::SYSTEM_ALARM_OBJECT => ace.sid_bytes().is_some(),
            _ => true,
        };
        if well_formed { Ok((ace, rest)) } else { Err(NtStatus::INVALID_ACL) }
    }

    /// The ACE that begins here, of a list that is known to be well formed, and what follows it.
    #[inline]
    pub(crate) fn trusted(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let &[_, _, low, high] = bytes.first_chunk::<HEADER>()?;
        let (bytes, rest) = bytes.split_at_checked(u16::from_le_bytes([low, high]) as usize)?;
        Some((Self { bytes }, rest))
    }

    /// All of it.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// One of [`ace_type`].
    pub fn kind(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    /// Of [`ace_flags`].
    pub fn flags(&self) -> u8 {
        self.bytes.get(1).copied().unwrap_or_default()
    }

    /// The access mask; of types that NT does not know, what lies in its place.
    pub fn mask(&self) -> u32 {
        self.u32(HEADER).unwrap_or_default()
    }

    /// Whether it counts for the object itself.
    pub fn is_effective(&self) -> bool {
        self.flags() & ace_flags::INHERIT_ONLY == 0
    }

    /// The SID's bytes; of compound ACEs, the server's. `None` for types that NT does not know.
    pub fn sid_bytes(&self) -> Option<&'a [u8]> {
        let at = self.sid_offset()?;
        let bytes = self.bytes.get(at..)?;
        bytes.get(..Sid::length(bytes).ok()?)
    }

    /// The SID; as [`Ace::sid_bytes`].
    pub fn sid(&self) -> Option<Sid> {
        Sid::parse(self.sid_bytes()?).ok()
    }

    /// Where the SID begins.
    pub(crate) fn sid_offset(&self) -> Option<usize> {
        match self.kind() {
            0..=ace_type::SYSTEM_ALARM => Some(ACE_FIXED),
            // Type and padding of compound ACEs are as long as the flags of object ACEs.
            ace_type::ACCESS_ALLOWED_COMPOUND => Some(ACE_FIXED + 4),
            ace_type::ACCESS_ALLOWED_OBJECT..=ace_type::SYSTEM_ALARM_OBJECT => {
                let flags = self.object_flags();
                let guids = (flags & object_ace::OBJECT_TYPE_PRESENT != 0) as usize
                    + (flags & object_ace::INHERITED_OBJECT_TYPE_PRESENT != 0) as usize;
                Some(ACE_FIXED + 4 + GUID * guids)
            }
            _ => None,
        }
    }

    /// Whether it is for one kind of property or heir only. Nothing in NT's kernel is of such a kind.
    pub(crate) fn has(&self, object_flag: u32) -> bool {
        let is_object =
            matches!(self.kind(), ace_type::ACCESS_ALLOWED_OBJECT..=ace_type::SYSTEM_ALARM_OBJECT);
        is_object && self.object_flags() & object_flag != 0
    }

    /// The second SID of a compound ACE.
    fn client_sid(&self) -> Option<&'a [u8]> {
        let server = self.sid_bytes()?;
        let bytes = self.bytes.get(ACE_FIXED + 4 + server.len()..)?;
        bytes.get(..Sid::length(bytes).ok()?)
    }

    fn object_flags(&self) -> u32 {
        self.u32(ACE_FIXED).unwrap_or_default()
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }
}

/// What an ACE is made of that has mask and SID only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAce<'a> {
    /// [`ace_type::ACCESS_ALLOWED`] to [`ace_type::SYSTEM_ALARM`].
    pub kind: u8,
    /// Of [`ace_flags`].
    pub flags: u8,
    /// The access mask.
    pub mask: u32,
    /// The SID's bytes.
    pub sid: &'a [u8],
}

impl<'a> NewAce<'a> {
    /// Allows.
    pub fn allow(mask: u32, sid: &'a Sid) -> Self {
        Self { kind: ace_type::ACCESS_ALLOWED, flags: 0, mask, sid: sid.as_bytes() }
    }

    /// Denies.
    pub fn deny(mask: u32, sid: &'a Sid) -> Self {
        Self { kind: ace_type::ACCESS_DENIED, ..Self::allow(mask, sid) }
    }

    /// Is written to the log; the flags say whether success, failure or both.
    pub fn audit(mask: u32, sid: &'a Sid, flags: u8) -> Self {
        Self { kind: ace_type::SYSTEM_AUDIT, flags, ..Self::allow(mask, sid) }
    }

    /// The same with flags.
    pub fn with(self, flags: u8) -> Self {
        Self { flags, ..self }
    }

    /// Bytes of the ACE.
    pub(crate) fn size(&self) -> usize {
        ACE_FIXED + self.sid.len()
    }

    /// Writes the ACE where it shall lie; `to` is as long as it is.
    pub(crate) fn write(&self, to: &mut [u8]) {
        let Some((fixed, sid)) = to.split_first_chunk_mut::<ACE_FIXED>() else { return };
        let [s0, s1] = (self.size() as u16).to_le_bytes();
        let [m0, m1, m2, m3] = self.mask.to_le_bytes();
        *fixed = [self.kind, self.flags, s0, s1, m0, m1, m2, m3];
        if sid.len() == self.sid.len() {
            sid.copy_from_slice(self.sid);
        }
    }

    /// # Errors
    /// `INVALID_SID`; `INVALID_PARAMETER`: a type that has more than mask and SID.
    pub(crate) fn check(self) -> Result<Self, NtStatus> {
        if self.kind > ace_type::SYSTEM_ALARM {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let length = Sid::length(self.sid)?;
        let sid = self.sid.get(..length).ok_or(NtStatus::INVALID_SID)?;
        Ok(Self { sid, ..self })
    }
}

const _: () = {
    assert!(SID_HEADER + ACE_FIXED == 16, "the access check reads that much of an ACE at once");
    assert!(ace_type::ACCESS_ALLOWED == 0, "and takes 0 for this type");
};
