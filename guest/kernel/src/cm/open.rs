//! `NtOpenKey`.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UserPtr};
use obns::Attributes;

use super::key::Key;
use super::tree::registry;
use super::walk::Target;
use super::{object, security};
use crate::ke::service::NtResult;
use crate::ob::capture::Captured;
use crate::ob::namespace::{self, Found};

/// Where a captured name leads.
///
/// # Errors
/// Those of the object namespace and of [`super::tree::Tree::resolve`]; OBJECT_TYPE_MISMATCH for the name of
/// something that is no key.
pub fn find(captured: &Captured, open_link: bool) -> Result<Target, NtStatus> {
    let Found::Delegate(start, rest) = namespace::find(captured, None)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH);
    };
    let from = object::key_of(&start)?;
    registry().resolve(from, &rest, open_link || captured.attributes.has(Attributes::OPENLINK))
}

/// Checks that there is a key of a name.
///
/// # Errors
/// As [`find`]; OBJECT_NAME_NOT_FOUND.
pub fn check_exists(captured: &Captured) -> Result<(), NtStatus> {
    match find(captured, false)? {
        Target::Key(_) => Ok(()),
        _ => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
    }
}

/// Gives the caller a handle to a key, if it may have that access.
///
/// # Errors
/// ACCESS_DENIED, those of making a handle, ACCESS_VIOLATION.
pub fn give(to: UserPtr<Handle>, desired: u32, captured: &Captured, key: Arc<Key>) -> Result<(), NtStatus> {
    let granted = security::check(&key, desired)?;
    object::give(to, granted, captured, key)
}

/// `NtOpenKey`.
pub fn open_key(to: UserPtr<Handle>, desired: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    let captured = Captured::to_open(attributes)?;
    let Target::Key(key) = find(&captured, false)? else { return Err(NtStatus::OBJECT_NAME_NOT_FOUND) };
    give(to, desired, &captured, key)?;
    Ok(NtStatus::SUCCESS)
}
