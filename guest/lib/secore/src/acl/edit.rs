//! ACLs in memory of a given size: what `RtlCreateAcl`, `RtlAddAccessAllowedAce` and their kin do.
//!
//! The slices begin with the ACL and may be longer. Only what is needed is validated, as in NT; nothing
//! changes when a function fails.

use core::ops::Range;

use nt::NtStatus;
use nt::security::AclHeader;

use super::{ACL_HEADER, Acl, is_revision};
use crate::ace::{Ace, NewAce};

/// Makes an empty ACL of the slice's length, rounded down to a multiple of 4 (`RtlCreateAcl`).
///
/// # Errors
/// `BUFFER_TOO_SMALL`: no room for the header; `INVALID_PARAMETER`: another revision than 2 to 4, or more
/// bytes than an ACL can have.
pub fn create_acl(bytes: &mut [u8], revision: u8) -> Result<(), NtStatus> {
    let length = bytes.len();
    let Some(header) = bytes.first_chunk_mut::<ACL_HEADER>() else { return Err(NtStatus::BUFFER_TOO_SMALL) };
    let size = u16::try_from(length).map_err(|_| NtStatus::INVALID_PARAMETER)? & !3;
    if !is_revision(revision) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let [low, high] = size.to_le_bytes();
    *header = [revision, 0, low, high, 0, 0, 0, 0];
    Ok(())
}

/// How long the ACL is that begins here, which is all here.
///
/// # Errors
/// `INVALID_ACL`: not a header of an ACL, or a size that is too small or beyond the slice.
pub fn acl_size(bytes: &[u8]) -> Result<usize, NtStatus> {
    let header = header(bytes)?;
    let size = header.size as usize;
    let fits = (ACL_HEADER..=bytes.len()).contains(&size);
    if is_revision(header.revision) && fits { Ok(size) } else { Err(NtStatus::INVALID_ACL) }
}

/// Adds an ACE after the others (`RtlAddAccessAllowedAceEx` and its kin); the list's revision rises to `revision`.
///
/// # Errors
/// `INVALID_SID`; `REVISION_MISMATCH`: another revision than 2 to 4; `INVALID_ACL`;
/// `ALLOTTED_SPACE_EXCEEDED`: no room; `INVALID_PARAMETER`: a type that has more than mask and SID.
pub fn add_ace(bytes: &mut [u8], revision: u8, ace: NewAce<'_>) -> Result<(), NtStatus> {
    let ace = ace.check()?;
    if !is_revision(revision) {
        return Err(NtStatus::REVISION_MISMATCH);
    }
    let acl = Acl::parse(bytes)?;
    let (at, size) = (acl.used(), acl.as_bytes().len());
    let end = at + ace.size();
    let to = bytes.get_mut(at..end).filter(|_| end <= size).ok_or(NtStatus::ALLOTTED_SPACE_EXCEEDED)?;
    ace.write(to);
    count_more(bytes, revision, 1)
}

/// Puts ready-made ACEs before the one of that index, or after the last if there is none (`RtlAddAce`).
///
/// # Errors
/// `INVALID_PARAMETER`: another revision than 2 to 4, or malformed ACEs; `INVALID_ACL`; `ALLOTTED_SPACE_EXCEEDED`: no room.
pub fn insert_aces(bytes: &mut [u8], revision: u8, index: usize, aces: &[u8]) -> Result<(), NtStatus> {
    if !is_revision(revision) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let (mut more, mut rest) = (0_u16, aces);
    while !rest.is_empty() {
        (_, rest) = Ace::parse(rest).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        more = more.checked_add(1).ok_or(NtStatus::ALLOTTED_SPACE_EXCEEDED)?;
    }
    let acl = Acl::parse(bytes)?;
    let (used, size) = (acl.used(), acl.as_bytes().len());
    let at = ace_range(bytes, index).map_or(used, |range| range.start);
    let end = used + aces.len();
    let tail = bytes.get_mut(at..end).filter(|_| end <= size).ok_or(NtStatus::ALLOTTED_SPACE_EXCEEDED)?;
    tail.copy_within(..used - at, aces.len());
    if let Some(to) = tail.get_mut(..aces.len()) {
        to.copy_from_slice(aces);
    }
    count_more(bytes, revision, more)
}

