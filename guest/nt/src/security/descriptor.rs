//! SIDs, ACEs, ACLs and security descriptors as they lie in memory.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Revision of every SID.
pub const SID_REVISION: u8 = 1;
/// Most sub-authorities of a SID.
pub const SID_MAX_SUB_AUTHORITIES: usize = 15;
/// Bytes of a SID before its sub-authorities: revision, count, authority (48 bits, big-endian).
pub const SID_HEADER: usize = 8;
/// Bytes of the longest SID.
pub const SECURITY_MAX_SID_SIZE: usize = SID_HEADER + 4 * SID_MAX_SUB_AUTHORITIES;

/// ACL: its header; the ACEs follow.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct AclHeader {
    /// [`ACL_REVISION`] to [`MAX_ACL_REVISION`].
    pub revision: u8,
    /// Zero.
    pub sbz1: u8,
    /// Bytes in all, with this header and room not in use.
    pub size: u16,
    /// How many ACEs.
    pub ace_count: u16,
    /// Zero.
    pub sbz2: u16,
}

/// Revision of ACLs without compound and object ACEs.
pub const ACL_REVISION: u8 = 2;
/// Revision of ACLs that may have object ACEs.
pub const ACL_REVISION_DS: u8 = 4;
/// Lowest revision.
pub const MIN_ACL_REVISION: u8 = ACL_REVISION;
/// Highest revision.
pub const MAX_ACL_REVISION: u8 = ACL_REVISION_DS;

/// ACE_HEADER. A mask follows, and a SID, for the types that [`ace_type`] says so of.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct AceHeader {
    /// One of [`ace_type`].
    pub kind: u8,
    /// Of [`ace_flags`].
    pub flags: u8,
    /// Bytes in all, a multiple of 4.
    pub size: u16,
}

/// Types of ACEs. Header, mask, SID, except where another form is named.
pub mod ace_type {
    /// Allows.
    pub const ACCESS_ALLOWED: u8 = 0;
    /// Denies.
    pub const ACCESS_DENIED: u8 = 1;
    /// Is written to the log.
    pub const SYSTEM_AUDIT: u8 = 2;
    /// Reserved.
    pub const SYSTEM_ALARM: u8 = 3;
    /// Allows a server that acts as a client: header, mask, type (u16), zero (u16), two SIDs.
    pub const ACCESS_ALLOWED_COMPOUND: u8 = 4;
    /// Allows; header, mask, [`super::object_ace`] flags (u32), GUIDs as flagged, SID.
    pub const ACCESS_ALLOWED_OBJECT: u8 = 5;
    /// Denies; as [`ACCESS_ALLOWED_OBJECT`].
    pub const ACCESS_DENIED_OBJECT: u8 = 6;
    /// Is written to the log; as [`ACCESS_ALLOWED_OBJECT`].
    pub const SYSTEM_AUDIT_OBJECT: u8 = 7;
    /// Reserved; as [`ACCESS_ALLOWED_OBJECT`].
    pub const SYSTEM_ALARM_OBJECT: u8 = 8;
}

/// Flags of ACEs.
pub mod ace_flags {
    /// Inherited by what is no container; by containers for the next generation.
    pub const OBJECT_INHERIT: u8 = 0x01;
    /// Inherited by containers.
    pub const CONTAINER_INHERIT: u8 = 0x02;
    /// Heirs do not hand it on.
    pub const NO_PROPAGATE_INHERIT: u8 = 0x04;
    /// Not for this object, only for its heirs.
    pub const INHERIT_ONLY: u8 = 0x08;
    /// It was inherited.
    pub const INHERITED: u8 = 0x10;
    /// The bits about inheritance.
    pub const VALID_INHERIT_FLAGS: u8 = 0x1F;
    /// Audit what succeeds.
    pub const SUCCESSFUL_ACCESS: u8 = 0x40;
    /// Audit what fails.
    pub const FAILED_ACCESS: u8 = 0x80;
}

/// Flags of object ACEs: which GUIDs (16 bytes each) they have.
pub mod object_ace {
    /// What it is about.
    pub const OBJECT_TYPE_PRESENT: u32 = 1;
    /// Who inherits it.
    pub const INHERITED_OBJECT_TYPE_PRESENT: u32 = 2;
}

