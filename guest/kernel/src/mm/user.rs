//! Captured copies of user memory: nothing in the kernel works on a user pointer itself. Memory that is in a paging file or a
//! mapped file that cannot be read is IN_PAGE_ERROR instead of ACCESS_VIOLATION, everywhere.

use alloc::vec::Vec;

use hal::usercopy::{Plain, UserFault, append_from_user, copy_from_user, copy_to_user};
use nt::NtStatus;
use nt::types::UserPtr;
use zerocopy::{FromBytes, IntoBytes};

/// What a service says of memory that it could not get at.
const FAULT: fn(UserFault) -> NtStatus = |fault| match NtStatus(fault.0) {
    NtStatus::IN_PAGE_ERROR => NtStatus::IN_PAGE_ERROR,
    _ => NtStatus::ACCESS_VIOLATION,
};

/// Captures a structure.
///
/// # Errors
/// ACCESS_VIOLATION when it is not all readable.
pub fn read<T: FromBytes + IntoBytes>(pointer: UserPtr<T>) -> Result<T, NtStatus> {
    let mut value = T::new_zeroed();
    copy_from_user(value.as_mut_bytes(), pointer.address).map_err(FAULT)?;
    Ok(value)
}

/// Captures a 64-bit number.
///
/// # Errors
/// ACCESS_VIOLATION when it is not readable.
pub fn read_u64(address: u64) -> Result<u64, NtStatus> {
    Ok(u64::from_le_bytes(read(UserPtr::new(address))?))
}

/// Captures a 64-bit number that the service is going to change: what cannot be written is found before
/// anything has happened.
///
/// # Errors
/// ACCESS_VIOLATION when it is not readable and writable.
pub fn read_u64_to_change(address: u64) -> Result<u64, NtStatus> {
    let value = read_u64(address)?;
    write(address, &value.to_le_bytes())?;
    Ok(value)
}

/// Captures a time or another number of 64 bits.
///
/// # Errors
/// As [`read`].
pub fn read_i64(pointer: UserPtr<i64>) -> Result<i64, NtStatus> {
    read(UserPtr::<[u8; 8]>::new(pointer.address)).map(i64::from_le_bytes)
}

/// Captures UTF-16 text of `len` units.
///
/// # Errors
/// ACCESS_VIOLATION when it is not all readable; INSUFFICIENT_RESOURCES.
pub fn read_utf16(address: u64, len: usize) -> Result<Vec<u16>, NtStatus> {
    read_all(address, len, size_of::<u16>())
}

/// Captures bytes.
///
/// # Errors
/// ACCESS_VIOLATION when they are not all readable; INSUFFICIENT_RESOURCES.
pub fn read_bytes(address: u64, len: usize) -> Result<Vec<u8>, NtStatus> {
    read_all(address, len, 1)
}

fn read_all<T: Plain>(address: u64, count: usize, size: usize) -> Result<Vec<T>, NtStatus> {
    let mut all = Vec::new();
    all.try_reserve_exact(count).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    append_from_user(&mut all, address, count * size).map_err(FAULT)?;
    Ok(all)
}

/// Captures a time-out; a NULL pointer is none.
///
/// # Errors
/// ACCESS_VIOLATION when it is not readable.
pub fn read_timeout(timeout: UserPtr<i64>) -> Result<Option<i64>, NtStatus> {
    match timeout.is_null() {
        true => Ok(None),
        false => Ok(Some(i64::from_le_bytes(read(UserPtr::new(timeout.address))?))),
    }
}

/// Appends `len` bytes to words that have room for them; what the last one has too much is zero.
///
/// # Errors
/// ACCESS_VIOLATION when they are not all readable.
pub fn append_words(words: &mut Vec<u64>, address: u64, len: usize) -> Result<(), NtStatus> {
    append_from_user(words, address, len).map_err(FAULT)
}

/// Writes to user memory.
///
/// # Errors
/// ACCESS_VIOLATION when it is not all writable.
pub fn write(address: u64, bytes: &[u8]) -> Result<(), NtStatus> {
    copy_to_user(address, bytes).map_err(FAULT)
}

/// Writes to user memory unless the pointer is NULL.
///
/// # Errors
/// As [`write`].
pub fn write_optional<T>(pointer: UserPtr<T>, bytes: &[u8]) -> Result<(), NtStatus> {
    if pointer.is_null() { Ok(()) } else { write(pointer.address, bytes) }
}
