//! `NtInitializeRegistry`: the hives besides SYSTEM, and the boot that was good.

use alloc::string::String;
use alloc::vec::Vec;

use nt::registry::{initialize, value_type};
use nt::{NtStatus, wide};
use regf::{KeyId, Name, RegType, Text};

use super::boot::open_archived;
use super::hive::{self, edit_status};
use super::key::{MEMORY, Place};
use super::tree::{Tree, registry};
use super::walk::{ROOT, Target};
use super::{flush, on_disk};
use crate::io;
use crate::ke::bugcheck::bugcheck;
use crate::ke::service::NtResult;

/// Where the control set's list of hives is, from `\Registry` on.
const HIVE_LIST: &str = r"MACHINE\SYSTEM\CurrentControlSet\Control\hivelist";
/// Where it says which control set is which.
const SELECT: &str = r"MACHINE\SYSTEM\Select";
/// Longest path in the list, in UTF-16 units.
const PATH_MAX: usize = 260;

/// How far the registry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The session manager has asked for the other hives.
    initialized: bool,
    /// Somebody has said that the boot was good.
    accepted: bool,
}

impl Progress {
    /// It has just been made.
    pub const fn new() -> Self {
        Self { initialized: false, accepted: false }
    }
}

/// `NtInitializeRegistry`. ACCESS_DENIED for what has been said before.
pub fn initialize_registry(condition: u32) -> NtResult {
    match condition {
        initialize::SESSION_MANAGER | initialize::SETUP => {
            let mut tree = registry();
            if core::mem::replace(&mut tree.progress.initialized, true) {
                return Err(NtStatus::ACCESS_DENIED);
            }
            if io::disk::has_system() {
                drop(tree);
                on_disk::mount_listed()?;
            } else {
                tree.mount_listed()?;
                drop(tree);
            }
            flush::all();
        }
        initialize::ACCEPTED..=initialize::ACCEPTED_MAX => {
            let mut tree = registry();
            if !tree.progress.initialized || core::mem::replace(&mut tree.progress.accepted, true) {
                return Err(NtStatus::ACCESS_DENIED);
            }
            let select = tree.accept_boot(condition - initialize::ACCEPTED)?;
            drop(tree);
            flush::hive(select)?;
        }
        _ => return Err(NtStatus::INVALID_PARAMETER),
    }
    Ok(NtStatus::SUCCESS)
}

/// A hive that is to be loaded.
pub struct Listed {
    /// The key below `\Registry` that it hangs in, and its own name there.
    pub parent: String,
    pub name: String,
    pub path: String,
}

impl Tree {
    /// Whether hives may be written: not before the session manager has asked for them all, as disks are checked first.
    pub fn may_flush(&self) -> bool {
        self.progress.initialized
    }

    /// Loads the hives that the list names and that exist, but for those that are there.
    fn mount_listed(&mut self) -> Result<(), NtStatus> {
        for Listed { parent, name, path } in self.listed()? {
            let at = self.memory_key(self.root().place().id, &parent)?;
            if self.is_taken(at, &name)? {
                continue;
            }
            match open_archived(&path) {
                Ok(Some(hive)) => {
                    let at = self.memory_key(at, &name)?;
                    self.mount(at, hive)?;
                }
                Ok(None) => {}
                Err(status) => damaged(&path, status),
            }
        }
        Ok(())
    }

    /// Whether there is something of that name below a key of the memory hive.
    pub fn is_taken(&self, at: KeyId, name: &str) -> Result<bool, NtStatus> {
        let parent = self.node(Place { hive: MEMORY, id: at })?;
        Ok(parent.subkey(name).map_err(hive::status)?.is_some())
    }

    /// The hives that the control set's list names.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn listed(&mut self) -> Result<Vec<Listed>, NtStatus> {
        let mut listed = Vec::new();
        let root = self.root().clone();
        let Ok(Target::Key(list)) = self.resolve(&root, wide!(HIVE_LIST), false) else { return Ok(listed) };
        for value in self.live(&list)?.values().map_err(hive::status)? {
            let value = value.map_err(hive::status)?;
            let data = value.data().map_err(hive::status)?;
            let Some(data) = data.whole().filter(|_| value.kind().0 == value_type::SZ) else { continue };
            if let Some(entry) = entry(&text(value.name().units()), &text(Text::utf16(data).units())) {
                listed.push(entry);
            }
        }
        Ok(listed)
    }

    /// The boot was good: `Select` says so, in the hive of that number.
    fn accept_boot(&mut self, control_set: u32) -> Result<u32, NtStatus> {
        let root = self.root().clone();
        let Target::Key(select) = self.resolve(&root, wide!(SELECT), false)? else {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        };
        let place = select.place();
        let keys = self.edit(place.hive, 0)?;
        let data = control_set.to_le_bytes();
        keys.set_value(place.id, "LastKnownGood", RegType::DWORD, &data).map_err(edit_status)?;
        Ok(place.hive)
    }
}

/// A hive that the system cannot do without is none.
pub fn damaged(path: &str, status: NtStatus) -> ! {
    bugcheck(
        nt::bugcheck::CANNOT_LOAD_REGISTRY_FILE,
        [status.0.into(), 0, 0, 0],
        status,
        format_args!("{path} is damaged"),
    )
}

/// Text up to its NUL.
fn text(units: impl Iterator<Item = u16>) -> String {
    let units = units.take_while(|&unit| unit != 0).take(PATH_MAX);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// What an entry of the list says: `\REGISTRY\MACHINE\NAME` and the path of a file.
fn entry(key: &str, path: &str) -> Option<Listed> {
    let (root, below) = key.split_at_checked(ROOT.len())?;
    let (parent, name) = below.strip_prefix('\\')?.split_once('\\')?;
    let is_hive = root.eq_ignore_ascii_case(ROOT) && !name.is_empty() && !name.contains('\\');
    (is_hive && !path.is_empty()).then(|| Listed {
        parent: parent.to_ascii_uppercase(),
        name: name.into(),
        path: path.into(),
    })
}
