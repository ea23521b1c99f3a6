//! Page protections: the `PAGE_*` values that make sense, as a type that holds no others.

use nt::NtStatus;
use nt::memory::{
    PAGE_EXECUTE_READ, PAGE_GUARD, PAGE_NOCACHE, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOMBINE,
};

/// What may be done with a page, without modifiers. The discriminant is its bit in `PAGE_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Base {
    /// Nothing.
    NoAccess = 0x01,
    /// Read.
    Read = 0x02,
    /// Read, write.
    ReadWrite = 0x04,
    /// Read, write to a copy.
    WriteCopy = 0x08,
    /// Execute; x86 cannot keep it from being read.
    Execute = 0x10,
    /// Execute, read.
    ExecuteRead = 0x20,
    /// Execute, read, write.
    ExecuteReadWrite = 0x40,
    /// Execute, read, write to a copy.
    ExecuteWriteCopy = 0x80,
}

/// At most one modifier goes with a protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modifier {
    None,
    Guard,
    NoCache,
    WriteCombine,
}

/// A valid page protection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    base: Base,
    modifier: Modifier,
}

/// What the page-table entry of a present page lets user mode do besides reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Write.
    pub write: bool,
    /// Execute.
    pub execute: bool,
}

impl Base {
    const fn from_bit(bit: u32) -> Option<Self> {
        Some(match bit {
            0x01 => Self::NoAccess,
            0x02 => Self::Read,
            0x04 => Self::ReadWrite,
            0x08 => Self::WriteCopy,
            0x10 => Self::Execute,
            0x20 => Self::ExecuteRead,
            0x40 => Self::ExecuteReadWrite,
            0x80 => Self::ExecuteWriteCopy,
            _ => return None,
        })
    }

    /// `PAGE_*` bits of the protections that ask for no more than this one; writing to a copy asks
    /// for no more than reading.
    const fn allows(self) -> u32 {
        match self {
            Self::NoAccess => 0x01,
            Self::Read | Self::WriteCopy => 0x0B,
            Self::ReadWrite => 0x0F,
            Self::Execute => 0x11,
            Self::ExecuteRead | Self::ExecuteWriteCopy => 0xBB,
            Self::ExecuteReadWrite => 0xFF,
        }
    }
}

impl Protection {
    /// Nothing.
    pub const NO_ACCESS: Self = Self::new(Base::NoAccess);
    /// Read.
    pub const READ: Self = Self::new(Base::Read);
    /// Read, write.
    pub const READ_WRITE: Self = Self::new(Base::ReadWrite);
    /// Execute, read.
    pub const EXECUTE_READ: Self = Self::new(Base::ExecuteRead);

    /// Execute, read, write to a copy.
    pub const EXECUTE_WRITE_COPY: Self = Self::new(Base::ExecuteWriteCopy);

    /// A protection without modifiers.
    pub const fn new(base: Base) -> Self {
        Self { base, modifier: Modifier::None }
    }

    /// Checks a `PAGE_*` value.
    ///
    /// # Errors
    /// INVALID_PAGE_PROTECTION unless it is exactly one protection with at most one modifier, and
    /// none with PAGE_NOACCESS (MiMakeProtectionMask).
    pub const fn parse(raw: u32) -> Result<Self, NtStatus> {
        let Some(base) = Base::from_bit(raw & 0xFF) else { return Err(NtStatus::INVALID_PAGE_PROTECTION) };
        let modifier = match raw & !0xFF {
            0 => return Ok(Self::new(base)),
            PAGE_GUARD => Modifier::Guard,
            PAGE_NOCACHE => Modifier::NoCache,
            PAGE_WRITECOMBINE => Modifier::WriteCombine,
            _ => return Err(NtStatus::INVALID_PAGE_PROTECTION),
        };
        match base {
            Base::NoAccess => Err(NtStatus::INVALID_PAGE_PROTECTION),
            _ => Ok(Self { base, modifier }),
        }
    }

    /// The `PAGE_*` value.
    pub const fn raw(self) -> u32 {
        let modifier = match self.modifier {
            Modifier::None => 0,
            Modifier::Guard => PAGE_GUARD,
            Modifier::NoCache => PAGE_NOCACHE,
            Modifier::WriteCombine => PAGE_WRITECOMBINE,
        };
        self.base as u32 | modifier
    }

