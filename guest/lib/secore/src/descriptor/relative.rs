//! Self-relative descriptors, read where they lie.

use nt::NtStatus;
use nt::security::{SECURITY_DESCRIPTOR_REVISION, control};

use super::{HEADER, Parts};
use crate::acl::Acl;
use crate::sid::Sid;

/// A self-relative security descriptor whose parts lie in the bytes and are well formed
/// (`RtlValidRelativeSecurityDescriptor`). Parts may overlap each other, and the header.
#[derive(Clone, Copy, Debug)]
pub struct SelfRelative<'a> {
    parts: Parts<'a>,
}

impl<'a> SelfRelative<'a> {
    /// The descriptor that the bytes begin with.
    ///
    /// # Errors
    /// `UNKNOWN_REVISION`: another than 1; `BAD_DESCRIPTOR_FORMAT`: not the self-relative form;
    /// `INVALID_SECURITY_DESCR`: too short, or offsets that are uneven or lead elsewhere;
    /// `INVALID_SID`, `INVALID_ACL`: a malformed part.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NtStatus> {
        let header = bytes.first_chunk::<HEADER>().ok_or(NtStatus::INVALID_SECURITY_DESCR)?;
        let [revision, sbz1, low, high, offsets @ ..] = header;
        let control = u16::from_le_bytes([*low, *high]);
        if *revision != SECURITY_DESCRIPTOR_REVISION {
            return Err(NtStatus::UNKNOWN_REVISION);
        }
        if control & control::SELF_RELATIVE == 0 {
            return Err(NtStatus::BAD_DESCRIPTOR_FORMAT);
        }
        let mut offsets = offsets.as_chunks().0.iter().map(|offset| u32::from_le_bytes(*offset) as usize);
        let mut part = || -> Result<Option<&'a [u8]>, NtStatus> {
            match offsets.next() {
                None | Some(0) => Ok(None),
                Some(at) if at.is_multiple_of(4) => {
                    bytes.get(at..).map(Some).ok_or(NtStatus::INVALID_SECURITY_DESCR)
                }
                Some(_) => Err(NtStatus::INVALID_SECURITY_DESCR),
            }
        };
        let (owner, group, sacl, dacl) = (part()?, part()?, part()?, part()?);
        let list = |bit, bytes: Option<&'a [u8]>| {
            let bytes = bytes.filter(|_| control & bit != 0);
            bytes.map(|bytes| Acl::parse(bytes).map(|acl| acl.as_bytes())).transpose()
        };
        let parts = Parts {
            revision: *revision,
            sbz1: *sbz1,
            control,
            owner: owner.map(sid).transpose()?,
            group: group.map(sid).transpose()?,
            dacl: list(control::DACL_PRESENT, dacl)?,
            sacl: list(control::SACL_PRESENT, sacl)?,
        };
        Ok(Self { parts })
    }

    /// Its parts, cut to their lengths.
    pub fn parts(&self) -> Parts<'a> {
        self.parts
    }
}

fn sid(bytes: &[u8]) -> Result<&[u8], NtStatus> {
    bytes.get(..Sid::length(bytes)?).ok_or(NtStatus::INVALID_SID)
}
