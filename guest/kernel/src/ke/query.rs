//! What the queries of all dispatcher objects have in common.

use nt::NtStatus;
use nt::types::UserPtr;

use super::service::NtResult;
use crate::mm::user;

/// Checks a class and its length; `sizes` are those of the classes there are.
///
/// # Errors
/// INVALID_INFO_CLASS, INFO_LENGTH_MISMATCH.
pub fn check(class: u32, length: u32, sizes: &[u32]) -> Result<(), NtStatus> {
    match sizes.get(class as usize) {
        None => Err(NtStatus::INVALID_INFO_CLASS),
        Some(&size) if size != length => Err(NtStatus::INFO_LENGTH_MISMATCH),
        Some(_) => Ok(()),
    }
}

/// Two numbers in a row.
pub fn pair(first: i32, second: i32) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&first.to_le_bytes());
    bytes[4..].copy_from_slice(&second.to_le_bytes());
    bytes
}

/// Writes an answer and, if the caller wants to know, its length.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn answer(to: UserPtr<u8>, returned: UserPtr<u32>, bytes: &[u8]) -> NtResult {
    user::write(to.address, bytes)?;
    user::write_optional(returned, &(bytes.len() as u32).to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}
