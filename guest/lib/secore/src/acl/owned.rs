//! ACLs that own their bytes, or lie in the program.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{ACL_REVISION, ACL_REVISION_DS, GENERIC_RIGHTS, GenericMapping, ace_type};

use super::{ACL_HEADER, Acl};
use crate::ace::{ACE_FIXED, Ace, NewAce};
use crate::sid::Sid;

/// An ACL that owns its bytes, is always well formed, and has no room that is not in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclBuf {
    bytes: Cow<'static, [u8]>,
}

/// An ACL of `SIZE` bytes that the compiler makes.
#[derive(Debug)]
pub struct FixedAcl<const SIZE: usize>([u8; SIZE]);

/// Bytes of a [`FixedAcl`] of these ACEs.
pub const fn fixed_size(aces: &[(u32, Sid)]) -> usize {
    let (mut size, mut index) = (ACL_HEADER, 0);
    while index < aces.len() {
        size += ACE_FIXED + aces[index].1.length_of_known();
        index += 1;
    }
    size
}

impl<const SIZE: usize> FixedAcl<SIZE> {
    /// A list that allows each SID its mask.
    ///
    /// # Panics
    /// When `SIZE` is not [`fixed_size`] of the ACEs.
    pub const fn allow(aces: &[(u32, Sid)]) -> Self {
        assert!(SIZE == fixed_size(aces) && SIZE <= u16::MAX as usize);
        let [s0, s1, ..] = SIZE.to_le_bytes();
        let mut bytes = [0; SIZE];
        (bytes[0], bytes[2], bytes[3], bytes[4]) = (ACL_REVISION, s0, s1, aces.len() as u8);
        let (mut at, mut index) = (ACL_HEADER, 0);
        while index < aces.len() {
            let (mask, sid) = &aces[index];
            let length = ACE_FIXED + sid.length_of_known();
            let mask = mask.to_le_bytes();
            bytes[at + 2] = length as u8;
            (bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]) =
                (mask[0], mask[1], mask[2], mask[3]);
            let mut offset = 0;
            while ACE_FIXED + offset < length {
                bytes[at + ACE_FIXED + offset] = sid.byte(offset);
                offset += 1;
            }
            at += length;
            index += 1;
        }
        Self(bytes)
    }
}

impl AclBuf {
    /// An empty list: nobody may do anything.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// A list that lies in the program. It is copied when it is changed.
    pub const fn fixed<const SIZE: usize>(list: &'static FixedAcl<SIZE>) -> Self {
        Self { bytes: Cow::Borrowed(&list.0) }
    }

