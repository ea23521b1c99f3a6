//! The services of object directories.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};

use super::body::{Kind, Object, Security};
use super::capture::Captured;
use super::{handle, namespace, station};
use crate::ke::service::NtResult;
use crate::mm::user;

/// DIRECTORY_QUERY.
const QUERY: u32 = 1;
/// Bytes of an OBJECT_DIRECTORY_INFORMATION: two UNICODE_STRINGs, name and type name.
const ENTRY: usize = 32;

/// `NtCreateDirectoryObject`.
pub fn create(directory: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    let captured = Captured::new(attributes)?;
    let object = namespace::names().new_directory(captured.attributes, Security::default());
    namespace::create_named(directory, access, &captured, object)
}

/// `NtOpenDirectoryObject`.
pub fn open(directory: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(directory, access, attributes, Kind::Directory)?;
    Ok(NtStatus::SUCCESS)
}

/// One entry as it was found.
struct Entry {
    name: Vec<u16>,
    kind: &'static str,
    context: u32,
}

fn next_entry(directory: &Object, context: u32) -> Result<Option<Entry>, NtStatus> {
    let names = namespace::names();
    Ok(names.entry_after(directory, context)?.map(|listed| Entry {
        name: listed.name.into(),
        kind: listed.object.kind().info().name,
        context: listed.context,
    }))
}

/// `NtQueryDirectoryObject`: a window station's entries are its desktops. Entries as structures, then an empty one, then the texts that they point to.
///
/// SUCCESS when the listing is complete, MORE_ENTRIES when it goes on, NO_MORE_ENTRIES at the end,
/// BUFFER_TOO_SMALL when not even one entry fits (the length tells how much it takes).
pub fn query(
    directory: Handle,
    buffer: UserPtr<u8>,
    length: u32,
    single: Boolean,
    restart: Boolean,
    context: UserPtr<u32>,
    returned: UserPtr<u32>,
) -> NtResult {
    let mut object = handle::reference(directory, None, QUERY)?;
    if object.kind() != Kind::Directory {
        object = station::desktops(&object).ok_or(NtStatus::OBJECT_TYPE_MISMATCH)?;
    }
    let mut position = match restart.0 {
        0 => u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(context.address))?),
        _ => 0,
    };
    let room = length as usize;
    let (mut found, mut used) = (Vec::new(), ENTRY);
    let (mut status, mut needed) = (NtStatus::SUCCESS, 0);
    while let Some(entry) = next_entry(&object, position)? {
        let size = ENTRY + 2 * (entry.name.len() + 1 + entry.kind.len() + 1);
        if used + size > room {
            needed = used + size;
            status = NtStatus::MORE_ENTRIES;
            break;
        }
        used += size;
        position = entry.context;
        found.push(entry);
        if single.0 != 0 {
            break;
        }
    }
    if found.is_empty() {
        status = if needed == 0 { NtStatus::NO_MORE_ENTRIES } else { NtStatus::BUFFER_TOO_SMALL };
        user::write_optional(returned, &(needed as u32).to_le_bytes())?;
        return Err(status);
    }
    user::write(buffer.address, &layout(&found, buffer.address, used))?;
    user::write(context.address, &position.to_le_bytes())?;
    user::write_optional(returned, &(used as u32).to_le_bytes())?;
    Ok(status)
}

/// The entries as the caller gets them at `address`, `len` bytes in all.
fn layout(entries: &[Entry], address: u64, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len);
    let mut text = Vec::with_capacity(len);
    let text_at = (entries.len() + 1) * ENTRY;
    let mut string = |units: &mut dyn Iterator<Item = u16>, bytes: &mut Vec<u8>| {
        let start = text.len();
        units.for_each(|unit| text.extend_from_slice(&unit.to_le_bytes()));
        let count = (text.len() - start) as u16;
        text.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&(count + 2).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&(address + (text_at + start) as u64).to_le_bytes());
    };
    for entry in entries {
        string(&mut entry.name.iter().copied(), &mut bytes);
        string(&mut entry.kind.bytes().map(u16::from), &mut bytes);
    }
    bytes.resize(text_at, 0);
    bytes.append(&mut text);
    bytes
}
