//! Attributes of OBJECT_ATTRIBUTES and of handles.

use core::ops::BitOr;

/// `OBJ_*` bits. Source: Microsoft's documentation of OBJECT_ATTRIBUTES.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub u32);

impl Attributes {
    /// None.
    pub const NONE: Self = Self(0);
    /// A handle that cannot be closed; set by `NtSetInformationObject`, never in OBJECT_ATTRIBUTES.
    pub const PROTECT_CLOSE: Self = Self(0x1);
    /// Children inherit the handle.
    pub const INHERIT: Self = Self(0x2);
    /// The object keeps its name without a handle.
    pub const PERMANENT: Self = Self(0x10);
    /// One process at a time has handles to the object.
    pub const EXCLUSIVE: Self = Self(0x20);
    /// Names that differ in case only are the same.
    pub const CASE_INSENSITIVE: Self = Self(0x40);
    /// A creation opens what is there.
    pub const OPENIF: Self = Self(0x80);
    /// A link itself is opened, not what it leads to.
    pub const OPENLINK: Self = Self(0x100);
    /// The handle goes into the kernel's table.
    pub const KERNEL_HANDLE: Self = Self(0x200);
    /// Access is checked for the kernel as well.
    pub const FORCE_ACCESS_CHECK: Self = Self(0x400);
    /// What a caller from user mode may ask for; anything else is INVALID_PARAMETER.
    pub const VALID: Self = Self(0x7F2);

    /// Whether all bits of `other` are set.
    #[inline]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those bits that are also in `mask`.
    #[inline]
    pub const fn only(self, mask: Self) -> Self {
        Self(self.0 & mask.0)
    }

    /// Whether there are no bits besides [`Self::VALID`].
    pub const fn is_valid(self) -> bool {
        self.0 & !Self::VALID.0 == 0
    }
}

impl BitOr for Attributes {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
