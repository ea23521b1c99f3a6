//! Captured copies of user memory: nothing in the kernel works on a user pointer itself.

use alloc::vec;
use alloc::vec::Vec;

use hal::usercopy::{UserFault, copy_from_user, copy_to_user};
use nt::NtStatus;
use nt::types::UserPtr;
use zerocopy::{FromBytes, IntoBytes};

const FAULT: fn(UserFault) -> NtStatus = |_| NtStatus::ACCESS_VIOLATION;

/// Captures a structure.
///
/// # Errors
/// ACCESS_VIOLATION when it is not all readable.
pub fn read<T: FromBytes + IntoBytes>(pointer: UserPtr<T>) -> Result<T, NtStatus> {
    let mut value = T::new_zeroed();
    copy_from_user(value.as_mut_bytes(), pointer.address).map_err(FAULT)?;
    Ok(value)
}

/// Captures UTF-16 text of `len` units.
///
/// # Errors
/// ACCESS_VIOLATION when it is not all readable.
pub fn read_utf16(address: u64, len: usize) -> Result<Vec<u16>, NtStatus> {
    let mut units = vec![0u16; len];
    copy_from_user(units.as_mut_bytes(), address).map_err(FAULT)?;
    Ok(units)
}

/// Captures bytes.
///
/// # Errors
/// ACCESS_VIOLATION when they are not all readable; INSUFFICIENT_RESOURCES.
pub fn read_bytes(address: u64, len: usize) -> Result<Vec<u8>, NtStatus> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    bytes.resize(len, 0);
    copy_from_user(&mut bytes, address).map_err(FAULT)?;
    Ok(bytes)
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
