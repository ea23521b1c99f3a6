//! Which access a new handle grants.

use nt::NtStatus;

use super::body::{Kind, Object};
use super::kind::{GENERIC_ALL, MAXIMUM_ALLOWED};

/// The access that opening an object grants.
///
/// # Errors
/// ACCESS_DENIED.
pub fn check(object: &Object, desired: u32) -> Result<u32, NtStatus> {
    Ok(of_creator(object, desired))
}

/// The access that the creator of an object gets: all it asked for.
pub fn of_creator(object: &Object, desired: u32) -> u32 {
    let kind = object.kind();
    let desired = match desired & MAXIMUM_ALLOWED {
        0 => desired,
        _ => desired & !MAXIMUM_ALLOWED | GENERIC_ALL,
    };
    kind.map_generic(desired)
}

/// Whether the caller may put an object of that type into a directory.
///
/// # Errors
/// ACCESS_DENIED.
pub fn check_creation(_directory: &Object, _kind: Kind) -> Result<(), NtStatus> {
    Ok(())
}
