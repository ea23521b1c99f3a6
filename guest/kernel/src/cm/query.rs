//! Telling of keys: `NtQueryKey`, `NtEnumerateKey`.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{
    KeyBasicInformation, KeyCachedInformation, KeyFullInformation, KeyNodeInformation, access, key_class,
};
use nt::types::{Handle, UserPtr};
use regf::Name;

use super::hive;
use super::key::{Key, MEMORY, Place};
use super::object;
use super::reply::Reply;
use super::tree::{Tree, registry};
use crate::ke::service::NtResult;

/// What stands for a class name's place when there is none.
const NO_CLASS: u32 = u32::MAX;

/// `NtQueryKey`.
pub fn query_key(
    handle: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let right = match class {
        // Who has a key at all may ask for its name.
        key_class::NAME => 0,
        key_class::VALUES_BELOW => access::QUERY_VALUE | access::ENUMERATE_SUB_KEYS,
        _ => access::QUERY_VALUE,
    };
    let object = object::reference(handle, right)?;
    let key = object::key_of(&object)?;
    let reply = {
        let mut tree = registry();
        tree.show_reserved(key)?;
        match class {
            key_class::NAME => {
                tree.live(key)?;
                let name = tree.full_name(key)?;
                let bytes = 2 * name.len();
                let mut reply = Reply::new(length, 4 + bytes, &(bytes as u32))?;
                name.iter().for_each(|unit| reply.bytes(&unit.to_le_bytes()));
                reply
            }
            key_class::VALUES => tree.all_values(key, length)?,
            key_class::VALUES_BELOW => tree.values_below(key, length)?,
            _ => {
                tree.live(key)?;
                tree.tell(
                    class,
                    Asked { named: key.name_place(), place: key.place(), shadow: key.shadow() },
                    length,
                )?
            }
        }
    };
    reply.give(information, returned)
}

/// `NtEnumerateKey`.
pub fn enumerate_key(
    handle: Handle,
    index: u32,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let object = object::reference(handle, access::ENUMERATE_SUB_KEYS)?;
    let key = object::key_of(&object)?;
    if !matches!(class, key_class::BASIC | key_class::NODE | key_class::FULL) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let reply = {
        let mut tree = registry();
        tree.show_reserved(key)?;
        let asked = tree.subkey_at(key, index)?.ok_or(NtStatus::NO_MORE_ENTRIES)?;
        tree.tell(class, asked, length)?
    };
    reply.give(information, returned)
}

/// A key that is asked about.
struct Asked {
    /// Where its name is.
    named: Place,
    /// Where all else is.
    place: Place,
    /// Where its volatile subkeys are.
    shadow: Option<regf::KeyId>,
}

impl Tree {
    /// Who counts or lists the keys of the memory hive sees none that is only there for a hive.
    fn show_reserved(&mut self, key: &Key) -> Result<(), NtStatus> {
        if key.place().hive == MEMORY { self.drop_reserved() } else { Ok(()) }
    }

    /// The subkey at an index: those in the hive first, then the volatile ones.
    fn subkey_at(&self, key: &Key, index: u32) -> Result<Option<Asked>, NtStatus> {
        let node = self.live(key)?;
        let count = node.subkey_count();
        let (hive, found) = match index.checked_sub(count) {
            None => (key.place().hive, node.subkey_at(index as usize).map_err(hive::status)?),
            Some(index) => match self.shadow_node(key)? {
                Some(shadow) => (MEMORY, shadow.subkey_at(index as usize).map_err(hive::status)?),
                None => return Ok(None),
            },
        };
        let Some(node) = found else { return Ok(None) };
        let named = Place { hive, id: node.id() };
        let place = self.behind(named, node.flags())?;
        Ok(Some(Asked { named, place, shadow: self.shadow(place) }))
    }

    /// What a caller with so much room is told of a key.
    fn tell(&self, class: u32, asked: Asked, room: u32) -> Result<Reply, NtStatus> {
        let node = self.node(asked.place)?;
        let shadow = asked.shadow.map(|id| self.node(Place { hive: MEMORY, id })).transpose()?;
        let count = node.subkey_count() + shadow.map_or(0, |shadow| shadow.subkey_count());
        let shadow_names = shadow.map_or(0, |shadow| shadow.max_subkey_name());
        let max_name_length = node.max_subkey_name().max(shadow_names);
        let time = node.last_written().0;
        let last_write_time = [time as u32, (time >> 32) as u32];
        let name = || Ok::<_, NtStatus>(self.node(asked.named)?.name());
        let class_name = || node.class().map_err(hive::status);
        match class {
            key_class::BASIC => {
                let name = name()?;
                let name_length = 2 * name.len() as u32;
                let fixed = KeyBasicInformation { last_write_time, title_index: 0, name_length };
                let mut reply = Reply::new(room, size_of_val(&fixed) + 2 * name.len(), &fixed)?;
                reply.text(name);
                Ok(reply)
            }
            key_class::NODE => {
                let (name, class) = (name()?, class_name()?);
                let end = size_of::<KeyNodeInformation>() + 2 * name.len();
                let at = end.next_multiple_of(4);
                let class_length = class.map_or(0, |class| 2 * class.len());
                let fixed = KeyNodeInformation {
                    last_write_time,
                    title_index: 0,
                    class_offset: class.map_or(NO_CLASS, |_| at as u32),
                    class_length: class_length as u32,
                    name_length: 2 * name.len() as u32,
                };
                let needed = if class.is_some() { at + class_length } else { end };
                let mut reply = Reply::new(room, needed, &fixed)?;
                reply.text(name);
                if let Some(class) = class {
                    reply.pad_to(at);
                    reply.text(class);
                }
                Ok(reply)
            }
            key_class::FULL => {
                let class = class_name()?;
                let class_length = class.map_or(0, |class| 2 * class.len());
                let fixed = KeyFullInformation {
                    last_write_time,
                    title_index: 0,
                    class_offset: class.map_or(NO_CLASS, |_| size_of::<KeyFullInformation>() as u32),
                    class_length: class_length as u32,
                    sub_keys: count,
                    max_name_length,
                    max_class_length: node.max_class().max(shadow.map_or(0, |shadow| shadow.max_class())),
                    values: node.value_count(),
                    max_value_name_length: node.max_value_name(),
                    max_value_data_length: node.max_value_data(),
                };
                let mut reply = Reply::new(room, size_of_val(&fixed) + class_length, &fixed)?;
                class.into_iter().for_each(|class| reply.text(class));
                Ok(reply)
            }
            key_class::CACHED => {
                let fixed = KeyCachedInformation {
                    last_write_time,
                    title_index: 0,
                    sub_keys: count,
                    max_name_length,
                    values: node.value_count(),
                    max_value_name_length: node.max_value_name(),
                    max_value_data_length: node.max_value_data(),
                    name_length: 2 * name()?.len() as u32,
                    reserved: 0,
                };
                Reply::new(room, size_of_val(&fixed), &fixed)
            }
            _ => Err(NtStatus::INVALID_PARAMETER),
        }
    }

    /// A key's name from the root of the object namespace on.
    ///
    /// # Errors
    /// KEY_DELETED, REGISTRY_CORRUPT.
    pub fn full_name(&self, key: &Arc<Key>) -> Result<Vec<u16>, NtStatus> {
        let mut path = Vec::new();
        let mut next = Some(key);
        while let Some(key) = next {
            path.push(self.node(key.name_place())?.name());
            next = key.parent();
        }
        let mut name = Vec::new();
        for part in path.iter().rev() {
            name.push(u16::from(b'\\'));
            name.extend(part.units());
        }
        Ok(name)
    }
}
