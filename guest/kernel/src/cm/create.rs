//! `NtCreateKey`, `NtDeleteKey`, `NtRenameKey`, `NtSetInformationKey`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{
    CREATED_NEW_KEY, MAX_KEY_NAME, OPENED_EXISTING_KEY, access, key_set_class, notify as filter, options,
};
use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};
use regf::{FileTime, KeyFlags};

use super::hive::edit_status;
use super::open::{find, give};
use super::tree::registry;
use super::walk::Target;
use super::{notify, object, security};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::capture::{Captured, capture_string};

/// DELETE.
const DELETE: u32 = 0x1_0000;
/// Longest class name, in UTF-16 units: what a hive can say.
const MAX_CLASS: usize = 0x7FFF;

/// `NtCreateKey`. A key that exists is opened, with or without OBJ_OPENIF.
pub fn create_key(
    to: UserPtr<Handle>,
    desired: u32,
    attributes: UserPtr<ObjectAttributes>,
    _title_index: u32,
    class: UserPtr<UnicodeString>,
    create_options: u32,
    disposition: UserPtr<u32>,
) -> NtResult {
    if create_options & !options::LEGAL != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let captured = Captured::to_open(attributes)?;
    let class = if class.is_null() { Vec::new() } else { capture_string(class)? };
    if class.len() > MAX_CLASS {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let wants_link = create_options & options::CREATE_LINK != 0;
    let open_link = create_options & (options::OPEN_LINK | options::CREATE_LINK) != 0;
    let result = match find(&captured, open_link)? {
        Target::Key(_) if wants_link => return Err(NtStatus::OBJECT_NAME_COLLISION),
        Target::Key(key) => {
            give(to, desired, &captured, key)?;
            OPENED_EXISTING_KEY
        }
        Target::Vacant(parent, name) => {
            let right = if wants_link { access::CREATE_LINK } else { access::CREATE_SUB_KEY };
            security::check(&parent, right)?;
            let (granted, own) = security::of_new(&parent, &captured, desired)?;
            let mut flags = 0;
            if create_options & options::VOLATILE != 0 {
                flags |= KeyFlags::VOLATILE.0;
            }
            if wants_link {
                flags |= KeyFlags::SYMLINK.0;
            }
            let key = {
                let mut tree = registry();
                let key = tree.create(&parent, &name, &class, KeyFlags(flags))?;
                if let Some(own) = own
                    && let Err(status) = tree.set_descriptor(&key, &own)
                {
                    // Nobody should find it without its own protection.
                    tree.delete(&key)?;
                    return Err(status);
                }
                key
            };
            notify::changed(&parent, filter::NAME);
            object::give(to, granted, &captured, key)?;
            CREATED_NEW_KEY
        }
    };
    user::write_optional(disposition, &result.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtDeleteKey`.
pub fn delete_key(handle: Handle) -> NtResult {
    let object = object::reference(handle, DELETE)?;
    let key = object::key_of(&object)?;
    registry().delete(key)?;
    notify::deleted(key);
    if let Some(parent) = key.parent() {
        notify::changed(parent, filter::NAME);
    }
    Ok(NtStatus::SUCCESS)
}

/// `NtRenameKey`.
pub fn rename_key(handle: Handle, name: UserPtr<UnicodeString>) -> NtResult {
    let object = object::reference(handle, access::WRITE)?;
    let key = object::key_of(&object)?;
    let name = capture_string(name)?;
    if name.is_empty() || name.len() > MAX_KEY_NAME || name.contains(&u16::from(b'\\')) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    registry().rename(key, &name)?;
    if let Some(parent) = key.parent() {
        notify::changed(parent, filter::NAME);
    }
    Ok(NtStatus::SUCCESS)
}

/// `NtSetInformationKey`: when the key was last written.
pub fn set_information_key(handle: Handle, class: u32, information: UserPtr<u8>, length: u32) -> NtResult {
    let object = object::reference(handle, access::SET_VALUE)?;
    let key = object::key_of(&object)?;
    if class != key_set_class::WRITE_TIME {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if length != 8 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let time = FileTime(u64::from_le_bytes(user::read(UserPtr::<[u8; 8]>::new(information.address))?));
    let mut tree = registry();
    tree.live(key)?;
    let place = key.place();
    tree.edit(place.hive, 0)?.set_last_written(place.id, time).map_err(edit_status)?;
    Ok(NtStatus::SUCCESS)
}
