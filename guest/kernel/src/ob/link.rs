//! The services of symbolic links.

use alloc::vec::Vec;

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
    let (text, length) = capture_history(target)?;
    let object = Object::new_link_with_history(&text, length, captured.attributes, Security::default());
    namespace::create_named(link, access, &captured, object)
}

/// The target and, if its string goes on behind a NUL, what follows: the targets of a DOS device that this one hides
/// (spec/smss.md 5.3). NULs at the end do not count.
fn capture_history(target: UserPtr<UnicodeString>) -> Result<(Vec<u16>, usize), NtStatus> {
    let string: UnicodeString = user::read(target)?;
    // A NUL behind the target, which most strings have, is no history.
    if string.maximum_length <= string.length.saturating_add(2) {
        let text = capture_string(target)?;
        let length = text.len();
        return Ok((text, length));
    }
    let length = usize::from(string.length / 2);
    let mut text = user::read_utf16(string.buffer, usize::from(string.maximum_length / 2))?;
    if text.get(length).is_some_and(|&unit| unit != 0) {
        text.truncate(length);
    }
    while text.len() > length && text.last() == Some(&0) {
        text.pop();
    }
    Ok((text, length))
}

/// `NtOpenSymbolicLinkObject`.
pub fn open(link: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(link, access, attributes, Kind::SymbolicLink)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtQuerySymbolicLinkObject`: the target goes into the caller's string, with a NUL if there is room.
/// BUFFER_TOO_SMALL when it does not fit; the length is told either way. Who asks for the length gets all targets of a
/// history, with NULs between them.
pub fn query(link: Handle, target: UserPtr<UnicodeString>, returned: UserPtr<u32>) -> NtResult {
    let object = handle::reference(link, Some(Kind::SymbolicLink), QUERY)?;
    let text = object.link_target().ok_or(NtStatus::OBJECT_TYPE_MISMATCH)?;
    let all = if returned.is_null() { None } else { object.link_history() };
    let mut string: UnicodeString = user::read(target)?;
    let (first, text) = (text.len() * 2, all.unwrap_or(text));
    let len = text.as_bytes().len();
    user::write_optional(returned, &(len as u32).to_le_bytes())?;
    if usize::from(string.maximum_length) < len {
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    user::write(string.buffer, text.as_bytes())?;
    if usize::from(string.maximum_length) >= len + 2 {
        user::write(string.buffer + len as u64, &[0, 0])?;
    }
    string.length = first as u16;
    user::write(target.address, string.as_bytes())?;
    Ok(NtStatus::SUCCESS)
}
