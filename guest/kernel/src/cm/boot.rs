//! The registry as the system finds it when it starts.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::registry::{SYMBOLIC_LINK_VALUE, value_type};
use nt::{NtStatus, wide};
use regf::{KeyId, RegType};
use zerocopy::IntoBytes;

use super::hive::{self, Hive, edit_status};
use super::key::{Key, MEMORY, Place};
use super::tree::{Tree, registry};
use super::walk::{ROOT, Target};
use super::{object, template};
use crate::ob::namespace;

/// The hive that the system cannot do without.
const SYSTEM: &str = r"\SystemRoot\System32\config\SYSTEM";
/// Where the kernel shows what it was started with; in the case that programs write it in, who come the same way later.
const CONTROL: &str = r"Machine\System\CurrentControlSet\Control";
const OPTIONS: &str = "SystemStartOptions";
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
            if tree.link_control_set(number)? {
                tree.show_options(options)?;
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
    /// Makes `CurrentControlSet`, a volatile link to the control set that `Select` names. Whether it names one.
    fn link_control_set(&mut self, hive: u32) -> Result<bool, NtStatus> {
        let system = self.hive(hive)?.keys.hive();
        let root = system.root().map_err(hive::status)?;
        let Some(select) = root.subkey("Select").map_err(hive::status)? else { return Ok(false) };
        let current = select.value("Current").map_err(hive::status)?;
        let Some(number) = current.and_then(|current| current.data().ok()?.dword()) else { return Ok(false) };
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
        Ok(true)
    }

    /// `Control\SystemStartOptions`: the words of the command line in upper case, each behind a blank, as NT has them.
    fn show_options(&mut self, options: &str) -> Result<(), NtStatus> {
        let root = self.root().clone();
        let Ok(Target::Key(control)) = self.resolve(&root, wide!(CONTROL), false) else { return Ok(()) };
        let mut text: Vec<u16> = Vec::with_capacity(options.len() + 2);
        let mut is_between = true;
        for byte in options.bytes() {
            if byte.is_ascii_whitespace() {
                is_between = true;
                continue;
            }
            if core::mem::take(&mut is_between) {
                text.push(b' '.into());
            }
            text.push(byte.to_ascii_uppercase().into());
        }
        text.push(0);
        let place = control.place();
        let keys = &mut self.hive_mut(place.hive)?.keys;
        keys.set_value(place.id, wide!(OPTIONS), RegType::SZ, text.as_bytes()).map_err(edit_status)
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
        let shadow = self.memory_key(template::SHADOWS, name.as_str())?;
        self.set_shadow(of, shadow);
        Ok(shadow)
    }
}
