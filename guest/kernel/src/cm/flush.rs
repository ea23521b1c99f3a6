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
    let may = {
        let tree = registry();
        tree.live(key)?;
        tree.may_flush()
    };
    if may {
        hive(key.place().hive)?;
    }
    Ok(NtStatus::SUCCESS)
}

/// Brings all changes of a hive to its file. The thread may wait.
///
/// # Errors
/// KEY_DELETED, REGISTRY_IO_FAILED.
pub fn hive(number: u32) -> Result<(), NtStatus> {
    let Some(files) = registry().hive(number)?.store.files() else { return Ok(()) };
    files.flush(|steps| {
        registry().hive_mut(number)?.keys.flush(|step| {
            steps.push(step.into());
            Ok(())
        })
    })
}

/// Flushes every hive. One that cannot be written keeps its changes; others are flushed all the same.
pub fn all() {
    let count = registry().hive_count();
    for number in 0..count {
        let _ = hive(number);
    }
}

/// The system ends: every hive is flushed, and left for the monitor to save.
pub fn shutdown() {
    let may = registry().may_flush();
    if may {
        all();
    }
    registry().publish();
}

impl Tree {
    fn publish(&self) {
        let mut published: Vec<(&str, Vec<u64>)> = Vec::new();
        for hive in self.hives().filter(|hive| !hive.is_loaded) {
            let name = hive.store.path().and_then(|path| path.rsplit('\\').next());
            if let Some(name) = name
                && !published.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
            {
                published.push((name, hive.page_list()));
            }
        }
        hal::hives::publish(published);
    }
}
