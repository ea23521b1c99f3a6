//! Reading the registry.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{access, key_value_class};
use nt::types::{Handle, ObjectAttributes, UserPtr};

use crate::services::{self, pointer_to};
use crate::syscall;
use crate::text::string_of;

/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;
/// KEY_VALUE_PARTIAL_INFORMATION before its data: title index, type, length.
const HEADER: usize = 12;

/// An open key. Dropping it closes it.
#[derive(Debug)]
pub struct Key(Handle);

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
}

impl Key {
    /// Opens a key to read its values, by its path in the object namespace.
    ///
    /// # Errors
    /// What `NtOpenKey` says.
    pub fn open(path: &[u16]) -> Result<Self, NtStatus> {
        let name = string_of(path);
        let attributes = ObjectAttributes {
            length: size_of::<ObjectAttributes>() as u32,
            object_name: pointer_to::<_, u8>(&name).address,
            attributes: CASE_INSENSITIVE,
            ..ObjectAttributes::default()
        };
        let mut handle = Handle::NULL;
        let to = UserPtr::new(core::ptr::from_mut(&mut handle).expose_provenance() as u64);
        // SAFETY: name, attributes and handle outlive the call.
        unsafe { syscall::NtOpenKey(to, access::READ, pointer_to(&attributes)) }.ok()?;
        Ok(Self(handle))
    }

    /// Reads a value.
    ///
    /// # Errors
    /// What `NtQueryValueKey` says.
    pub fn value(&self, name: &[u16]) -> Result<Value, NtStatus> {
        let name = string_of(name);
        let mut buffer = alloc::vec![0_u8; 512];
        loop {
            let mut needed = 0_u32;
            let to = |place: *mut u8| UserPtr::new(place.expose_provenance() as u64);
            // SAFETY: name, buffer and length outlive the call; the buffer's size is told.
            let status = unsafe {
                syscall::NtQueryValueKey(
                    self.0,
                    pointer_to(&name),
                    key_value_class::PARTIAL,
                    to(buffer.as_mut_ptr()),
                    buffer.len() as u32,
                    UserPtr::new(core::ptr::from_mut(&mut needed).expose_provenance() as u64),
                )
            };
            if status == NtStatus::BUFFER_OVERFLOW && needed as usize > buffer.len() {
                buffer.resize(needed as usize, 0);
                continue;
            }
            status.ok()?;
            let field = |at: usize| {
                buffer
                    .get(at..at + 4)
                    .map_or(0, |bytes| bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte)))
            };
            let (kind, len) = (field(4), field(8) as usize);
            let data = buffer.get(HEADER..HEADER + len).unwrap_or_default().to_vec();
            return Ok(Value { kind, data });
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        services::close(self.0);
    }
}
