//! Changing values: `NtSetValueKey`, `NtDeleteValueKey`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{MAX_VALUE_NAME, SYMBOLIC_LINK_VALUE, access, notify as filter, value_type};
use nt::types::{Handle, UnicodeString, UserPtr};
use regf::{KeyFlags, RegType};

use super::hive::{self, edit_status};
use super::tree::{Tree, registry};
use super::values::capture_value_name;
use super::{edit, notify, object};
use crate::ke::service::NtResult;
use crate::mm::user;

/// `NtSetValueKey`.
pub fn set_value_key(
    handle: Handle,
    name: UserPtr<UnicodeString>,
    _title_index: u32,
    value_type: u32,
    data: UserPtr<u8>,
    length: u32,
) -> NtResult {
    let object = object::reference(handle, access::SET_VALUE)?;
    let key = object::key_of(&object)?;
    let name = capture_value_name(name)?;
    if name.len() > MAX_VALUE_NAME {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    // Before the data is taken in: there may be more of it than memory.
    edit::check_room(2 * length as usize)?;
    let data = match length {
        0 => Vec::new(),
        _ => user::read_bytes(data.address, length as usize)?,
    };
    {
        let mut tree = registry();
        let node = tree.live(key)?;
        if node.flags().has(KeyFlags::SYMLINK) && !is_link_value(&name, value_type) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        let place = key.place();
        let keys = tree.edit(place.hive, data.len())?;
        let changed = keys.change_value(place.id, name.as_slice(), RegType(value_type), &data);
        // Who sets what is there already changes nothing.
        if !changed.map_err(edit_status)? {
            return Ok(NtStatus::SUCCESS);
        }
        tree.value_changed(key.flags());
    }
    notify::changed(key, filter::LAST_SET);
    Ok(NtStatus::SUCCESS)
}

/// A symbolic link has one value only.
fn is_link_value(name: &[u16], value_type: u32) -> bool {
    value_type == value_type::LINK
        && name.iter().map(|&unit| nt::upcase(unit)).eq(SYMBOLIC_LINK_VALUE.encode_utf16().map(nt::upcase))
}

/// `NtDeleteValueKey`.
pub fn delete_value_key(handle: Handle, name: UserPtr<UnicodeString>) -> NtResult {
    let object = object::reference(handle, access::SET_VALUE)?;
    let key = object::key_of(&object)?;
    let name = capture_value_name(name)?;
    {
        let mut tree = registry();
        // Most values that are deleted are not there: that is found out before anything is prepared.
        if tree.live(key)?.value(name.as_slice()).map_err(hive::status)?.is_none() {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        let place = key.place();
        tree.edit(place.hive, 0)?.delete_value(place.id, name.as_slice()).map_err(edit_status)?;
        tree.value_changed(key.flags());
    }
    notify::changed(key, filter::LAST_SET);
    Ok(NtStatus::SUCCESS)
}

impl Tree {
    /// A value of a key has changed. If the key is a symbolic link, it may lead elsewhere now.
    fn value_changed(&mut self, flags: KeyFlags) {
        if flags.has(KeyFlags::SYMLINK) {
            self.has_usual_control_set = false;
            self.forget_names();
        }
    }
}
