//! Reading values: `NtQueryValueKey`, `NtEnumerateValueKey`, `NtQueryMultipleValueKey`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{
    KeyValueBasicInformation, KeyValueEntry, KeyValueFullInformation, KeyValuePartialInformation,
    KeyValuePartialInformationAlign64, access, key_value_class,
};
use nt::types::{Handle, UnicodeString, UserPtr};
use regf::Value;
use zerocopy::IntoBytes;

use super::reply::Reply;
use super::tree::registry;
use super::{hive, object};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::capture::capture_string;

/// What stands for the data's place when there is none.
const NO_DATA: u32 = u32::MAX;
/// Most values that are asked for at once.
const MULTIPLE_MAX: u32 = 0x1_0000;

/// The name of a value: NULs at its end do not belong to it.
///
/// # Errors
/// ACCESS_VIOLATION, OBJECT_NAME_INVALID.
pub fn capture_value_name(name: UserPtr<UnicodeString>) -> Result<Vec<u16>, NtStatus> {
    let mut name = capture_string(name)?;
    while name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

/// A class that is none, and a buffer that is not aligned as its class wants it.
fn check_class(class: u32, information: UserPtr<u8>) -> Result<(), NtStatus> {
    match class {
        key_value_class::BASIC | key_value_class::FULL | key_value_class::PARTIAL => Ok(()),
        key_value_class::FULL_ALIGN64 | key_value_class::PARTIAL_ALIGN64 => {
            if information.address.is_multiple_of(8) { Ok(()) } else { Err(NtStatus::DATATYPE_MISALIGNMENT) }
        }
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// `NtQueryValueKey`.
pub fn query_value_key(
    handle: Handle,
    name: UserPtr<UnicodeString>,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = object::reference(handle, access::QUERY_VALUE)?;
    let key = object::key_of(&object)?;
    check_class(class, information)?;
    let name = capture_value_name(name)?;
    let reply = {
        let tree = registry();
        let value = tree.live(key)?.value(name.as_slice()).map_err(hive::status)?;
        tell(class, &value.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?, length)?
    };
    reply.give(information, returned)
}

/// `NtEnumerateValueKey`.
pub fn enumerate_value_key(
    handle: Handle,
    index: u32,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = object::reference(handle, access::QUERY_VALUE)?;
    let key = object::key_of(&object)?;
    check_class(class, information)?;
    let reply = {
        let tree = registry();
        let value = tree.live(key)?.value_at(index as usize).map_err(hive::status)?;
        tell(class, &value.ok_or(NtStatus::NO_MORE_ENTRIES)?, length)?
    };
    reply.give(information, returned)
}

/// What a caller with so much room is told of a value.
fn tell(class: u32, value: &Value<'_>, room: u32) -> Result<Reply, NtStatus> {
    let (value_type, data_length) = (value.kind().0, value.len() as u32);
    let name_length = 2 * value.name().len() as u32;
    match class {
        key_value_class::BASIC => {
            let fixed = KeyValueBasicInformation { title_index: 0, value_type, name_length };
            let mut reply = Reply::new(room, size_of_val(&fixed) + name_length as usize, &fixed)?;
            reply.text(value.name());
            Ok(reply)
        }
        key_value_class::PARTIAL => {
            let fixed = KeyValuePartialInformation { title_index: 0, value_type, data_length };
            let mut reply = Reply::new(room, size_of_val(&fixed) + data_length as usize, &fixed)?;
            reply.data(&value.data().map_err(hive::status)?)?;
            Ok(reply)
        }
        key_value_class::PARTIAL_ALIGN64 => {
            let fixed = KeyValuePartialInformationAlign64 { value_type, data_length };
            let mut reply = Reply::new(room, size_of_val(&fixed) + data_length as usize, &fixed)?;
            reply.data(&value.data().map_err(hive::status)?)?;
            Ok(reply)
        }
        _ => {
            let end = size_of::<KeyValueFullInformation>() + name_length as usize;
            let at = end.next_multiple_of(if class == key_value_class::FULL_ALIGN64 { 8 } else { 4 });
            let (data_offset, needed) = match data_length {
                0 => (NO_DATA, end),
                len => (at as u32, at + len as usize),
            };
            let fixed =
                KeyValueFullInformation { title_index: 0, value_type, data_offset, data_length, name_length };
            let mut reply = Reply::new(room, needed, &fixed)?;
            reply.text(value.name());
            if data_length != 0 {
                reply.pad_to(at);
                reply.data(&value.data().map_err(hive::status)?)?;
            }
            Ok(reply)
        }
    }
}

/// `NtQueryMultipleValueKey`: the data of several values one after another, each aligned to 4 bytes, as far as there is
/// room. BUFFER_OVERFLOW if there is not; a value that does not exist is OBJECT_NAME_NOT_FOUND.
pub fn query_multiple_value_key(
    handle: Handle,
    entries: UserPtr<u8>,
    count: u32,
    buffer: UserPtr<u8>,
    length: UserPtr<u32>,
    needed: UserPtr<u32>,
) -> NtResult {
    let object = object::reference(handle, access::QUERY_VALUE)?;
    let key = object::key_of(&object)?;
    if count > MULTIPLE_MAX {
        return Err(NtStatus::INSUFFICIENT_RESOURCES);
    }
    let room = u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(length.address))?) as usize;
    let (mut used, mut wanted) = (0, 0_usize);
    for index in 0..u64::from(count) {
        let at = entries.address.wrapping_add(index * size_of::<KeyValueEntry>() as u64);
        let mut entry: KeyValueEntry = user::read(UserPtr::new(at))?;
        let name = capture_value_name(UserPtr::new(entry.value_name))?;
        let (start, data) = {
            let tree = registry();
            let value = tree.live(key)?.value(name.as_slice()).map_err(hive::status)?;
            let value = value.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
            (entry.value_type, entry.data_length) = (value.kind().0, value.len() as u32);
            let start = wanted.next_multiple_of(4);
            wanted = start.saturating_add(value.len());
            let mut data = Vec::new();
            if wanted <= room {
                data.try_reserve_exact(value.len()).map_err(|_| NtStatus::NO_MEMORY)?;
                data.resize(value.len(), 0);
                value.data().and_then(|from| from.copy_to(&mut data)).map_err(hive::status)?;
            }
            (start, data)
        };
        entry.data_offset = start as u32;
        if wanted <= room {
            user::write(buffer.address.wrapping_add(start as u64), &data)?;
            used = wanted;
        }
        user::write(at, entry.as_bytes())?;
    }
    user::write(length.address, &(used as u32).to_le_bytes())?;
    user::write_optional(needed, &u32::try_from(wanted).unwrap_or(u32::MAX).to_le_bytes())?;
    if wanted > room { Err(NtStatus::BUFFER_OVERFLOW) } else { Ok(NtStatus::SUCCESS) }
}
