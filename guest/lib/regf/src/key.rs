//! "Key node" (`nk`).

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::layout::{NONE, nk, u16_in, u32_in, u64_in};
use crate::list::{self, Subkeys};
use crate::needle::Needle;
use crate::security::Security;
use crate::text::{Name, Path, Text};
use crate::time::FileTime;
use crate::values::{self, Value, Values};

/// The longest name of a key, in UTF-16 units.
pub const MAX_KEY_NAME: usize = 256;

/// Which key: where its cell is, in bytes from the start of the hive bins data. Stays the same while the key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// Flags of a key ("Key node", "Flags").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFlags(pub u16);

impl KeyFlags {
    /// `KEY_VOLATILE`: goes with the system's memory. Not set in files.
    pub const VOLATILE: Self = Self(0x0001);
    /// `KEY_HIVE_EXIT`: the root of another hive stands in its place. Not set in files.
    pub const HIVE_EXIT: Self = Self(0x0002);
    /// `KEY_HIVE_ENTRY`: the root key of the hive.
    pub const ROOT: Self = Self(0x0004);
    /// `KEY_NO_DELETE`: cannot be deleted.
    pub const NO_DELETE: Self = Self(0x0008);
    /// `KEY_SYM_LINK`: the value `SymbolicLinkValue` says where the key really is.
    pub const SYMLINK: Self = Self(0x0010);
    /// `KEY_COMP_NAME`: the name is Latin-1.
    pub const COMP_NAME: Self = Self(0x0020);
    /// `KEY_PREDEF_HANDLE`: the key stands for a predefined handle and has no values.
    pub const PREDEFINED: Self = Self(0x0040);

    /// Whether all of some flags are set.
    #[inline]
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// A key. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub(crate) hive: Hive<'a>,
    id: KeyId,
    node: &'a [u8; nk::SIZE],
    name: Text<'a>,
}

impl<'a> Key<'a> {
    pub(crate) fn read(hive: Hive<'a>, id: KeyId) -> Result<Self, HiveError> {
        let (node, rest) = hive.record::<{ nk::SIZE }>(id.0, *b"nk", Fault::KeyNode)?;
        let latin1 = KeyFlags(u16_in(node, nk::FLAGS)).has(KeyFlags::COMP_NAME);
        let len = usize::from(u16_in(node, nk::NAME_LEN));
        match rest.get(..len) {
            Some(bytes) if latin1 || len.is_multiple_of(2) => {
                let name = Text::new(bytes, latin1);
                if name.len() <= MAX_KEY_NAME {
                    return Ok(Self { hive, id, node, name });
                }
            }
            _ => {}
        }
        Err(HiveError::cell(Fault::Name, id.0))
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn node(&self) -> &'a [u8; nk::SIZE] {
        self.node
    }

    #[inline(always)]
    pub(crate) fn field(&self, at: usize) -> u32 {
        u32_in(self.node, at)
    }

