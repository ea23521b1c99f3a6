//! `NtSaveKey`: a key and what is in it as a hive file of its own.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::access;
use nt::security::privilege;
use nt::types::Handle;
use regf::{HiveFile, HiveMut, Step};

use super::edit::{check_room, now};
use super::hive::edit_status;
use super::key::{Key, MEMORY};
use super::object;
use super::tree::registry;
use crate::io;
use crate::ke::service::NtResult;
use crate::se;

/// `NtSaveKey`: volatile keys are not saved. ACCESS_DENIED for what has no file itself, as `\Registry` and what lies
/// right below it; REGISTRY_IO_FAILED if the file cannot be written.
pub fn save_key(key: Handle, file: Handle) -> NtResult {
    se::require(privilege::BACKUP)?;
    let object = object::reference(key, 0)?;
    let key = object::key_of(&object)?;
    let file = io::file_of(file, access::WRITE_DATA)?;
    let mut saved = copy_of(key)?;
    saved
        .flush(|step| match step {
            Step::Write { file: HiveFile::Primary, offset, bytes } => io::write(&file, offset, bytes.into()),
            Step::Barrier(HiveFile::Primary) => io::flush(&file),
            // A hive that has not been on a disk needs no log.
            Step::Write { .. } | Step::Barrier(_) => Ok(()),
        })
        .map_err(|_| NtStatus::REGISTRY_IO_FAILED)?;
    Ok(NtStatus::SUCCESS)
}

fn copy_of(key: &Key) -> Result<HiveMut<Vec<u8>>, NtStatus> {
    let tree = registry();
    let from = tree.live(key)?;
    let hive = key.place().hive;
    if hive == MEMORY {
        return Err(NtStatus::ACCESS_DENIED);
    }
    check_room(tree.hive(hive)?.keys.bytes().len())?;
    let mut copy = HiveMut::create("", now()).map_err(edit_status)?;
    let root = copy.root();
    copy.copy_tree(root, from).map_err(edit_status)?;
    Ok(copy)
}
