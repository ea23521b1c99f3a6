//! `NtLoadKey` and `NtUnloadKey`: hives that come and go while the system runs.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, disposition, option, share};
use nt::security::privilege;
use nt::types::{ObjectAttributes, UserPtr};

use super::edit::check_room;
use super::hive::Hive;
use super::key::MEMORY;
use super::open::find;
use super::store::{Files, Store};
use super::tree::{Tree, registry};
use super::walk::Target;
use super::{flush, notify};
use crate::io::{self, FileObject, How};
use crate::ke::service::NtResult;
use crate::ob::capture::Captured;
use crate::se;

/// Behind the name of a hive file, the name of its log.
const LOG: &str = ".LOG1";
/// Largest hive file, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// `NtLoadKey`: hangs the hive of a file below `\Registry\Machine` or `\Registry\User`.
pub fn load_key(key: UserPtr<ObjectAttributes>, file: UserPtr<ObjectAttributes>) -> NtResult {
    se::require(privilege::RESTORE)?;
    let key = Captured::to_open(key)?;
    let file = Captured::to_open(file)?;
    let Target::Vacant(parent, name) = find(&key, true)? else {
        return Err(NtStatus::OBJECT_NAME_COLLISION);
    };
    if parent.parent().is_none_or(|above| above.parent().is_some()) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut hive = open(&file)?;
    hive.is_loaded = true;
    let mut tree = registry();
    if tree.has_file(&hive) {
        return Err(NtStatus::SHARING_VIOLATION);
    }
    check_room(0)?;
    tree.live(&parent)?;
    if tree.child(&parent, &name)?.is_some() {
        return Err(NtStatus::OBJECT_NAME_COLLISION);
    }
    if char::decode_utf16(name.iter().copied()).any(|unit| unit.is_err()) {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    let at = tree.memory_key(parent.place().id, name.as_slice())?;
    tree.mount(at, hive)?;
    tree.forget_names();
    drop(tree);
    notify::changed(&parent, nt::registry::notify::NAME);
    Ok(NtStatus::SUCCESS)
}

/// `NtUnloadKey`: CANNOT_DELETE when somebody has a key of the hive open.
pub fn unload_key(key: UserPtr<ObjectAttributes>) -> NtResult {
    se::require(privilege::RESTORE)?;
    let captured = Captured::to_open(key)?;
    let Target::Key(key) = find(&captured, true)? else { return Err(NtStatus::OBJECT_NAME_NOT_FOUND) };
    let (number, parent) = (key.place().hive, key.parent().cloned());
    let at = key.name_place();
    if !key.is_root() || at.hive != MEMORY || number == MEMORY {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    drop(key);
    flush::hive(number)?;
    let unmounted = registry().unmount(at.id)?;
    // Its memory goes, and its files are closed, when the registry is nobody's.
    drop(unmounted);
    if let Some(parent) = parent {
        notify::changed(&parent, nt::registry::notify::NAME);
    }
    Ok(NtStatus::SUCCESS)
}

/// Opens a hive file: where it lies, if that is in memory for good, or else for this hive alone.
fn open(name: &Captured) -> Result<Hive, NtStatus> {
    let shared = io::open_by_kernel(name, how(access::READ_DATA, share::READ, disposition::OPEN))?;
    if let Some(data) = shared.archive_data() {
        let log = io::open_by_kernel(&log_name(name), how(access::READ_DATA, share::READ, disposition::OPEN));
        let log = || log.ok().and_then(|log| log.archive_data()).unwrap_or_default();
        return Hive::open(data, log, &shared.full_path());
    }
    drop(shared);
    open_files(name)
}

/// Opens a hive file on a volume, for this hive alone, and repairs it if its last flush was cut.
///
/// # Errors
/// Those of the files; NOT_REGISTRY_FILE, REGISTRY_CORRUPT.
pub fn open_files(name: &Captured) -> Result<Hive, NtStatus> {
    let both = access::READ_DATA | access::WRITE_DATA;
    let primary = io::open_by_kernel(name, how(both, 0, disposition::OPEN))?;
    let log = io::open_by_kernel(&log_name(name), how(both, 0, disposition::OPEN_IF))?;
    let (bytes, logged) = (read(&primary)?, read(&log)?);
    let files = Arc::new(Files::new(primary, log));
    let (hive, repair) = Hive::read(&bytes, &logged, Store::Files(files.clone()))?;
    files.flush(|steps| {
        steps.extend(repair);
        Ok(())
    })?;
    Ok(hive)
}

/// The same of a volume that cannot be written: the hive and its log as they are, and what changes goes with the system.
///
/// # Errors
/// As [`open_files`].
pub fn open_protected(name: &Captured) -> Result<Hive, NtStatus> {
    let reading = |disposition| how(access::READ_DATA, share::READ, disposition);
    let primary = read(&io::open_by_kernel(name, reading(disposition::OPEN))?)?;
    let log = match io::open_by_kernel(&log_name(name), reading(disposition::OPEN)) {
        Ok(log) => read(&log)?,
        Err(_) => Vec::new(),
    };
    Ok(Hive::read(&primary, &log, Store::Volatile)?.0)
}

fn how(access: u32, share: u32, disposition: u32) -> How {
    How {
        access: access | access::SYNCHRONIZE,
        share,
        disposition,
        options: option::SYNCHRONOUS_IO_NONALERT | option::NON_DIRECTORY_FILE,
        allocation: 0,
        attributes: 0,
    }
}

fn log_name(name: &Captured) -> Captured {
    let mut log = Captured::default();
    (log.root, log.attributes) = (name.root.clone(), name.attributes);
    log.name = name.name.iter().copied().chain(LOG.encode_utf16()).collect();
    log
}

fn read(file: &Arc<FileObject>) -> Result<Vec<u8>, NtStatus> {
    let length = io::length(file)?;
    if length > MAX_FILE {
        return Err(NtStatus::REGISTRY_CORRUPT);
    }
    check_room(length as usize)?;
    io::read(file, length as usize)
}

impl Tree {
    /// Whether a hive of the registry lies in the same file as another one.
    fn has_file(&self, other: &Hive) -> bool {
        other.archived().is_some_and(|file| self.hives().any(|hive| hive.archived() == Some(file)))
    }
}
