//! Bringing hives to their files: `NtFlushKey`, and the end of the system.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::Handle;

use super::object;
use super::tree::{Tree, registry};
use crate::ke::service::NtResult;

/// `NtFlushKey`.
pub fn flush_key(handle: Handle) -> NtResult {
    let object = object::reference(handle, 0)?;
    let key = object::key_of(&object)?;
    let mut tree = registry();
    tree.live(key)?;
    if tree.may_flush() {
        let hive = key.place().hive;
        tree.hive_mut(hive)?.flush()?;
    }
    Ok(NtStatus::SUCCESS)
}

/// The system ends: every hive is flushed, and left for the monitor to save.
pub fn shutdown() {
    let mut tree = registry();
    if tree.may_flush() {
        tree.flush_all();
    }
    tree.publish();
}

impl Tree {
    /// Flushes every hive that has changed. One that cannot be written keeps its changes; others are flushed all the same.
    pub fn flush_all(&mut self) {
        for hive in self.hives_mut() {
            let _ = hive.flush();
        }
    }

    fn publish(&self) {
        let mut published = Vec::new();
        for hive in self.hives() {
            let name = hive.store.path().and_then(|path| path.rsplit('\\').next());
            if let Some(name) = name {
                published.push((name, hive.page_list()));
            }
        }
        hal::hives::publish(published);
    }
}
