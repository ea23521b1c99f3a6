//! The registry as its services see it: rights, options, information classes and their structures.
//!
//! Structures end in text or data of any length; `Name`, `Class` or `Data` is where that begins. Numbers are 32 bits
//! unless it says otherwise, lengths in bytes. Source: Microsoft's documentation of the services; phnt's `ntregapi.h`.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Rights to a key.
pub mod access {
    /// KEY_QUERY_VALUE.
    pub const QUERY_VALUE: u32 = 0x01;
    /// KEY_SET_VALUE.
    pub const SET_VALUE: u32 = 0x02;
    /// KEY_CREATE_SUB_KEY.
    pub const CREATE_SUB_KEY: u32 = 0x04;
    /// KEY_ENUMERATE_SUB_KEYS.
    pub const ENUMERATE_SUB_KEYS: u32 = 0x08;
    /// KEY_NOTIFY.
    pub const NOTIFY: u32 = 0x10;
    /// KEY_CREATE_LINK.
    pub const CREATE_LINK: u32 = 0x20;
    /// KEY_READ.
    pub const READ: u32 = 0x2_0019;
    /// KEY_WRITE.
    pub const WRITE: u32 = 0x2_0006;
    /// KEY_ALL_ACCESS.
    pub const ALL: u32 = 0xF_003F;
}

/// Options for creating and opening a key.
pub mod options {
    /// REG_OPTION_VOLATILE: the key goes when the system does.
    pub const VOLATILE: u32 = 0x1;
    /// REG_OPTION_CREATE_LINK: the key is a symbolic link.
    pub const CREATE_LINK: u32 = 0x2;
    /// REG_OPTION_BACKUP_RESTORE: privileges decide, not the key's security.
    pub const BACKUP_RESTORE: u32 = 0x4;
    /// REG_OPTION_OPEN_LINK: the link, not what it leads to.
    pub const OPEN_LINK: u32 = 0x8;
    /// REG_LEGAL_OPTION.
    pub const LEGAL: u32 = 0xF;
}

/// REG_CREATED_NEW_KEY, a disposition.
pub const CREATED_NEW_KEY: u32 = 1;
/// REG_OPENED_EXISTING_KEY, a disposition.
pub const OPENED_EXISTING_KEY: u32 = 2;

/// The value that says where a symbolic link leads: REG_LINK, without a NUL.
pub const SYMBOLIC_LINK_VALUE: &str = "SymbolicLinkValue";

/// Types of values.
pub mod value_type {
    /// REG_NONE.
    pub const NONE: u32 = 0;
    /// REG_SZ.
    pub const SZ: u32 = 1;
    /// REG_EXPAND_SZ: `%NAME%` is to be expanded.
    pub const EXPAND_SZ: u32 = 2;
    /// REG_BINARY.
    pub const BINARY: u32 = 3;
    /// REG_DWORD.
    pub const DWORD: u32 = 4;
    /// REG_DWORD_BIG_ENDIAN.
    pub const DWORD_BIG_ENDIAN: u32 = 5;
    /// REG_LINK.
    pub const LINK: u32 = 6;
    /// REG_MULTI_SZ: strings with a NUL each, and one more.
    pub const MULTI_SZ: u32 = 7;
    /// REG_RESOURCE_LIST.
    pub const RESOURCE_LIST: u32 = 8;
    /// REG_FULL_RESOURCE_DESCRIPTOR.
    pub const FULL_RESOURCE_DESCRIPTOR: u32 = 9;
    /// REG_RESOURCE_REQUIREMENTS_LIST.
    pub const RESOURCE_REQUIREMENTS_LIST: u32 = 10;
    /// REG_QWORD.
    pub const QWORD: u32 = 11;
}

/// KEY_INFORMATION_CLASS.
pub mod key_class {
    /// [`super::KeyBasicInformation`].
    pub const BASIC: u32 = 0;
    /// [`super::KeyNodeInformation`].
    pub const NODE: u32 = 1;
    /// [`super::KeyFullInformation`].
    pub const FULL: u32 = 2;
    /// KEY_NAME_INFORMATION: length of the full name, and the name. Only `NtQueryKey`.
    pub const NAME: u32 = 3;
    /// [`super::KeyCachedInformation`]. Only `NtQueryKey`.
    pub const CACHED: u32 = 4;
    /// Not NT's: all values at once, each with a [`super::KeyValuesEntry`]. Only `NtQueryKey`. Asked for one by one, the
    /// values of the session manager would take a third of a boot.
    pub const VALUES: u32 = 0x4000_0000;
    /// Not NT's: all values of a key and of its subkeys at once, for a [`super::KeyValuesSection`] each, the key first.
    /// Only `NtQueryKey`, with a handle that may query values and list subkeys. Opening each subkey takes more
    /// instructions than reading it.
    pub const VALUES_BELOW: u32 = 0x4000_0001;
}

