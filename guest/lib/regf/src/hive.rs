//! The hive: its cells, its root, the way down to a key.

use crate::base::BaseBlock;
use crate::error::{Fault, HiveError};
use crate::key::{Key, KeyId};
use crate::layout::{BASE_SIZE, nk};
use crate::text::Path;

/// A hive in memory, borrowed. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Hive<'a> {
    /// The hive bins data, which all references are relative to.
    pub(crate) bins: &'a [u8],
    pub(crate) root: u32,
    pub(crate) minor: u32,
}

/// What [`Hive::parse`] found.
#[derive(Clone, Copy, Debug)]
pub enum Parsed<'a> {
    /// The last write to the hive came to its end.
    Clean(Hive<'a>),
    /// It did not: the hive may be a mixture of old and new, and should be recovered with its log.
    Dirty(DirtyHive<'a>),
}

/// A hive that should be recovered first.
#[derive(Clone, Copy, Debug)]
pub struct DirtyHive<'a> {
    file: &'a [u8],
    base: BaseBlock,
}

impl<'a> DirtyHive<'a> {
    /// What the base block says. With a wrong checksum, nothing in it need be true.
    pub fn base(&self) -> BaseBlock {
        self.base
    }

    /// Reads the hive as it is.
    ///
    /// # Errors
    /// [`Fault::Truncated`].
    pub fn read_anyway(&self) -> Result<Hive<'a>, HiveError> {
        Hive::with_base(self.file, &self.base)
    }
}

impl<'a> Hive<'a> {
    /// Reads the base block of a hive file. Bytes after the end of the hive are ignored.
    ///
    /// # Errors
    /// As [`BaseBlock::read`], and [`Fault::Truncated`] if the file is shorter than a clean hive is.
    pub fn parse(file: &'a [u8]) -> Result<Parsed<'a>, HiveError> {
        let base = BaseBlock::read(file)?;
        if base.is_clean() {
            Self::with_base(file, &base).map(Parsed::Clean)
        } else {
            Ok(Parsed::Dirty(DirtyHive { file, base }))
        }
    }

    /// Reads a hive that must be clean.
    ///
    /// # Errors
    /// As [`Hive::parse`], and [`Fault::Dirty`].
    pub fn clean(file: &'a [u8]) -> Result<Self, HiveError> {
        match Self::parse(file)? {
            Parsed::Clean(hive) => Ok(hive),
            Parsed::Dirty(_) => Err(HiveError::new(Fault::Dirty, 4)),
        }
    }

    pub(crate) fn with_base(file: &'a [u8], base: &BaseBlock) -> Result<Self, HiveError> {
        let end = BASE_SIZE + base.bins_size as usize;
        let truncated = HiveError::new(Fault::Truncated, file.len());
        let bins = file.get(BASE_SIZE..end).ok_or(truncated)?;
        Ok(Self { bins, root: base.root, minor: base.minor })
    }

    /// The second number of the format's version, 3 to 6.
    pub fn minor(&self) -> u32 {
        self.minor
    }

    /// The root key.
    ///
    /// # Errors
    /// As [`Hive::key`].
    pub fn root(&self) -> Result<Key<'a>, HiveError> {
        self.key(KeyId(self.root))
    }

    /// The key in a cell.
    ///
    /// # Errors
    /// The faults of a cell, [`Fault::KeyNode`], [`Fault::Name`]. Another cell that happens to look like a key is one.
    pub fn key(&self, id: KeyId) -> Result<Key<'a>, HiveError> {
        Key::read(*self, id)
    }

    /// Walks down from the root: names with `\` between them, in any case. The empty path is the root.
    /// Symbolic links are not followed: that needs the whole registry.
    ///
    /// # Errors
    /// Those of the keys and lists on the way. A key that does not exist is `None`.
    pub fn open(&self, path: impl Path) -> Result<Option<Key<'a>>, HiveError> {
        self.root()?.open(path)
    }

    /// What is in an allocated cell ("Cell"). Cells need not lie in bins to be found here: only
    /// [`crate::verify()`] looks at bins.
    #[inline]
    pub(crate) fn cell(&self, offset: u32) -> Result<&'a [u8], HiveError> {
        let nowhere = HiveError::cell(Fault::CellOffset, offset);
        if !offset.is_multiple_of(8) {
            return Err(nowhere);
        }
        let (size, body) =
            self.bins.get(offset as usize..).and_then(<[u8]>::split_first_chunk).ok_or(nowhere)?;
        let size = i32::from_le_bytes(*size);
        if size >= 0 {
            return Err(HiveError::cell(Fault::CellFree, offset));
        }
        let len = size.unsigned_abs() as usize;
        len.checked_sub(4).and_then(|len| body.get(..len)).ok_or(HiveError::cell(Fault::CellSize, offset))
    }

    /// What is in an allocated cell, as a record of a fixed size with a signature and what follows it.
    #[inline]
    pub(crate) fn record<const N: usize>(
        &self,
        offset: u32,
        signature: [u8; 2],
        fault: Fault,
    ) -> Result<(&'a [u8; N], &'a [u8]), HiveError> {
        let cell = self.cell(offset)?;
        match cell.split_first_chunk::<N>() {
            Some((record, rest)) if record.starts_with(&signature) => Ok((record, rest)),
            _ => Err(HiveError::cell(fault, offset)),
        }
    }

    /// The most keys that the hive has room for: what bounds walks through it.
    pub(crate) fn key_limit(&self) -> usize {
        self.bins.len() / (4 + nk::SIZE)
    }
}
