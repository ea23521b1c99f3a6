//! Access control lists: a reader, and an owned list that grows.

mod edit;
mod owned;

use nt::NtStatus;
use nt::security::{MAX_ACL_REVISION, MIN_ACL_REVISION};

use crate::ace::Ace;

pub use edit::{
    ace_range, acl_size, add_ace, create_acl, delete_ace, first_free_ace, insert_aces, set_ace_mask_and_flags,
};
pub use owned::{AclBuf, FixedAcl, fixed_size};

/// Bytes of an ACL before its ACEs.
pub(crate) const ACL_HEADER: usize = 8;

/// An access control list that is known to be well formed, read where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acl<'a> {
    bytes: &'a [u8],
}

impl<'a> Acl<'a> {
    /// The ACL that the bytes begin with (`RtlValidAcl`); what follows it is not looked at.
    ///
    /// # Errors
    /// `INVALID_ACL`: too few bytes, a revision that is none of 2 to 4, ACEs that do not fit the size or are
    /// malformed ([`Ace::parse`]).
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NtStatus> {
        let size = acl_size(bytes)?;
        let acl = Self { bytes: bytes.get(..size).ok_or(NtStatus::INVALID_ACL)? };
        let mut rest = acl.room();
        for _ in 0..acl.count() {
            (_, rest) = Ace::parse(rest)?;
        }
        Ok(acl)
    }

    /// All of it, with room not in use.
    #[inline]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its revision.
    pub fn revision(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    /// How many ACEs.
    #[inline]
    pub fn count(&self) -> usize {
        match self.bytes.first_chunk::<ACL_HEADER>() {
            Some(&[_, _, _, _, low, high, _, _]) => u16::from_le_bytes([low, high]) as usize,
            None => 0,
        }
    }

    /// Bytes in use, with the header.
    pub fn used(&self) -> usize {
        ACL_HEADER + self.aces().map(|ace| ace.as_bytes().len()).sum::<usize>()
    }

    /// The ACEs, in order.
    pub fn aces(&self) -> impl Iterator<Item = Ace<'a>> + use<'a> {
        let mut rest = self.room();
        (0..self.count()).map_while(move |_| {
            let (ace, after) = Ace::trusted(rest)?;
            rest = after;
            Some(ace)
        })
    }

    /// An ACE, counted from 0.
    pub fn ace(&self, index: usize) -> Option<Ace<'a>> {
        self.aces().nth(index)
    }

    /// What follows the header.
    #[inline]
    pub(crate) fn room(&self) -> &'a [u8] {
        self.bytes.get(ACL_HEADER..).unwrap_or_default()
    }

    /// Bytes that were found to be well formed before.
    pub(crate) fn trusted(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }
}

pub(crate) fn is_revision(revision: u8) -> bool {
    (MIN_ACL_REVISION..=MAX_ACL_REVISION).contains(&revision)
}