/// SECURITY_DESCRIPTOR, absolute: with pointers.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SecurityDescriptor {
    /// [`SECURITY_DESCRIPTOR_REVISION`].
    pub revision: u8,
    /// Zero, or what the resource manager keeps here (`SE_RM_CONTROL_VALID`).
    pub sbz1: u8,
    /// Of [`control`].
    pub control: u16,
    /// Padding.
    pub reserved: u32,
    /// Address of the owner's SID, or 0.
    pub owner: u64,
    /// Address of the group's SID, or 0.
    pub group: u64,
    /// Address of the SACL, or 0.
    pub sacl: u64,
    /// Address of the DACL, or 0.
    pub dacl: u64,
}

/// SECURITY_DESCRIPTOR_RELATIVE: offsets from its beginning instead of pointers.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SecurityDescriptorRelative {
    /// [`SECURITY_DESCRIPTOR_REVISION`].
    pub revision: u8,
    /// As in [`SecurityDescriptor`].
    pub sbz1: u8,
    /// Of [`control`].
    pub control: u16,
    /// Where the owner's SID lies, or 0.
    pub owner: u32,
    /// Where the group's SID lies, or 0.
    pub group: u32,
    /// Where the SACL lies, or 0.
    pub sacl: u32,
    /// Where the DACL lies, or 0.
    pub dacl: u32,
}

/// Revision of every security descriptor.
pub const SECURITY_DESCRIPTOR_REVISION: u8 = 1;

/// Control bits of security descriptors.
pub mod control {
    /// The owner came from a default.
    pub const OWNER_DEFAULTED: u16 = 0x0001;
    /// The group came from a default.
    pub const GROUP_DEFAULTED: u16 = 0x0002;
    /// There is a DACL, possibly a null one.
    pub const DACL_PRESENT: u16 = 0x0004;
    /// The DACL came from a default.
    pub const DACL_DEFAULTED: u16 = 0x0008;
    /// There is a SACL, possibly a null one.
    pub const SACL_PRESENT: u16 = 0x0010;
    /// The SACL came from a default.
    pub const SACL_DEFAULTED: u16 = 0x0020;
    /// The DACL shall be inherited automatically.
    pub const DACL_AUTO_INHERIT_REQ: u16 = 0x0100;
    /// The SACL shall be inherited automatically.
    pub const SACL_AUTO_INHERIT_REQ: u16 = 0x0200;
    /// The DACL was inherited automatically.
    pub const DACL_AUTO_INHERITED: u16 = 0x0400;
    /// The SACL was inherited automatically.
    pub const SACL_AUTO_INHERITED: u16 = 0x0800;
    /// The DACL does not inherit.
    pub const DACL_PROTECTED: u16 = 0x1000;
    /// The SACL does not inherit.
    pub const SACL_PROTECTED: u16 = 0x2000;
    /// `sbz1` has a meaning.
    pub const RM_CONTROL_VALID: u16 = 0x4000;
    /// Offsets, not pointers.
    pub const SELF_RELATIVE: u16 = 0x8000;
}

/// SECURITY_INFORMATION: which parts of a descriptor are meant.
pub mod info {
    /// The owner.
    pub const OWNER: u32 = 1;
    /// The group.
    pub const GROUP: u32 = 2;
    /// The DACL.
    pub const DACL: u32 = 4;
    /// The SACL.
    pub const SACL: u32 = 8;
    /// The SACL inherits again.
    pub const UNPROTECTED_SACL: u32 = 0x1000_0000;
    /// The DACL inherits again.
    pub const UNPROTECTED_DACL: u32 = 0x2000_0000;
    /// The SACL does not inherit.
    pub const PROTECTED_SACL: u32 = 0x4000_0000;
    /// The DACL does not inherit.
    pub const PROTECTED_DACL: u32 = 0x8000_0000;
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<AclHeader>() == 8 && offset_of!(AclHeader, ace_count) == 4);
    assert!(size_of::<AceHeader>() == 4 && offset_of!(AceHeader, size) == 2);
    assert!(size_of::<SecurityDescriptor>() == 0x28 && offset_of!(SecurityDescriptor, owner) == 8);
    assert!(offset_of!(SecurityDescriptor, group) == 0x10 && offset_of!(SecurityDescriptor, sacl) == 0x18);
    assert!(offset_of!(SecurityDescriptor, dacl) == 0x20 && offset_of!(SecurityDescriptor, control) == 2);
    assert!(size_of::<SecurityDescriptorRelative>() == 20);
    assert!(offset_of!(SecurityDescriptorRelative, owner) == 4);
    assert!(offset_of!(SecurityDescriptorRelative, dacl) == 16);
    assert!(SECURITY_MAX_SID_SIZE == 68);
};
