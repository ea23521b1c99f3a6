//! Reading values into a buffer that grows.
#![expect(unsafe_code, reason = "system services fill the buffer")]

use nt::NtStatus;
use nt::registry::{KeyValueFullInformation, KeyValuePartialInformation, key_value_class};
use nt::types::{Handle, UnicodeString};

use crate::rtl::raw::{Scratch, at, copy};
use crate::stubs::{NtEnumerateValueKey, NtQueryValueKey};

/// Bytes of the first buffer.
const FIRST: usize = 512;
/// Bytes that the services are not told of: for NULs behind the name and behind the data.
const SLACK: usize = 16;

/// A value that was read.
#[derive(Clone, Copy)]
pub struct Value {
    /// Its name, with a NUL; NULL if the caller knows it.
    pub name: *const u16,
    /// One of [`nt::registry::value_type`].
    pub value_type: u32,
    /// Its data, with a NUL behind it.
    pub data: *const u8,
    /// Bytes of the data.
    pub length: usize,
}

/// The buffer. A value that was read is there until the next one is.
pub struct Buffer(Scratch<u64>);

impl Buffer {
    /// A small one.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn new() -> Result<Self, NtStatus> {
        Scratch::new(FIRST / 8).map(Self)
    }

    /// Calls a service with address and size, once more with a larger buffer if it must be.
    fn fill(&mut self, call: impl Fn(*mut u8, u32, *mut u32) -> NtStatus) -> Result<*mut u8, NtStatus> {
        loop {
            let mut needed = 0_u32;
            let start = self.0.as_mut_ptr().cast::<u8>();
            let size = size_of_val::<[u64]>(&self.0) - SLACK;
            let status = call(start, size as u32, &mut needed);
            let too_small = matches!(status, NtStatus::BUFFER_OVERFLOW | NtStatus::BUFFER_TOO_SMALL);
            if !too_small || needed as usize <= size {
                return status.ok().map(|()| start);
            }
            self.0 = Scratch::new((needed as usize + SLACK).div_ceil(8))?;
        }
    }

    /// Reads a value by name.
    ///
    /// # Errors
    /// NO_MEMORY and what the service gives.
    pub fn query(&mut self, key: Handle, name: &UnicodeString) -> Result<Value, NtStatus> {
        const CLASS: u32 = key_value_class::PARTIAL;
        // SAFETY: the buffer has that size, and room behind for a NUL.
        unsafe {
            let start = self.fill(|buffer, size, needed| {
                NtQueryValueKey(key, at(name), CLASS, at(buffer), size, at(needed))
            })?;
            let head = start.cast::<KeyValuePartialInformation>().read();
            let data = start.add(size_of::<KeyValuePartialInformation>());
            let length = head.data_length as usize;
            data.add(length).cast::<u16>().write_unaligned(0);
            Ok(Value { name: core::ptr::null(), value_type: head.value_type, data, length })
        }
    }

    /// Reads a value by number.
    ///
    /// # Errors
    /// NO_MORE_ENTRIES, NO_MEMORY and what the service gives.
    pub fn enumerate(&mut self, key: Handle, index: u32) -> Result<Value, NtStatus> {
        const CLASS: u32 = key_value_class::FULL;
        // SAFETY: the buffer has that size, and room behind for two NULs; name and data lie in it.
        unsafe {
            let start = self.fill(|buffer, size, needed| {
                NtEnumerateValueKey(key, index, CLASS, at(buffer), size, at(needed))
            })?;
            let head = start.cast::<KeyValueFullInformation>().read();
            let name = start.add(size_of::<KeyValueFullInformation>());
            let name_end = name.add(head.name_length as usize);
            let length = head.data_length as usize;
            // Without data there is no offset.
            let from = if length == 0 { name_end } else { start.add(head.data_offset as usize) };
            let data = name_end.add(2).map_addr(|address| address.next_multiple_of(8)).max(from);
            copy(data, from, length);
            data.add(length).cast::<u16>().write_unaligned(0);
            name_end.cast::<u16>().write_unaligned(0);
            Ok(Value { name: name.cast(), value_type: head.value_type, data, length })
        }
    }
}
