//! The registry as the system finds it when it starts.

use alloc::format;
use alloc::string::String;

use nt::registry::value_type;
use nt::{NtStatus, wide};
use regf::{KeyFlags, KeyId, RegType};

use super::hive::{self, Hive};
use super::key::{MEMORY, Place};
use super::object;
use super::tree::{Tree, registry};
use super::walk::ROOT;
use crate::ob::namespace;

/// Where the hive files are.
const CONFIG: &str = r"\SystemRoot\System32\config";

/// Makes the registry with the hive SYSTEM.
///
/// # Errors
/// INSUFFICIENT_RESOURCES; what is wrong with the hive.
pub fn init() -> Result<(), NtStatus> {
    Tree::make()?;
    let mut tree = registry();
    let root = tree.root().place().id;
    let machine = tree.memory_key(root, "MACHINE")?;
    let user = tree.memory_key(root, "USER")?;
    tree.memory_key(user, ".DEFAULT")?;
    let at = tree.memory_key(machine, "SYSTEM")?;
    if let Some(hive) = open_archived(&format!(r"{CONFIG}\SYSTEM"))? {
        let number = tree.mount(at, hive)?;
        tree.link_control_set(number)?;
    }
    let object = object::permanent(tree.root().clone());
    drop(tree);
    namespace::create_permanent(wide!(ROOT), &object)
}

/// The hive in a file of the boot archive, if there is such a file.
///
/// # Errors
/// As [`Hive::open`].
pub fn open_archived(path: &str) -> Result<Option<Hive>, NtStatus> {
    let Some(archive) = crate::init::archive() else { return Ok(None) };
    let Some(file) = archive.find(path) else { return Ok(None) };
    let log = archive.find(&format!("{path}.LOG1"));
    Hive::open(file.data(), log.map_or(&[], |log| log.data()), path).map(Some)
}

impl Tree {
    /// Makes `CurrentControlSet`, a volatile link to the control set that `Select` names.
    fn link_control_set(&mut self, hive: u32) -> Result<(), NtStatus> {
        let system = self.hive(hive)?.keys.hive();
        let root = system.root().map_err(hive::status)?;
        let select = root.subkey("Select").map_err(hive::status)?;
        let current =
            select.map(|select| select.value("Current")).transpose().map_err(hive::status)?.flatten();
        let Some(number) = current.and_then(|current| current.data().ok()?.dword()) else { return Ok(()) };
        let place = Place { hive, id: root.id() };
        let link = self.volatile_link(place, "CurrentControlSet")?;
        let target = format!(r"{ROOT}\MACHINE\SYSTEM\ControlSet{number:03}");
        self.set_link(link, &target)
    }

    fn volatile_link(&mut self, parent: Place, name: &str) -> Result<KeyId, NtStatus> {
        let shadow = self.make_shadow(parent)?;
        let link = self.memory_key(shadow, name)?;
        let flags = KeyFlags(KeyFlags::SYMLINK.0 | KeyFlags::VOLATILE.0);
        self.hive_mut(MEMORY)?.keys.set_flags(link, flags).map_err(hive::edit_status)?;
        Ok(link)
    }

    fn set_link(&mut self, link: KeyId, target: &str) -> Result<(), NtStatus> {
        let mut bytes = String::new().into_bytes();
        target.encode_utf16().for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
        let memory = &mut self.hive_mut(MEMORY)?.keys;
        let kind = RegType(value_type::LINK);
        memory.set_value(link, nt::registry::SYMBOLIC_LINK_VALUE, kind, &bytes).map_err(hive::edit_status)
    }

    /// The key of the memory hive that holds the volatile subkeys of a key elsewhere; it is made if there is none.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn make_shadow(&mut self, of: Place) -> Result<KeyId, NtStatus> {
        if let Some(&shadow) = self.shadows.get(&of) {
            return Ok(shadow);
        }
        let name = format!("{:x}-{:x}", of.hive, of.id.0);
        let shadow = self.memory_key(self.shadows_at, &name)?;
        self.shadows.insert(of, shadow);
        if let Some(key) = self.find_block(of) {
            key.set_shadow(Some(shadow));
        }
        Ok(shadow)
    }
}
