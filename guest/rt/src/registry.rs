//! The registry.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{KeyValuesEntry, KeyValuesSection, access, key_class, key_value_class, value_type};
use nt::types::{Handle, UserPtr};
use zerocopy::FromBytes;

use crate::handle::Owned;
use crate::objects::Name;
use crate::services::{pointer_to, pointer_to_mut, syscall};
use crate::text::string_of;

/// KEY_VALUE_PARTIAL_INFORMATION before its data: title index, type, length.
const PARTIAL: usize = 12;
/// Bytes of the first buffer.
const FIRST: usize = 1024;
/// Bytes of the first buffer for all values of a key.
const ALL: usize = 4096;

/// An open key. Dropping it closes it.
#[derive(Debug)]
pub struct Key(Owned);

/// A value: its type and its data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// `REG_*`.
    pub kind: u32,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl Value {
    /// The data as UTF-16 units; half a unit at the end is dropped.
    pub fn units(&self) -> Vec<u16> {
        self.data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    /// The data as text, up to its first NUL.
    pub fn text(&self) -> Vec<u16> {
        let mut units = self.units();
        let len = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
        units.truncate(len);
        units
    }
}

/// A value with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedValue {
    /// Its name; empty for the key's own value.
    pub name: Vec<u16>,
    /// The value.
    pub value: Value,
}

/// A key with its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: Vec<u16>,
    /// Its values, if they have been told.
    pub values: Option<Vec<NamedValue>>,
}

/// A name as the service gives it.
fn widen(name: &[u8], narrow: u16) -> Vec<u16> {
    match narrow {
        0 => name.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect(),
        _ => name.iter().map(|&byte| byte.into()).collect(),
    }
}

/// Takes a value off the beginning of what the service gave.
fn next_value(rest: &mut &[u8]) -> Option<NamedValue> {
    let (entry, behind) = KeyValuesEntry::read_from_prefix(rest).ok()?;
    let (data, behind) = behind.split_at_checked(entry.data_length as usize)?;
    let (name, _) = behind.split_at_checked(entry.name_length.into())?;
    let used = (size_of_val(&entry) + data.len() + name.len()).next_multiple_of(4);
    let value = Value { kind: entry.value_type, data: data.to_vec() };
    let value = NamedValue { name: widen(name, entry.narrow), value };
    *rest = rest.get(used..).unwrap_or_default();
    Some(value)
}

/// A number of 32 bits in what a service gave.
fn field(buffer: &[u8], at: usize) -> usize {
    let bytes = buffer.get(at..at + 4).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}

/// Calls with a buffer until what the service gives fits. How long that is.
fn fill(
    buffer: &mut Vec<u8>,
    mut call: impl FnMut(UserPtr<u8>, u32, UserPtr<u32>) -> NtStatus,
) -> Result<usize, NtStatus> {
    loop {
        let mut needed = 0_u32;
        let (start, room) = (pointer_to_mut(buffer.as_mut_slice()), buffer.len() as u32);
        let status = call(start, room, pointer_to_mut(&mut needed));
        let too_small = matches!(status, NtStatus::BUFFER_OVERFLOW | NtStatus::BUFFER_TOO_SMALL);
        if !too_small || needed <= room {
            return status.ok().map(|()| needed as usize);
        }
        buffer.resize(needed as usize, 0);
    }
}

impl Key {
    /// Opens a key to read its values, by its path in the object namespace.
    ///
    /// # Errors
    /// What `NtOpenKey` says.
    pub fn open(path: &[u16]) -> Result<Self, NtStatus> {
        Self::open_for(&Name::new(path), access::READ)
    }

    /// Opens a key; [`access`].
    ///
    /// # Errors
    /// What `NtOpenKey` says.
    pub fn open_for(name: &Name<'_>, access: u32) -> Result<Self, NtStatus> {
        // SAFETY: `make` passes what lives through the call.
        let opened = name.make(|to, name| unsafe { syscall::NtOpenKey(to, access, name) });
        opened.map(|(object, _)| Self(object))
    }

    /// Opens a subkey to read its values.
    ///
    /// # Errors
    /// What `NtOpenKey` says.
    pub fn subkey(&self, name: &[u16]) -> Result<Self, NtStatus> {
        Self::open_for(&Name::new(name).below(self.handle()), access::READ)
    }