    /// Which key it is.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The hive it is in.
    pub fn hive(&self) -> Hive<'a> {
        self.hive
    }

    /// Its name. A hive's root has one that means nothing.
    pub fn name(&self) -> Text<'a> {
        self.name
    }

    /// Its flags.
    pub fn flags(&self) -> KeyFlags {
        KeyFlags(u16_in(self.node, nk::FLAGS))
    }

    /// When it, its values or its list of subkeys changed last.
    pub fn last_written(&self) -> FileTime {
        FileTime(u64_in(self.node, nk::LAST_WRITTEN))
    }

    /// Which key it is in; meaningless for the root.
    pub fn parent_id(&self) -> KeyId {
        KeyId(self.field(nk::PARENT))
    }

    /// Its class name, if it has one.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::Name`] if it does not fit.
    pub fn class(&self) -> Result<Option<Text<'a>>, HiveError> {
        let (offset, len) = (self.field(nk::CLASS), usize::from(u16_in(self.node, nk::CLASS_LEN)));
        if offset == NONE || len == 0 {
            return Ok(None);
        }
        let bytes = self.hive.cell(offset)?.get(..len).ok_or(HiveError::cell(Fault::Name, offset))?;
        Ok(Some(Text::utf16(bytes)))
    }

    /// Its security descriptor.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::Security`].
    pub fn security(&self) -> Result<Security<'a>, HiveError> {
        Security::read(self.hive, self.security_id())
    }

    /// A number for its security descriptor: keys of a hive with the same one have the same.
    #[inline]
    pub fn security_id(&self) -> u32 {
        self.field(nk::SECURITY)
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn class_id(&self) -> u32 {
        self.field(nk::CLASS)
    }

    /// How many subkeys it says it has.
    pub fn subkey_count(&self) -> u32 {
        self.field(nk::SUBKEY_COUNT)
    }

    pub(crate) fn list_id(&self) -> u32 {
        if self.subkey_count() == 0 { NONE } else { self.field(nk::SUBKEYS) }
    }

    /// Its subkeys, in the order of their list, which is by capitals.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::SubkeyList`].
    pub fn subkeys(&self) -> Result<Subkeys<'a>, HiveError> {
        Subkeys::new(self.hive, self.list_id())
    }

    /// The subkey at an index; `None` beyond the last.
    ///
    /// # Errors
    /// Those of [`Key::subkeys`] and [`Hive::key`].
    pub fn subkey_at(&self, index: usize) -> Result<Option<Key<'a>>, HiveError> {
        list::at(self.hive, self.list_id(), index)
    }

    /// The subkey of a name, in any case; `None` if there is none.
    ///
    /// # Errors
    /// Those of [`Key::subkeys`] and [`Hive::key`].
    pub fn subkey(&self, name: impl Name) -> Result<Option<Key<'a>>, HiveError> {
        list::find(self.hive, self.list_id(), &Needle::new(name))
    }

    /// Walks down: see [`Hive::open`].
    ///
    /// # Errors
    /// As [`Hive::open`].
    pub fn open(&self, path: impl Path) -> Result<Option<Key<'a>>, HiveError> {
        let mut key = *self;
        for name in path.parts() {
            match key.subkey(name)? {
                Some(next) => key = next,
                None => return Ok(None),
            }
        }
        Ok(Some(key))
    }

    /// The longest name of a subkey there has been, in bytes of UTF-16.
    pub fn max_subkey_name(&self) -> u32 {
        // Newer systems keep flags in the upper half.
        self.field(nk::MAX_SUBKEY_NAME) & 0xFFFF
    }

    /// The longest class name of a subkey there has been, in bytes.
    pub fn max_class(&self) -> u32 {
        self.field(nk::MAX_CLASS)
    }

    /// The longest name of a value there has been, in bytes of UTF-16.
    pub fn max_value_name(&self) -> u32 {
        self.field(nk::MAX_VALUE_NAME)
    }

    /// The most data of a value there has been, in bytes.
    pub fn max_value_data(&self) -> u32 {
        self.field(nk::MAX_VALUE_DATA)
    }

    /// How many values it says it has.
    pub fn value_count(&self) -> u32 {
        // With this flag the field holds the handle.
        if self.flags().has(KeyFlags::PREDEFINED) { 0 } else { self.field(nk::VALUE_COUNT) }
    }

    pub(crate) fn value_list_id(&self) -> u32 {
        self.field(nk::VALUES)
    }

    /// Its values, in the order they were made.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::ValueList`].
    pub fn values(&self) -> Result<Values<'a>, HiveError> {
        Values::new(self.hive, self.value_list_id(), self.value_count())
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn value_ids(&self) -> Result<Vec<u32>, HiveError> {
        Ok(self.values()?.ids())
    }

    /// The value at an index; `None` beyond the last.
    ///
    /// # Errors
    /// Those of [`Key::values`], [`Fault::ValueNode`], [`Fault::Name`].
    pub fn value_at(&self, index: usize) -> Result<Option<Value<'a>>, HiveError> {
        self.values()?.nth(index).transpose()
    }

    /// The value of a name, in any case; `""` is the default value. `None` if there is none.
    ///
    /// # Errors
    /// As [`Key::value_at`].
    pub fn value(&self, name: impl Name) -> Result<Option<Value<'a>>, HiveError> {
        values::find(self.values()?, &Needle::new(name))
    }
}
