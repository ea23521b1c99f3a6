//! All values of a key at once: `NtQueryKey` with [`nt::registry::key_class::VALUES`].

use nt::NtStatus;
use nt::registry::KeyValuesEntry;
use zerocopy::IntoBytes;

use super::hive;
use super::key::Key;
use super::reply::Reply;
use super::tree::Tree;

/// What is held ready for the values of most keys, in bytes.
const USUAL: usize = 1024;
const ENTRY: usize = size_of::<KeyValuesEntry>();

impl Tree {
    /// What a caller with so much room is told of a key's values. BUFFER_OVERFLOW if there are more, with the room that
    /// all of them need.
    pub fn all_values(&self, key: &Key, room: u32) -> Result<Reply, NtStatus> {
        let mut reply = Reply::open(room, USUAL);
        for value in self.live(key)?.values().map_err(hive::status)? {
            let value = value.map_err(hive::status)?;
            let (name, data_length) = (value.name(), value.len());
            let narrow = name.latin1();
            let name_length = narrow.map_or(2 * name.len(), <[u8]>::len);
            let size = (ENTRY + data_length).saturating_add(name_length).next_multiple_of(4);
            let at = reply.needed();
            if !reply.need(size) {
                continue;
            }
            let entry = KeyValuesEntry {
                value_type: value.kind().0,
                data_length: data_length as u32,
                name_length: name_length as u16,
                narrow: narrow.is_some().into(),
            };
            reply.bytes(entry.as_bytes());
            reply.data(&value.data().map_err(hive::status)?)?;
            match narrow {
                Some(bytes) => reply.bytes(bytes),
                None => reply.text(name),
            }
            reply.pad_to(at + size);
        }
        Ok(reply)
    }
}
