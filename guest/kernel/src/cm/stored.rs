//! Values as the kernel itself reads and writes them.

use alloc::string::String;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::value_type;
use nt::types::Handle;
use regf::{KeyFlags, Name, RegType};

use super::hive::{self, edit_status};
use super::open::find;
use super::tree::registry;
use super::walk::Target;
use crate::ob::Captured;

/// The names and data of all values of a key; none if there is no such key.
pub fn read_values(key: &[u16]) -> Vec<(String, Vec<u8>)> {
    let all = || {
        let captured = Captured::of_name(key.into(), Handle::NULL).ok()?;
        let Target::Key(key) = find(&captured, false).ok()? else { return None };
        let tree = registry();
        let values = tree.live(&key).ok()?.values().ok()?.flatten();
        let value = |value: regf::Value<'_>| {
            let name = char::decode_utf16(value.name().units());
            let name = name.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            Some((name, value.data().ok()?.to_vec().ok()?))
        };
        Some(values.filter_map(value).collect())
    };
    all().unwrap_or_default()
}

/// Gives values of a key, which is made if there is none, other data, or with `None` takes them away.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND when what the key lies in is not there; INSUFFICIENT_RESOURCES; REGISTRY_CORRUPT.
pub fn write_values(key: &[u16], values: &[(String, Option<&[u8]>)]) -> Result<(), NtStatus> {
    let captured = Captured::of_name(key.into(), Handle::NULL)?;
    let found = find(&captured, false)?;
    let mut tree = registry();
    let key = match found {
        Target::Key(key) => key,
        Target::Vacant(parent, name) => tree.create(&parent, &name, &[], KeyFlags(0))?,
    };
    let place = key.place();
    for (name, data) in values {
        let name = name.as_str();
        match data {
            Some(data) => {
                let keys = tree.edit(place.hive, data.len())?;
                keys.change_value(place.id, name, RegType(value_type::BINARY), data).map_err(edit_status)?;
            }
            None if tree.live(&key)?.value(name).map_err(hive::status)?.is_some() => {
                tree.edit(place.hive, 0)?.delete_value(place.id, name).map_err(edit_status)?;
            }
            None => {}
        }
    }
    Ok(())
}
