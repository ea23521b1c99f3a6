//! `NtInitializeRegistry`: the hives besides SYSTEM, and the boot that was good.

use alloc::string::String;
use alloc::vec::Vec;

use nt::registry::{initialize, value_type};
use nt::{NtStatus, wide};
use regf::{KeyId, Name, RegType, Text};

use super::boot::open_archived;
use super::hive::{self, edit_status};
use super::key::{MEMORY, Place};
use super::template;
use super::tree::{Tree, registry};
use super::walk::{ROOT, SEPARATOR, Target};
use super::{flush, on_disk};
use crate::io;
use crate::ke::bugcheck::bugcheck;
use crate::ke::service::NtResult;

/// Where the control set's list of hives is, from `\Registry` on.
///
/// In the case that programs write it in: the way there has been gone before then.
const HIVE_LIST: &str = r"Machine\System\CurrentControlSet\Control\hivelist";
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
    /// The key of the memory hive that it hangs in.
    pub parent: KeyId,
    /// Its own name there.
    pub name: Vec<u16>,
    /// Its file.
    pub path: String,
}

/// A place for a hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// There is no key of the name.
    Missing,
    /// The key is there for it.
    Reserved(KeyId),
    /// There is a key of the name.
    Taken(KeyId),
}

impl Tree {
    /// Whether hives may be written: not before the session manager has asked for them all, as disks are checked first.
    pub fn may_flush(&self) -> bool {
        self.progress.initialized
    }

    /// Loads the hives that the list names and that exist, but for those that are there.
    fn mount_listed(&mut self) -> Result<(), NtStatus> {
        for Listed { parent, name, path } in self.listed()? {
            let slot = self.slot(parent, &name)?;
            if matches!(slot, Slot::Taken(_)) {
                continue;
            }
            match open_archived(&path) {
                Ok(Some(hive)) => {
                    let at = match slot {
                        Slot::Reserved(at) => at,
                        _ => self.memory_key(parent, name.as_slice())?,
                    };
                    self.mount(at, hive)?;
                }
                Ok(None) => {}
                Err(status) => unusable(&path, status),
            }
        }
        self.drop_reserved()
    }

    /// What there is of a name below a key of the memory hive.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn slot(&self, parent: KeyId, name: &[u16]) -> Result<Slot, NtStatus> {
        let found = self.node(Place { hive: MEMORY, id: parent })?.subkey(name).map_err(hive::status)?;
        Ok(match found.map(|key| key.id()) {
            None => Slot::Missing,
            Some(id) if self.reserved == Some(id) => Slot::Reserved(id),
            Some(id) => Slot::Taken(id),
        })
    }

    /// The hives that the control set's list names.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn listed(&mut self) -> Result<Vec<Listed>, NtStatus> {
        let root = self.root().clone();
        let Ok(Target::Key(list)) = self.resolve(&root, wide!(HIVE_LIST), false) else {
            return Ok(Vec::new());
        };
        let mut entries = Vec::new();
        for value in self.live(&list)?.values().map_err(hive::status)? {
            let value = value.map_err(hive::status)?;
            if value.kind().0 != value_type::SZ {
                continue;
            }
            let data = value.data().map_err(hive::status)?;
            let path = text(data.whole().unwrap_or_default());
            if !path.is_empty() {
                entries.push((units_of(value.name()), path));
            }
        }
        let mut listed = Vec::with_capacity(entries.len());
        for (key, path) in entries {
            let Some((above, name)) = entry(&key) else { continue };
            let parent = match above == wide!("MACHINE") {
                true => template::MACHINE,
                false => {
                    let above: Vec<u16> = above.iter().map(|&unit| nt::upcase(unit)).collect();
                    self.memory_key(template::REGISTRY, above.as_slice())?
                }
            };
            listed.push(Listed { parent, name: name.to_vec(), path });
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

/// A hive that the system cannot do without is none, or its volume fails.
pub fn unusable(path: &str, status: NtStatus) -> ! {
    let words = match status {
        NtStatus::NOT_REGISTRY_FILE | NtStatus::REGISTRY_CORRUPT => "is damaged",
        NtStatus::NO_MEMORY | NtStatus::INSUFFICIENT_RESOURCES => "is too large for the memory that there is",
        _ => "or its log cannot be read or written",
    };
    bugcheck(
        nt::bugcheck::CANNOT_LOAD_REGISTRY_FILE,
        [status.0.into(), 0, 0, 0],
        status,
        format_args!("{path} {words}"),
    )
}

/// UTF-16 up to its NUL.
fn text(data: &[u8]) -> String {
    let units = data.as_chunks::<2>().0;
    let units = units.get(..PATH_MAX).unwrap_or(units);
    let len = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
    let units = units.get(..len).unwrap_or_default();
    if units.iter().all(|&[low, high]| high == 0 && low < 0x80) {
        return String::from_utf8(units.iter().map(|&[low, _]| low).collect()).unwrap_or_default();
    }
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn units_of(text: Text<'_>) -> Vec<u16> {
    match text.latin1() {
        Some(bytes) => bytes.iter().map(|&byte| byte.into()).collect(),
        None => text.units().collect(),
    }
}

/// What an entry of the list says: `\REGISTRY\MACHINE\NAME` is `NAME` in `MACHINE`.
fn entry(key: &[u16]) -> Option<(&[u16], &[u16])> {
    let root: &[u16] = wide!(ROOT);
    let (start, below) = key.split_at_checked(root.len())?;
    let is_root = start == root || start.iter().map(|&unit| nt::upcase(unit)).eq(root.iter().copied());
    let (separator, below) = below.split_first()?;
    let end = below.iter().position(|&unit| unit == SEPARATOR)?;
    let (above, name) = (below.get(..end)?, below.get(end + 1..)?);
    let is_hive = is_root && *separator == SEPARATOR && !name.is_empty() && !name.contains(&SEPARATOR);
    is_hive.then_some((above, name))
}
