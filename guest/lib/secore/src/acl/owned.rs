//! An ACL of its own memory.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{ACL_REVISION, ACL_REVISION_DS, GenericMapping, ace_type};

use super::{ACL_HEADER, Acl};
use crate::ace::{Ace, NewAce};

/// An ACL that owns its bytes, is always well formed, and has no room that is not in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclBuf {
    bytes: Vec<u8>,
}

impl AclBuf {
    /// An empty list: nobody may do anything.
    pub fn new() -> Self {
        Self::with_capacity(0)
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
        ace.write(self.bytes.get_mut(at..).unwrap_or_default());
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
        let Some(to) = self.bytes.get_mut(at..) else { return Ok(()) };
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
            && let Some(revision) = self.bytes.first_mut()
        {
            *revision = ACL_REVISION_DS;
        }
        Ok(())
    }

    /// Replaces the generic rights in the ACEs that count for the object itself by what they stand for.
    pub fn map_generic(&mut self, mapping: &GenericMapping) {
        let (mut at, count) = (ACL_HEADER, self.as_acl().count());
        for _ in 0..count {
            let Some(rest) = self.bytes.get_mut(at..) else { return };
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
        Self { bytes: list }
    }

    /// Makes room for an ACE and counts it.
    fn grow(&mut self, more: usize) -> Result<(), NtStatus> {
        let size = self.bytes.len() + more;
        let [s0, s1] = u16::try_from(size).map_err(|_| NtStatus::ALLOTTED_SPACE_EXCEEDED)?.to_le_bytes();
        let count = self.as_acl().count() as u16 + 1;
        self.bytes.resize(size, 0);
        if let Some([_, _, to0, to1, c0, c1, ..]) = self.bytes.first_chunk_mut::<ACL_HEADER>() {
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
        Self { bytes }
    }
}
