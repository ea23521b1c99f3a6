//! The registry as the system finds it when it starts.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::registry::{SYMBOLIC_LINK_VALUE, value_type};
use nt::{NtStatus, wide};
use regf::{KeyId, RegType};

use super::hive::{self, Hive, edit_status};
use super::key::{Key, MEMORY, Place};
use super::tree::{Tree, registry};
use super::walk::ROOT;
use super::{object, template};
use crate::ob::namespace;

/// The hive that the system cannot do without.
const SYSTEM: &str = r"\SystemRoot\System32\config\SYSTEM";
/// The control set that the link leads to as it is in the kernel image.
const USUAL_CONTROL_SET: u32 = 1;

/// Makes the registry with the hive SYSTEM, if there is one, and shows there what the kernel was started with.
///
/// # Errors
/// INSUFFICIENT_RESOURCES; what is wrong with the hive.
pub fn init(options: &str) -> Result<(), NtStatus> {
    let object = {
        let mut tree = registry();
        tree.fill()?;
        if let Some(hive) = open_archived(SYSTEM)? {
            let number = tree.mount(template::SYSTEM, hive)?;
            if let Some(control_set) = tree.link_control_set(number)? {
                tree.show_options(number, control_set, options)?;
            }
        }
        object::permanent(tree.root().clone())
    };
    namespace::create_permanent(wide!(ROOT), &object)
}

/// The hive in a file of the boot archive, if there is such a file.
///
/// # Errors
/// As [`Hive::open`].
pub fn open_archived(path: &str) -> Result<Option<Hive>, NtStatus> {
    let Some(archive) = crate::init::archive() else { return Ok(None) };
    let Some(file) = archive.find(path) else { return Ok(None) };
    let log = || archive.find(&format!("{path}.LOG1")).map_or(&[][..], |log| log.data());
    Hive::open(file.data(), log, path).map(Some)
}

impl Tree {
    /// Makes `CurrentControlSet`, a volatile link to the control set that `Select` names. The number of that, if there is one.
    fn link_control_set(&mut self, hive: u32) -> Result<Option<u32>, NtStatus> {
        let system = self.hive(hive)?.keys.hive();
        let root = system.root().map_err(hive::status)?;
        let Some(select) = root.subkey("Select").map_err(hive::status)? else { return Ok(None) };
        let current = select.value("Current").map_err(hive::status)?;
        let Some(number) = current.and_then(|current| current.data().ok()?.dword()) else { return Ok(None) };
        let place = Place { hive, id: root.id() };
        self.set_shadow(place, template::SYSTEM_SHADOW);
        self.has_usual_control_set = number == USUAL_CONTROL_SET;
        if !self.has_usual_control_set {
            let target = format!(r"{ROOT}\MACHINE\SYSTEM\ControlSet{number:03}");
            let target: Vec<u8> = target.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let memory = &mut self.hive_mut(MEMORY)?.keys;
            let kind = RegType(value_type::LINK);
            let link = template::CURRENT_CONTROL_SET;
            memory.set_value(link, SYMBOLIC_LINK_VALUE, kind, &target).map_err(edit_status)?;
        }
        Ok(Some(number))
    }

    /// `Control\SystemStartOptions`: the words of the command line in upper case, each behind a blank, as NT has them.
    fn show_options(&mut self, hive: u32, control_set: u32, options: &str) -> Result<(), NtStatus> {
        let root = self.hive(hive)?.keys.hive().root().map_err(hive::status)?;
        let set = match control_set {
            USUAL_CONTROL_SET => root.subkey("ControlSet001"),
            other => root.subkey(format!("ControlSet{other:03}").as_str()),
        };
        let Some(set) = set.map_err(hive::status)? else { return Ok(()) };
        let Some(control) = set.subkey("Control").map_err(hive::status)? else { return Ok(()) };
        let control = control.id();
        let mut data = Vec::with_capacity(2 * options.len() + 4);
        for word in options.split_ascii_whitespace() {
            for byte in [b' '].into_iter().chain(word.bytes()) {
                data.extend([byte.to_ascii_uppercase(), 0]);
            }
        }
        data.extend([0, 0]);
        let keys = &mut self.hive_mut(hive)?.keys;
        keys.set_value(control, "SystemStartOptions", RegType::SZ, &data).map_err(edit_status)
    }

    /// Where `CurrentControlSet` leads if that is this link. Every boot follows it: what it says need not be read then, and
    /// the way from `\Registry` not be gone twice.
    pub fn control_set(&mut self, link: &Arc<Key>) -> Result<Option<Arc<Key>>, NtStatus> {
        let place = Place { hive: MEMORY, id: template::CURRENT_CONTROL_SET };
        match link.parent() {
            Some(system) if self.has_usual_control_set && link.place() == place => {
                self.child(system, wide!("ControlSet001"))
            }
            _ => Ok(None),
        }
    }

    /// The key of the memory hive that holds the volatile subkeys of a key elsewhere; it is made if there is none.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn make_shadow(&mut self, of: Place) -> Result<KeyId, NtStatus> {
        if let Some(shadow) = self.shadow(of) {
            return Ok(shadow);
        }
        let name = format!("{:x}-{:x}", of.hive, of.id.0);
        let shadow = self.memory_key(template::SHADOWS, &name)?;
        self.set_shadow(of, shadow);
        Ok(shadow)
    }
}