    /// It, for a section of an image.
    pub const fn of_image(write: bool, execute: bool) -> Self {
        Self::new(match (write, execute) {
            (false, false) => Base::Read,
            (false, true) => Base::ExecuteRead,
            (true, false) => Base::WriteCopy,
            (true, true) => Base::ExecuteWriteCopy,
        })
    }

    /// The protection without its modifier.
    pub const fn base(self) -> Base {
        self.base
    }

    /// Whether it guards the page.
    pub const fn is_guard(self) -> bool {
        matches!(self.modifier, Modifier::Guard)
    }

    /// It with PAGE_GUARD; the same when it has another modifier or is PAGE_NOACCESS.
    #[must_use]
    pub const fn with_guard(self) -> Self {
        match (self.base, self.modifier) {
            (Base::NoAccess, _) | (_, Modifier::NoCache | Modifier::WriteCombine) => self,
            _ => Self { base: self.base, modifier: Modifier::Guard },
        }
    }

    /// It without PAGE_GUARD.
    #[must_use]
    pub const fn without_guard(self) -> Self {
        if self.is_guard() { Self::new(self.base) } else { self }
    }

    /// Whether writes go to a copy.
    pub const fn is_copy_on_write(self) -> bool {
        matches!(self.base, Base::WriteCopy | Base::ExecuteWriteCopy)
    }

    /// It with writes that go to a copy instead of to what is shared.
    #[must_use]
    pub const fn copying(self) -> Self {
        let base = match self.base {
            Base::ReadWrite => Base::WriteCopy,
            Base::ExecuteReadWrite => Base::ExecuteWriteCopy,
            base => base,
        };
        Self { base, modifier: self.modifier }
    }

    /// Whether `other`, modifiers aside, asks for no more than this one (a view of its section, or a
    /// new protection of its view).
    pub const fn permits(self, other: Self) -> bool {
        self.base.allows() & other.base as u32 != 0
    }

    /// What a page may be used for when it is present; `None` when it must not be.
    pub const fn rights(self) -> Option<Rights> {
        if self.is_guard() || matches!(self.base, Base::NoAccess) {
            return None;
        }
        let bits = self.base as u32;
        Some(Rights { write: bits & 0xCC != 0, execute: bits & 0xF0 != 0 })
    }
}

const _: () = assert!(
    Base::Read as u32 == PAGE_READONLY
        && Base::ReadWrite as u32 == PAGE_READWRITE
        && Base::ExecuteRead as u32 == PAGE_EXECUTE_READ
);

impl core::fmt::Debug for Protection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}", self.base)?;
        match self.modifier {
            Modifier::None => Ok(()),
            modifier => write!(f, "+{modifier:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_values_and_no_others() {
        let valid: u32 = (0..0x1000).filter(|&raw| Protection::parse(raw).is_ok()).count() as u32;
        // Eight without modifier, seven with each of three.
        assert_eq!(valid, 8 + 7 * 3);
        for raw in (0..0x1000).chain([0x8000_0004]) {
            match Protection::parse(raw) {
                Ok(protection) => assert_eq!(protection.raw(), raw),
                Err(status) => assert_eq!(status, NtStatus::INVALID_PAGE_PROTECTION),
            }
        }
    }

    #[test]
    fn a_section_permits_no_more_than_it_has() {
        let parse = |raw| Protection::parse(raw).unwrap();
        for (section, views) in
            [(0x02, 0x0B), (0x04, 0x0F), (0x08, 0x0B), (0x10, 0x11), (0x20, 0xBB), (0x40, 0xFF), (0x80, 0xBB)]
        {
            for view in (0..8).map(|n| 1 << n) {
                assert_eq!(parse(section).permits(parse(view)), views & view != 0, "{section:x} {view:x}");
            }
        }
    }

    #[test]
    fn guarded_pages_are_never_present() {
        assert_eq!(Protection::READ_WRITE.rights(), Some(Rights { write: true, execute: false }));
        let guard = Protection::READ_WRITE.with_guard();
        assert_eq!((guard.rights(), guard.raw()), (None, 0x104));
        assert_eq!(guard.without_guard(), Protection::READ_WRITE);
        assert_eq!(Protection::NO_ACCESS.rights(), None);
        assert_eq!(Protection::NO_ACCESS.with_guard(), Protection::NO_ACCESS);
        assert_eq!(Protection::EXECUTE_READ.rights(), Some(Rights { write: false, execute: true }));
        assert_eq!(Protection::of_image(true, false).rights(), Some(Rights { write: true, execute: false }));
    }
}