/// KEY_VALUE_INFORMATION_CLASS.
pub mod key_value_class {
    /// [`super::KeyValueBasicInformation`].
    pub const BASIC: u32 = 0;
    /// [`super::KeyValueFullInformation`].
    pub const FULL: u32 = 1;
    /// [`super::KeyValuePartialInformation`].
    pub const PARTIAL: u32 = 2;
    /// As FULL, in a buffer that is aligned to 8 bytes; so is the data.
    pub const FULL_ALIGN64: u32 = 3;
    /// [`super::KeyValuePartialInformationAlign64`], in a buffer that is aligned to 8 bytes.
    pub const PARTIAL_ALIGN64: u32 = 4;
}

/// KEY_SET_INFORMATION_CLASS.
pub mod key_set_class {
    /// KeyWriteTimeInformation: when the key was last written, i64.
    pub const WRITE_TIME: u32 = 0;
}

/// What `NtNotifyChangeKey` reports.
pub mod notify {
    /// REG_NOTIFY_CHANGE_NAME: a subkey is made, deleted or renamed.
    pub const NAME: u32 = 1;
    /// REG_NOTIFY_CHANGE_ATTRIBUTES: an attribute changes.
    pub const ATTRIBUTES: u32 = 2;
    /// REG_NOTIFY_CHANGE_LAST_SET: a value is set or deleted.
    pub const LAST_SET: u32 = 4;
    /// REG_NOTIFY_CHANGE_SECURITY: the security descriptor changes.
    pub const SECURITY: u32 = 8;
    /// REG_LEGAL_CHANGE_FILTER: all of them.
    pub const LEGAL: u32 = 0xF;
}

/// Conditions of `NtInitializeRegistry`.
pub mod initialize {
    /// REG_INIT_BOOT_SM: the session manager wants the other hives.
    pub const SESSION_MANAGER: u32 = 0;
    /// REG_INIT_BOOT_SETUP: the same, when Windows is being set up.
    pub const SETUP: u32 = 1;
    /// REG_INIT_BOOT_ACCEPTED_BASE: the boot is good. What is more is the number of the control set.
    pub const ACCEPTED: u32 = 2;
    /// REG_INIT_BOOT_ACCEPTED_MAX.
    pub const ACCEPTED_MAX: u32 = ACCEPTED + 999;
}

/// Longest name of a key, in UTF-16 units.
pub const MAX_KEY_NAME: usize = 255;
/// Longest name of a value, in UTF-16 units.
pub const MAX_VALUE_NAME: usize = 16383;

/// KEY_BASIC_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyBasicInformation {
    /// When the key was last written: low and high half of 100 ns since 1601.
    pub last_write_time: [u32; 2],
    /// Zero.
    pub title_index: u32,
    /// Length of the name, which follows.
    pub name_length: u32,
}

/// KEY_NODE_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyNodeInformation {
    /// As in [`KeyBasicInformation`].
    pub last_write_time: [u32; 2],
    /// Zero.
    pub title_index: u32,
    /// Where the class name is from the structure's beginning; all ones without one.
    pub class_offset: u32,
    /// Its length.
    pub class_length: u32,
    /// Length of the name, which follows.
    pub name_length: u32,
}

/// KEY_FULL_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyFullInformation {
    /// As in [`KeyBasicInformation`].
    pub last_write_time: [u32; 2],
    /// Zero.
    pub title_index: u32,
    /// Where the class name is from the structure's beginning; all ones without one.
    pub class_offset: u32,
    /// Its length.
    pub class_length: u32,
    /// How many subkeys there are.
    pub sub_keys: u32,
    /// Longest name of a subkey.
    pub max_name_length: u32,
    /// Longest class name of a subkey.
    pub max_class_length: u32,
    /// How many values there are.
    pub values: u32,
    /// Longest name of a value.
    pub max_value_name_length: u32,
    /// Longest data of a value.
    pub max_value_data_length: u32,
}