/// Takes an ACE out (`RtlDeleteAce`).
///
/// # Errors
/// `INVALID_PARAMETER`: no such ACE; `INVALID_ACL`.
pub fn delete_ace(bytes: &mut [u8], index: usize) -> Result<(), NtStatus> {
    let used = Acl::parse(bytes)?.used();
    let range = ace_range(bytes, index)?;
    let gap = range.len();
    if let Some(tail) = bytes.get_mut(range.start..used) {
        tail.copy_within(gap.., 0);
        let kept = tail.len() - gap;
        tail.get_mut(kept..).unwrap_or_default().fill(0);
    }
    let header = header(bytes)?;
    put_count(bytes, header.revision, header.ace_count.saturating_sub(1));
    Ok(())
}

/// Where an ACE lies in the slice (`RtlGetAce`).
///
/// # Errors
/// `INVALID_PARAMETER`: no such ACE, or no ACL.
pub fn ace_range(bytes: &[u8], index: usize) -> Result<Range<usize>, NtStatus> {
    let acl = Acl::parse(bytes).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let mut at = ACL_HEADER;
    for (number, ace) in acl.aces().enumerate() {
        let end = at + ace.as_bytes().len();
        if number == index {
            return Ok(at..end);
        }
        at = end;
    }
    Err(NtStatus::INVALID_PARAMETER)
}

/// Where the next ACE would lie, nothing if the list is full (`RtlFirstFreeAce`).
///
/// # Errors
/// `INVALID_ACL`.
pub fn first_free_ace(bytes: &[u8]) -> Result<Option<usize>, NtStatus> {
    let acl = Acl::parse(bytes)?;
    let used = acl.used();
    Ok((used < acl.as_bytes().len()).then_some(used))
}

/// Replaces mask and flags of an ACE. Of types that NT does not know, only the flags.
///
/// # Errors
/// As for [`ace_range`].
pub fn set_ace_mask_and_flags(bytes: &mut [u8], index: usize, mask: u32, flags: u8) -> Result<(), NtStatus> {
    let range = ace_range(bytes, index)?;
    let ace = bytes.get_mut(range).ok_or(NtStatus::INVALID_PARAMETER)?;
    let is_known = Ace::parse(ace)?.0.sid_offset().is_some();
    if let Some(to) = ace.get_mut(1) {
        *to = flags;
    }
    if let Some(to) = ace.get_mut(4..8).filter(|_| is_known) {
        to.copy_from_slice(&mask.to_le_bytes());
    }
    Ok(())
}

fn header(bytes: &[u8]) -> Result<AclHeader, NtStatus> {
    match bytes.first_chunk::<ACL_HEADER>() {
        Some(&[revision, sbz1, s0, s1, c0, c1, z0, z1]) => Ok(AclHeader {
            revision,
            sbz1,
            size: u16::from_le_bytes([s0, s1]),
            ace_count: u16::from_le_bytes([c0, c1]),
            sbz2: u16::from_le_bytes([z0, z1]),
        }),
        None => Err(NtStatus::INVALID_ACL),
    }
}

fn count_more(bytes: &mut [u8], revision: u8, more: u16) -> Result<(), NtStatus> {
    let header = header(bytes)?;
    // 65535 bytes hold fewer ACEs than a u16 can count.
    put_count(bytes, header.revision.max(revision), header.ace_count.saturating_add(more));
    Ok(())
}

fn put_count(bytes: &mut [u8], revision: u8, count: u16) {
    if let Some([to, _, _, _, low, high, ..]) = bytes.first_chunk_mut::<ACL_HEADER>() {
        *to = revision;
        [*low, *high] = count.to_le_bytes();
    }
}