    /// A list of these ACEs.
    ///
    /// # Errors
    /// As for [`AclBuf::push`].
    pub fn of(aces: &[NewAce<'_>]) -> Result<Self, NtStatus> {
        let mut acl = Self::with_capacity(aces.iter().map(NewAce::size).sum());
        aces.iter().try_for_each(|ace| acl.push(*ace))?;
        Ok(acl)
    }

    /// Adds an ACE after the others.
    ///
    /// # Errors
    /// `INVALID_SID`; `INVALID_PARAMETER`: a type that has more than mask and SID;
    /// `ALLOTTED_SPACE_EXCEEDED`: an ACL has at most 65532 bytes.
    pub fn push(&mut self, ace: NewAce<'_>) -> Result<(), NtStatus> {
        let ace = ace.check()?;
        let at = self.bytes.len();
        self.grow(ace.size())?;
        ace.write(self.bytes.to_mut().get_mut(at..).unwrap_or_default());
        Ok(())
    }

    /// Adds a copy of an ACE with another mask, other flags and, if one is given, another SID.
    pub(crate) fn push_copy(
        &mut self,
        ace: Ace<'_>,
        mask: u32,
        flags: u8,
        sid: Option<&[u8]>,
    ) -> Result<(), NtStatus> {
        let from = ace.as_bytes();
        let (kept, sid) = match (ace.sid_offset(), sid) {
            (Some(at), Some(sid)) => (from.get(..at).unwrap_or(from), sid),
            _ => (from, [].as_slice()),
        };
        let (at, size) = (self.bytes.len(), kept.len() + sid.len());
        self.grow(size)?;
        let bytes = self.bytes.to_mut();
        let Some(to) = bytes.get_mut(at..) else { return Ok(()) };
        let (head, tail) = to.split_at_mut(kept.len());
        head.copy_from_slice(kept);
        tail.copy_from_slice(sid);
        if let Some([_, to_flags, s0, s1]) = to.first_chunk_mut() {
            *to_flags = flags;
            [*s0, *s1] = (size as u16).to_le_bytes();
        }
        if let Some(to) = to.get_mut(4..8).filter(|_| ace.sid_offset().is_some()) {
            to.copy_from_slice(&mask.to_le_bytes());
        }
        if ace.kind() > ace_type::SYSTEM_ALARM
            && let Some(revision) = bytes.first_mut()
        {
            *revision = ACL_REVISION_DS;
        }
        Ok(())
    }

    /// Replaces the generic rights in the ACEs that count for the object itself by what they stand for.
    pub fn map_generic(&mut self, mapping: &GenericMapping) {
        let is_generic = |ace: Ace<'_>| ace.is_effective() && ace.mask() & GENERIC_RIGHTS != 0;
        if !self.as_acl().aces().any(is_generic) {
            return;
        }
        let (mut at, count) = (ACL_HEADER, self.as_acl().count());
        let bytes = self.bytes.to_mut();
        for _ in 0..count {
            let Some(rest) = bytes.get_mut(at..) else { return };
            let Some((ace, _)) = Ace::trusted(rest) else { return };
            at += ace.as_bytes().len();
            let (mask, is_mapped) = (ace.mask(), ace.is_effective() && ace.sid_offset().is_some());
            if let Some(to) = rest.get_mut(4..8).filter(|_| is_mapped) {
                to.copy_from_slice(&mapping.map(mask).to_le_bytes());
            }
        }
    }

    /// The list, for reading.
    #[inline]
    pub fn as_acl(&self) -> Acl<'_> {
        Acl::trusted(&self.bytes)
    }

    /// Its bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn with_capacity(bytes: usize) -> Self {
        let mut list = Vec::with_capacity(ACL_HEADER + bytes);
        list.extend([ACL_REVISION, 0, ACL_HEADER as u8, 0, 0, 0, 0, 0]);
        Self { bytes: Cow::Owned(list) }
    }

    /// Makes room for an ACE and counts it.
    fn grow(&mut self, more: usize) -> Result<(), NtStatus> {
        let size = self.bytes.len() + more;
        let [s0, s1] = u16::try_from(size).map_err(|_| NtStatus::ALLOTTED_SPACE_EXCEEDED)?.to_le_bytes();
        let count = self.as_acl().count() as u16 + 1;
        let bytes = self.bytes.to_mut();
        bytes.resize(size, 0);
        if let Some([_, _, to0, to1, c0, c1, ..]) = bytes.first_chunk_mut::<ACL_HEADER>() {
            (*to0, *to1) = (s0, s1);
            [*c0, *c1] = count.to_le_bytes();
        }
        Ok(())
    }
}

impl Default for AclBuf {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Acl<'_>> for AclBuf {
    /// A copy without the room that is not in use.
    fn from(acl: Acl<'_>) -> Self {
        let used = acl.used();
        let mut bytes = Vec::from(acl.as_bytes().get(..used).unwrap_or_default());
        if let Some([_, sbz1, s0, s1, _, _, z0, z1]) = bytes.first_chunk_mut::<ACL_HEADER>() {
            (*sbz1, *z0, *z1) = (0, 0, 0);
            [*s0, *s1] = (used as u16).to_le_bytes();
        }
        Self { bytes: Cow::Owned(bytes) }
    }
}
