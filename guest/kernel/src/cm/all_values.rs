//! All values of a key at once: `NtQueryKey` with [`nt::registry::key_class::VALUES`], and with `VALUES_BELOW` those of its
//! subkeys, too.

use nt::NtStatus;
use nt::registry::{KeyValuesEntry, KeyValuesSection};
use regf::{HiveError, KeyFlags, RegType, Text, Value};
use zerocopy::IntoBytes;

use super::hive;
use super::key::Key;
use super::reply::Reply;
use super::tree::Tree;

/// What is held ready for the values of most keys, in bytes, and for those of most keys with subkeys.
const USUAL: usize = 1024;
const USUAL_BELOW: usize = 4096;

impl Tree {
    /// What a caller with so much room is told of a key's values. BUFFER_OVERFLOW if there are more, with the room that
    /// all of them need.
    pub fn all_values(&self, key: &Key, room: u32) -> Result<Reply, NtStatus> {
        let mut reply = Reply::open(room, USUAL);
        add_values(&mut reply, self.live(key)?)?;
        Ok(reply)
    }

    /// The same with its subkeys'.
    pub fn values_below(&self, key: &Key, room: u32) -> Result<Reply, NtStatus> {
        let mut reply = Reply::open(room, USUAL_BELOW);
        let node = self.live(key)?;
        add_section(&mut reply, None, node.value_count());
        add_values(&mut reply, node)?;
        for subkey in node.subkeys().map_err(hive::status)? {
            let subkey = subkey.map_err(hive::status)?;
            let leads_elsewhere = subkey.flags().0 & (KeyFlags::SYMLINK.0 | KeyFlags::HIVE_EXIT.0) != 0;
            if leads_elsewhere || subkey.security_id() != node.security_id() {
                add_section(&mut reply, Some(subkey.name()), KeyValuesSection::CLOSED);
                continue;
            }
            add_section(&mut reply, Some(subkey.name()), subkey.value_count());
            add_values(&mut reply, subkey)?;
        }
        if let Some(shadow) = self.shadow_node(key)? {
            for subkey in shadow.subkeys().map_err(hive::status)? {
                let name = subkey.map_err(hive::status)?.name();
                add_section(&mut reply, Some(name), KeyValuesSection::CLOSED);
            }
        }
        Ok(reply)
    }
}

/// Adds what comes before the values of a key.
fn add_section(reply: &mut Reply, name: Option<Text<'_>>, values: u32) {
    let name = name.unwrap_or(Text::utf16(&[]));
    let narrow = name.latin1();
    let name_length = narrow.map_or(2 * name.len(), <[u8]>::len);
    let section =
        KeyValuesSection { values, name_length: name_length as u16, narrow: narrow.is_some().into() };
    let size = (size_of_val(&section) + name_length).next_multiple_of(4);
    let end = reply.needed() + size;
    if reply.need(size) {
        reply.bytes(section.as_bytes());
        add_name(reply, name);
        reply.pad_to(end);
    }
}

fn add_name(reply: &mut Reply, name: Text<'_>) {
    match name.latin1() {
        Some(bytes) => reply.bytes(bytes),
        None => reply.text(name),
    }
}

/// Adds the values of a key.
fn add_values(reply: &mut Reply, key: regf::Key<'_>) -> Result<(), NtStatus> {
    let values = key.values().map_err(hive::status)?;
    // Both functions want the reply.
    let reply = core::cell::RefCell::new(reply);
    values
        .hand_over(
            |value| {
                let entry = entry_of(value.kind, value.data.len(), value.name.len(), true);
                let mut reply = reply.borrow_mut();
                if let Some(end) = room_for(&mut reply, &entry) {
                    reply.pieces([entry.as_bytes(), value.data, value.name], end);
                }
                Ok(())
            },
            |value| add_value(&mut reply.borrow_mut(), &value).map_err(Failed),
        )
        .map_err(|Failed(status)| status)
}

/// Why values cannot be told.
struct Failed(NtStatus);

impl From<HiveError> for Failed {
    fn from(error: HiveError) -> Self {
        Self(hive::status(error))
    }
}

fn entry_of(kind: RegType, data: usize, name: usize, is_narrow: bool) -> KeyValuesEntry {
    KeyValuesEntry {
        value_type: kind.0,
        data_length: data as u32,
        name_length: name as u16,
        narrow: is_narrow.into(),
    }
}

/// Where an entry with its data and its name ends, if there is room for it.
fn room_for(reply: &mut Reply, entry: &KeyValuesEntry) -> Option<usize> {
    let size = (size_of_val(entry) + entry.data_length as usize)
        .saturating_add(entry.name_length.into())
        .next_multiple_of(4);
    let end = reply.needed().saturating_add(size);
    reply.need(size).then_some(end)
}

/// Adds a value whatever it is like.
fn add_value(reply: &mut Reply, value: &Value<'_>) -> Result<(), NtStatus> {
    let name = value.name();
    let narrow = name.latin1();
    let name_length = narrow.map_or(2 * name.len(), <[u8]>::len);
    let entry = entry_of(value.kind(), value.len(), name_length, narrow.is_some());
    if let Some(end) = room_for(reply, &entry) {
        reply.bytes(entry.as_bytes());
        reply.data(&value.data().map_err(hive::status)?)?;
        add_name(reply, name);
        reply.pad_to(end);
    }
    Ok(())
}