    /// Makes or opens a key.
    ///
    /// # Errors
    /// What `NtCreateKey` says.
    pub fn create(name: &Name<'_>, access: u32) -> Result<Self, NtStatus> {
        let none = UserPtr::new(0);
        // SAFETY: `make` passes what lives through the call; class and disposition are not asked for.
        let made = name
            .make(|to, name| unsafe { syscall::NtCreateKey(to, access, name, 0, none, 0, UserPtr::new(0)) });
        made.map(|(object, _)| Self(object))
    }

    /// Its handle.
    pub fn handle(&self) -> Handle {
        self.0.get()
    }

    /// Reads a value.
    ///
    /// # Errors
    /// What `NtQueryValueKey` says.
    pub fn value(&self, name: &[u16]) -> Result<Value, NtStatus> {
        let name = string_of(name);
        let mut buffer = alloc::vec![0_u8; FIRST];
        // SAFETY: name, buffer and length outlive the call; the buffer's size is told.
        fill(&mut buffer, |to, room, needed| unsafe {
            let name = pointer_to(&name);
            syscall::NtQueryValueKey(self.handle(), name, key_value_class::PARTIAL, to, room, needed)
        })?;
        let len = field(&buffer, 8);
        let data = buffer.get(PARTIAL..PARTIAL + len).unwrap_or_default().to_vec();
        Ok(Value { kind: field(&buffer, 4) as u32, data })
    }

    /// All values, in stored order.
    ///
    /// # Errors
    /// What `NtQueryKey` says.
    pub fn values(&self) -> Result<Vec<NamedValue>, NtStatus> {
        let mut buffer = alloc::vec![0_u8; ALL];
        // SAFETY: buffer and length outlive the call; the buffer's size is told.
        let len = fill(&mut buffer, |to, room, needed| unsafe {
            syscall::NtQueryKey(self.handle(), key_class::VALUES, to, room, needed)
        })?;
        let mut rest = buffer.get(..len).unwrap_or_default();
        Ok(core::iter::from_fn(|| next_value(&mut rest)).collect())
    }

    /// All values of the key and of its subkeys, in stored order, each key with its name; the first is the key itself, without a
    /// name. Without values: a subkey that is to be opened to be read.
    ///
    /// # Errors
    /// What `NtQueryKey` says.
    pub fn values_below(&self) -> Result<Vec<Section>, NtStatus> {
        let mut buffer = alloc::vec![0_u8; ALL];
        // SAFETY: buffer and length outlive the call; the buffer's size is told.
        let len = fill(&mut buffer, |to, room, needed| unsafe {
            syscall::NtQueryKey(self.handle(), key_class::VALUES_BELOW, to, room, needed)
        })?;
        let (mut all, mut rest) = (Vec::new(), buffer.get(..len).unwrap_or_default());
        while let Ok((section, behind)) = KeyValuesSection::read_from_prefix(rest) {
            let length = usize::from(section.name_length);
            let Some((name, _)) = behind.split_at_checked(length) else { break };
            let name = widen(name, section.narrow);
            rest = rest.get((size_of_val(&section) + length).next_multiple_of(4)..).unwrap_or_default();
            let values = match section.values {
                KeyValuesSection::CLOSED => None,
                count => Some((0..count).map_while(|_| next_value(&mut rest)).collect()),
            };
            all.push(Section { name, values });
        }
        Ok(all)
    }

    /// Sets a value.
    ///
    /// # Errors
    /// What `NtSetValueKey` says.
    pub fn set(&self, name: &[u16], kind: u32, data: &[u8]) -> Result<(), NtStatus> {
        let (name, len) = (string_of(name), data.len() as u32);
        // SAFETY: name and data outlive the call; the data's size is told.
        unsafe { syscall::NtSetValueKey(self.handle(), pointer_to(&name), 0, kind, pointer_to(data), len) }
            .ok()
    }

    /// Sets a value to a text, which is stored with a NUL.
    ///
    /// # Errors
    /// What `NtSetValueKey` says.
    pub fn set_text(&self, name: &[u16], text: &[u16]) -> Result<(), NtStatus> {
        let data: Vec<u8> = text.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()).collect();
        self.set(name, value_type::SZ, &data)
    }

    /// Deletes a value.
    ///
    /// # Errors
    /// What `NtDeleteValueKey` says.
    pub fn delete_value(&self, name: &[u16]) -> Result<(), NtStatus> {
        let name = string_of(name);
        // SAFETY: the name outlives the call.
        unsafe { syscall::NtDeleteValueKey(self.handle(), pointer_to(&name)) }.ok()
    }
}
