//! The services that work on objects of any type.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::privilege;
use nt::types::{Handle, UserPtr};
use obns::Attributes;

use super::body::Body;
use super::{access, handle, namespace};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ps::{self, Process};
use crate::se;

/// DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS, DUPLICATE_SAME_ATTRIBUTES.
const CLOSE_SOURCE: u32 = 1;
const SAME_ACCESS: u32 = 2;
const SAME_ATTRIBUTES: u32 = 4;
/// PROCESS_DUP_HANDLE.
const DUP_HANDLE: u32 = 0x40;
/// DELETE.
const DELETE: u32 = 0x1_0000;

/// OBJECT_INFORMATION_CLASS.
mod class {
    pub const BASIC: u32 = 0;
    pub const NAME: u32 = 1;
    pub const TYPE: u32 = 2;
    pub const HANDLE_FLAGS: u32 = 4;
}

/// Bytes of OBJECT_BASIC_INFORMATION and OBJECT_TYPE_INFORMATION, x64 (phnt).
const BASIC_SIZE: usize = 0x38;
const TYPE_SIZE: usize = 0x68;

/// `NtClose`.
pub fn close(handle: Handle) -> NtResult {
    handle::close(handle)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtMakeTemporaryObject`.
pub fn make_temporary(handle: Handle) -> NtResult {
    let object = handle::reference(handle, None, DELETE)?;
    namespace::names().make_temporary(&object);
    Ok(NtStatus::SUCCESS)
}

/// `NtMakePermanentObject`, for whoever has SeCreatePermanentPrivilege.
pub fn make_permanent(handle: Handle) -> NtResult {
    se::require(privilege::CREATE_PERMANENT)?;
    let object = handle::reference(handle, None, 0)?;
    namespace::names().make_permanent(&object);
    Ok(NtStatus::SUCCESS)
}

/// `NtDuplicateObject`. Without a target process the source is only looked at, and closed if that is asked.
pub fn duplicate(
    source_process: Handle,
    source: Handle,
    target_process: Handle,
    target: UserPtr<Handle>,
    desired: u32,
    attributes: u32,
    options: u32,
) -> NtResult {
    let from = handle::process(source_process, DUP_HANDLE)?;
    let result = copy(&from, source, target_process, target, desired, attributes, options);
    if options & CLOSE_SOURCE != 0 {
        let closed = from.handles().lock().close(source.0);
        closed.map(handle::finish)?;
    }
    result
}

fn copy(
    from: &Process,
    source: Handle,
    target_process: Handle,
    target: UserPtr<Handle>,
    desired: u32,
    attributes: u32,
    options: u32,
) -> NtResult {
    let wanted_attributes = (options & SAME_ATTRIBUTES == 0).then_some(Attributes(attributes));
    let mut entry = match source {
        Handle::CURRENT_PROCESS | Handle::CURRENT_THREAD => {
            // The process whose handle is copied means itself by it.
            let object = match source {
                Handle::CURRENT_PROCESS => {
                    ps::object_of_process(from).ok_or(NtStatus::PROCESS_IS_TERMINATING)?
                }
                _ => handle::reference(source, None, 0)?,
            };
            let access = object.kind().map_generic(super::kind::GENERIC_ALL);
            obns::HandleEntry { object, access, attributes: Attributes(attributes).only(Attributes::INHERIT) }
        }
        _ => from
            .handles()
            .lock()
            .duplicate(source.0, None, wanted_attributes, |_, _| Ok::<_, NtStatus>(()))?,
    };
    if options & SAME_ACCESS == 0 {
        let wanted = entry.object.kind().map_generic(desired);
        entry.access = match wanted & !entry.access {
            0 => wanted,
            _ => access::check(&entry.object, desired)?,
        };
    }
    if target_process == Handle::NULL {
        return Ok(NtStatus::SUCCESS);
    }
    let to = handle::process(target_process, DUP_HANDLE)?;
    let made = handle::insert_into(&to, entry.object, entry.access, entry.attributes)?;
    if let Err(status) = user::write_optional(target, &made.0.to_le_bytes()) {
        let closed = to.handles().lock().close(made.0);
        closed.map(handle::finish)?;
        return Err(status);
    }
    Ok(NtStatus::SUCCESS)
}

/// `NtQueryObject`: basic, name, type and handle-flag information.
pub fn query(
    handle: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = handle::reference(handle, None, 0)?;
    let entry = crate::ke::sched::current().process().handles().lock().get(handle.0).cloned();
    let (granted, attributes) = match &entry {
        Ok(entry) => (entry.access, entry.attributes),
        Err(_) => (object.kind().map_generic(super::kind::GENERIC_ALL), Attributes::NONE),
    };
    let name = || match object.body() {
        Some(Body::Key(open)) => crate::cm::object::name(open),
        _ => namespace::names().full_name(&object),
    };
    let kind = object.kind().info();
    let bytes = match class {
        class::BASIC => {
            let mut bytes = Vec::with_capacity(BASIC_SIZE);
            // The handle held here is no reference of anybody else's.
            let references = object.reference_count() - 1 - usize::from(entry.is_ok());
            for field in [
                attributes.0 | object.attributes().0,
                granted,
                object.handle_count(),
                references as u32,
                0,
                0,
                0,
                0,
                0,
                (2 * name().len() + 18) as u32,
                (TYPE_SIZE + 2 * kind.name.len() + 2) as u32,
                0,
                0,
                0,
            ] {
                bytes.extend_from_slice(&u32::to_le_bytes(field));
            }
            bytes
        }
        class::NAME => string_behind(information.address, 16, &name()),
        class::TYPE => {
            let text: Vec<u16> = kind.name.encode_utf16().collect();
            string_behind(information.address, TYPE_SIZE, &text)
        }
        class::HANDLE_FLAGS => alloc::vec![
            u8::from(attributes.has(Attributes::INHERIT)),
            u8::from(attributes.has(Attributes::PROTECT_CLOSE)),
        ],
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    };
    user::write_optional(returned, &(bytes.len() as u32).to_le_bytes())?;
    if bytes.len() > length as usize {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::write(information.address, &bytes)?;
    Ok(NtStatus::SUCCESS)
}

/// A structure of `size` bytes that begins with a UNICODE_STRING, and its text with a NUL behind it.
pub fn string_behind(address: u64, size: usize, text: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size + 2 * text.len() + 2);
    bytes.resize(size, 0);
    if text.is_empty() {
        return bytes;
    }
    let len = (2 * text.len()) as u16;
    bytes[..2].copy_from_slice(&len.to_le_bytes());
    bytes[2..4].copy_from_slice(&len.saturating_add(2).to_le_bytes());
    bytes[8..16].copy_from_slice(&(address.wrapping_add(size as u64)).to_le_bytes());
    text.iter().chain(&[0]).for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
    bytes
}

/// `NtSetInformationObject`: the flags of a handle.
pub fn set_information(handle: Handle, class: u32, information: UserPtr<u8>, length: u32) -> NtResult {
    if class != class::HANDLE_FLAGS {
        return Err(NtStatus::INVALID_INFO_CLASS);
    }
    if length != 2 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let [inherit, protect] = user::read(UserPtr::<[u8; 2]>::new(information.address))?;
    let bit = |set: u8, attribute: Attributes| if set != 0 { attribute } else { Attributes::NONE };
    let attributes = bit(inherit, Attributes::INHERIT) | bit(protect, Attributes::PROTECT_CLOSE);
    crate::ke::sched::current().process().handles().lock().set_attributes(handle.0, attributes)?;
    Ok(NtStatus::SUCCESS)
}
