//! The hives of a system that is on a disk. SYSTEM has come with the boot archive, as a boot loader brings it; from here on it
//! belongs to its file, like all others.

use nt::NtStatus;
use nt::types::Handle;

use super::hive::Hive;
use super::initialize::{Listed, Slot, unusable};
use super::load::{open_files, open_protected};
use super::store::Store;
use super::tree::registry;
use crate::ob::Captured;

/// Loads the hives that the list names and that exist; one that is there already gets its file. Waits.
///
/// # Errors
/// REGISTRY_CORRUPT, INSUFFICIENT_RESOURCES.
pub fn mount_listed() -> Result<(), NtStatus> {
    let listed = registry().listed()?;
    for Listed { parent, name, path } in listed {
        let hive = match open(&path) {
            Ok(hive) => hive,
            Err(NtStatus::OBJECT_NAME_NOT_FOUND | NtStatus::OBJECT_PATH_NOT_FOUND) => continue,
            Err(status) => unusable(&path, status),
        };
        let mut tree = registry();
        match tree.slot(parent, &name)? {
            Slot::Taken(at) => tree.adopt(at, hive)?,
            Slot::Reserved(at) => drop(tree.mount(at, hive)?),
            Slot::Missing => {
                let at = tree.memory_key(parent, name.as_slice())?;
                tree.mount(at, hive)?;
            }
        }
    }
    registry().drop_reserved()
}

fn open(path: &str) -> Result<Hive, NtStatus> {
    let name = Captured::of_name(path.encode_utf16().collect(), Handle::NULL)?;
    match open_files(&name) {
        Err(NtStatus::MEDIA_WRITE_PROTECTED) => open_protected(&name),
        opened => opened,
    }
}

impl super::tree::Tree {
    /// Gives the hive that hangs at a key of the memory hive the files of the same hive as it was read from them. What has
    /// changed since the boot loader read it goes there with the next flush.
    fn adopt(&mut self, at: regf::KeyId, read: Hive) -> Result<(), NtStatus> {
        let Some(number) = self.mounted(at) else { return Ok(()) };
        let hive = self.hive_mut(number)?;
        if matches!(hive.store, Store::Archive { .. }) {
            hive.store = read.store;
        }
        Ok(())
    }
}
