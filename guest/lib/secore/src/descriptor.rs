//! Security descriptors.

mod assign;
mod information;
mod relative;

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{GenericMapping, SECURITY_DESCRIPTOR_REVISION, control};

use crate::acl::{Acl, AclBuf};
use crate::sid::Sid;

pub use assign::Creation;
pub use information::{access_to_query, access_to_set};
pub use relative::SelfRelative;

/// A descriptor's DACL or SACL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum List {
    /// Not said. For an object as good as null.
    #[default]
    Absent,
    /// There is a list, which is null: everybody may do everything, nothing is audited.
    Null,
    /// A list.
    Acl(AclBuf),
}

impl List {
    /// The ACL, if there is one that is not null.
    #[inline]
    pub fn acl(&self) -> Option<Acl<'_>> {
        if let Self::Acl(acl) = self { Some(acl.as_acl()) } else { None }
    }

    /// Whether a list was given, be it a null one.
    pub fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    fn map_generic(&mut self, mapping: &GenericMapping) {
        if let Self::Acl(acl) = self {
            acl.map_generic(mapping);
        }
    }
}

/// A security descriptor that owns its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Bits of [`control`] that the parts do not tell themselves: defaulted, inheritance, resource manager.
    pub control: u16,
    /// What the resource manager keeps, with [`control::RM_CONTROL_VALID`].
    pub sbz1: u8,
    /// The owner.
    pub owner: Option<Sid>,
    /// The primary group, for POSIX.
    pub group: Option<Sid>,
    /// Who may do what.
    pub dacl: List,
    /// What is written to the log.
    pub sacl: List,
}

/// Bits of [`control`] that the parts tell.
const OF_PARTS: u16 = control::DACL_PRESENT | control::SACL_PRESENT | control::SELF_RELATIVE;
const HEADER: usize = 20;

impl Descriptor {
    /// Nothing but a DACL.
    pub fn with_dacl(dacl: AclBuf) -> Self {
        Self { dacl: List::Acl(dacl), ..Self::default() }
    }

    /// A DACL that is null: everybody may do everything.
    pub fn open_to_all() -> Self {
        Self { dacl: List::Null, ..Self::default() }
    }

    /// A descriptor of parts captured one by one, as an absolute one has them: `None` for null pointers.
    ///
    /// # Errors
    /// `UNKNOWN_REVISION`: another than 1; `INVALID_SID`, `INVALID_ACL`: a malformed part.
    pub fn of_parts(parts: &Parts<'_>) -> Result<Self, NtStatus> {
        if parts.revision != SECURITY_DESCRIPTOR_REVISION {
            return Err(NtStatus::UNKNOWN_REVISION);
        }
        Self::of_lists(parts, |bytes| Acl::parse(bytes).map(AclBuf::from))
    }

    /// A descriptor of parts whose lists `list` takes.
    fn of_lists(
        parts: &Parts<'_>,
        list: impl Fn(&[u8]) -> Result<AclBuf, NtStatus>,
    ) -> Result<Self, NtStatus> {
        let sid = |bytes: Option<&[u8]>| bytes.map(Sid::parse).transpose();
        let list = |bit, bytes: Option<&[u8]>| {
            Ok(match bytes {
                _ if parts.control & bit == 0 => List::Absent,
                None => List::Null,
                Some(bytes) => List::Acl(list(bytes)?),
            })
        };
        Ok(Self {
            control: parts.control & !OF_PARTS,
            sbz1: parts.sbz1,
            owner: sid(parts.owner)?,
            group: sid(parts.group)?,
            dacl: list(control::DACL_PRESENT, parts.dacl)?,
            sacl: list(control::SACL_PRESENT, parts.sacl)?,
        })
    }

    /// A descriptor of self-relative bytes. As [`SelfRelative::parse`] and [`Descriptor::of_parts`].
    ///
    /// # Errors
    /// Of these two.
    pub fn parse(bytes: &[u8]) -> Result<Self, NtStatus> {
        let parts = SelfRelative::parse(bytes)?.parts();
        Self::of_lists(&parts, |bytes| Ok(Acl::trusted(bytes).into()))
    }

