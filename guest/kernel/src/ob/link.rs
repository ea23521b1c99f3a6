//! The services of symbolic links.

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};
use zerocopy::IntoBytes;

use super::body::{Kind, Object, Security};
use super::capture::{Captured, capture_string};
use super::{handle, namespace};
use crate::ke::service::NtResult;
use crate::mm::user;

/// SYMBOLIC_LINK_QUERY.
const QUERY: u32 = 1;

/// `NtCreateSymbolicLinkObject`.
pub fn create(
    link: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    target: UserPtr<UnicodeString>,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let target = capture_string(target)?;
    let object = Object::new_link(&target, captured.attributes, Security::default());
    namespace::create_named(link, access, &captured, object)
}

/// `NtOpenSymbolicLinkObject`.
pub fn open(link: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(link, access, attributes, Kind::SymbolicLink)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtQuerySymbolicLinkObject`: the target goes into the caller's string, with a NUL if there is room.
/// BUFFER_TOO_SMALL when it does not fit; the length is told either way.
pub fn query(link: Handle, target: UserPtr<UnicodeString>, returned: UserPtr<u32>) -> NtResult {
    let object = handle::reference(link, Some(Kind::SymbolicLink), QUERY)?;
    let text = object.link_target().ok_or(NtStatus::OBJECT_TYPE_MISMATCH)?;
    let mut string: UnicodeString = user::read(target)?;
    let len = text.as_bytes().len();
    user::write_optional(returned, &(len as u32).to_le_bytes())?;
    if usize::from(string.maximum_length) < len {
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    user::write(string.buffer, text.as_bytes())?;
    if usize::from(string.maximum_length) >= len + 2 {
        user::write(string.buffer + len as u64, &[0, 0])?;
    }
    string.length = len as u16;
    user::write(target.address, string.as_bytes())?;
    Ok(NtStatus::SUCCESS)
}