/// KEY_CACHED_INFORMATION; padded to 40 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyCachedInformation {
    /// As in [`KeyBasicInformation`].
    pub last_write_time: [u32; 2],
    /// Zero.
    pub title_index: u32,
    /// How many subkeys there are.
    pub sub_keys: u32,
    /// Longest name of a subkey.
    pub max_name_length: u32,
    /// How many values there are.
    pub values: u32,
    /// Longest name of a value.
    pub max_value_name_length: u32,
    /// Longest data of a value.
    pub max_value_data_length: u32,
    /// Length of the key's own name.
    pub name_length: u32,
    /// Padding.
    pub reserved: u32,
}

/// What comes before each value of [`key_class::VALUES`]. Its data follows, and its name; then zeros up to a multiple
/// of 4 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValuesEntry {
    /// One of [`value_type`].
    pub value_type: u32,
    /// Bytes of the data.
    pub data_length: u32,
    /// Bytes of the name.
    pub name_length: u16,
    /// 1: the name has a byte for each character, which is its code point; 0: UTF-16.
    pub narrow: u16,
}

/// What comes before the values of each key of [`key_class::VALUES_BELOW`]. Its name follows; then zeros up to a multiple
/// of 4 bytes, and the values, each with a [`KeyValuesEntry`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValuesSection {
    /// How many values follow; [`KeyValuesSection::CLOSED`]: none of a key that is to be opened to be read, as it
    /// is protected otherwise than the key that was asked about, leads elsewhere or is volatile.
    pub values: u32,
    /// Bytes of the name; 0 for the key that was asked about.
    pub name_length: u16,
    /// As in [`KeyValuesEntry`].
    pub narrow: u16,
}

impl KeyValuesSection {
    /// The key's values are not told.
    pub const CLOSED: u32 = u32::MAX;
}

/// KEY_VALUE_BASIC_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValueBasicInformation {
    /// Zero.
    pub title_index: u32,
    /// One of [`value_type`].
    pub value_type: u32,
    /// Length of the name, which follows.
    pub name_length: u32,
}

/// KEY_VALUE_FULL_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValueFullInformation {
    /// Zero.
    pub title_index: u32,
    /// One of [`value_type`].
    pub value_type: u32,
    /// Where the data is from the structure's beginning; all ones without any.
    pub data_offset: u32,
    /// Its length.
    pub data_length: u32,
    /// Length of the name, which follows.
    pub name_length: u32,
}

/// KEY_VALUE_PARTIAL_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValuePartialInformation {
    /// Zero.
    pub title_index: u32,
    /// One of [`value_type`].
    pub value_type: u32,
    /// Length of the data, which follows.
    pub data_length: u32,
}

/// KEY_VALUE_PARTIAL_INFORMATION_ALIGN64.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValuePartialInformationAlign64 {
    /// One of [`value_type`].
    pub value_type: u32,
    /// Length of the data, which follows.
    pub data_length: u32,
}

/// KEY_VALUE_ENTRY: one value of `NtQueryMultipleValueKey`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KeyValueEntry {
    /// Address of a UNICODE_STRING, the value's name (64 bits).
    pub value_name: u64,
    /// Out: length of the data.
    pub data_length: u32,
    /// Out: where the data is in the buffer.
    pub data_offset: u32,
    /// Out: one of [`value_type`].
    pub value_type: u32,
    /// Padding.
    pub reserved: u32,
}

const _: () = {
    assert!(size_of::<KeyBasicInformation>() == 16);
    assert!(size_of::<KeyNodeInformation>() == 24 && offset_of!(KeyNodeInformation, class_offset) == 12);
    assert!(size_of::<KeyFullInformation>() == 44 && offset_of!(KeyFullInformation, values) == 32);
    assert!(size_of::<KeyCachedInformation>() == 40);
    assert!(size_of::<KeyValueBasicInformation>() == 12);
    assert!(size_of::<KeyValueFullInformation>() == 20);
    assert!(size_of::<KeyValuePartialInformation>() == 12);
    assert!(size_of::<KeyValuePartialInformationAlign64>() == 8);
    assert!(size_of::<KeyValueEntry>() == 24 && offset_of!(KeyValueEntry, value_type) == 16);
};