    /// All control bits, without that of the self-relative form.
    pub fn control_bits(&self) -> u16 {
        let bit = |list: &List, bit| if list.is_present() { bit } else { 0 };
        self.control & !OF_PARTS
            | bit(&self.dacl, control::DACL_PRESENT)
            | bit(&self.sacl, control::SACL_PRESENT)
    }

    /// Its parts.
    pub fn parts(&self) -> Parts<'_> {
        Parts {
            revision: SECURITY_DESCRIPTOR_REVISION,
            sbz1: self.sbz1,
            control: self.control_bits(),
            owner: self.owner.as_ref().map(Sid::as_bytes),
            group: self.group.as_ref().map(Sid::as_bytes),
            dacl: self.dacl.acl().map(|acl| acl.as_bytes()),
            sacl: self.sacl.acl().map(|acl| acl.as_bytes()),
        }
    }

    /// Bytes of the self-relative form.
    pub fn length(&self) -> usize {
        self.parts().length()
    }

    /// The self-relative form: header, SACL, DACL, owner, group.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![0; self.length()];
        // It is as long as it must be.
        let _ = self.write(&mut bytes);
        bytes
    }

    /// Writes the self-relative form, and says how long it is.
    ///
    /// # Errors
    /// The length needed, when `to` is shorter.
    pub fn write(&self, to: &mut [u8]) -> Result<usize, usize> {
        self.parts().write(to)
    }

    /// Replaces generic rights in the ACEs that count for the object itself by what they stand for.
    ///
    /// The access check takes masks as they are, so the descriptor of every object must have gone through
    /// this; [`Creation::assign`] and [`Descriptor::set`] see to it.
    pub fn map_generic(&mut self, mapping: &GenericMapping) {
        self.dacl.map_generic(mapping);
        self.sacl.map_generic(mapping);
    }
}

/// The parts of a descriptor, as bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    /// The revision.
    pub revision: u8,
    /// The byte after it.
    pub sbz1: u8,
    /// Of [`control`]. Without `DACL_PRESENT` and `SACL_PRESENT`, the lists are not looked at.
    pub control: u16,
    /// The owner's SID.
    pub owner: Option<&'a [u8]>,
    /// The group's SID.
    pub group: Option<&'a [u8]>,
    /// The DACL.
    pub dacl: Option<&'a [u8]>,
    /// The SACL.
    pub sacl: Option<&'a [u8]>,
}

impl Parts<'_> {
    /// Bytes of the self-relative form.
    pub fn length(&self) -> usize {
        let parts = [self.owner, self.group, self.dacl, self.sacl].into_iter().flatten();
        HEADER + parts.map(|part| part.len().next_multiple_of(4)).sum::<usize>()
    }

    /// Writes the self-relative form, and says how long it is: header, SACL, DACL, owner, group, as they are
    /// (`RtlMakeSelfRelativeSD`).
    ///
    /// # Errors
    /// The length needed, when `to` is shorter.
    pub fn write(&self, to: &mut [u8]) -> Result<usize, usize> {
        let length = self.length();
        let (header, mut rest) = to.split_first_chunk_mut::<HEADER>().ok_or(length)?;
        if HEADER + rest.len() < length {
            return Err(length);
        }
        let mut at = HEADER;
        let mut put = |part: Option<&[u8]>| -> [u8; 4] {
            let Some(part) = part else { return [0; 4] };
            let offset = at as u32;
            let padded = part.len().next_multiple_of(4);
            if let Some((to, after)) = core::mem::take(&mut rest).split_at_mut_checked(padded) {
                let bytes = part.iter().copied().chain(core::iter::repeat(0));
                to.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
                (rest, at) = (after, at + padded);
            }
            offset.to_le_bytes()
        };
        let sacl = put(self.sacl);
        let dacl = put(self.dacl);
        let owner = put(self.owner);
        let group = put(self.group);
        let [low, high] = (self.control | control::SELF_RELATIVE).to_le_bytes();
        let fixed = [self.revision, self.sbz1, low, high];
        let fields = [fixed, owner, group, sacl, dacl];
        header.copy_from_slice(fields.as_flattened());
        Ok(length)
    }
}
