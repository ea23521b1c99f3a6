//! Step 11: variables that say what the machine is, for the next boot's environment (spec/smss.md 1.3).

use alloc::vec::Vec;

use nt::registry::{access, value_type};
use nt::{NtStatus, wide};
use rt::objects::Name;
use rt::registry::Key;
use rt::system;

use super::Init;
use super::registry::{ENVIRONMENT, Keys};
use crate::programs;

/// Where the first processor is described.
const PROCESSOR: &[u16] = wide!(r"\Registry\Machine\Hardware\Description\System\CentralProcessor\0");

/// Writes all of them to the session manager's key `Environment`.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND: the processor is not described; what the registry says.
pub fn all(init: &Init) -> Result<(), NtStatus> {
    let keys = init.keys.as_ref().ok_or(NtStatus::UNSUCCESSFUL)?;
    let made;
    let environment = match &keys.environment {
        Some(key) => key,
        None => {
            let name = Name::new(ENVIRONMENT).below(keys.own.handle());
            made = Key::create(&name, access::READ | access::SET_VALUE)?;
            &made
        }
    };
    let processor = system::processor_information()?;
    let basic = system::basic_information()?;
    let architecture = processor.processor_architecture;
    let write = |name: &[u16], text: &[u16]| {
        // What has been read so, and that no program can have changed since, is there.
        if programs::any_started() || !keys.has(name, text) {
            environment.set_text(name, text)
        } else {
            Ok(())
        }
    };
    write(wide!("OS"), wide!("Windows_NT"))?;
    write(wide!("PROCESSOR_ARCHITECTURE"), smgrammar::architecture(architecture))?;
    let level = smgrammar::decimal(processor.processor_level.into());
    write(wide!("PROCESSOR_LEVEL"), &level)?;
    write(wide!("PROCESSOR_IDENTIFIER"), &identifier()?)?;
    let revision = smgrammar::revision(processor.processor_revision, architecture);
    write(wide!("PROCESSOR_REVISION"), &revision)?;
    let count = smgrammar::decimal(basic.number_of_processors.into());
    write(wide!("NUMBER_OF_PROCESSORS"), &count)?;
    match safe_boot(keys) {
        Some(option) => write(wide!("SAFEBOOT_OPTION"), option),
        None => Ok(()),
    }
}

/// `Identifier`, a comma, `VendorIdentifier`.
fn identifier() -> Result<Vec<u16>, NtStatus> {
    let values = Key::open(PROCESSOR)?.values()?;
    let text = |name: &[u16]| {
        let value = values.iter().find(|value| smgrammar::same(&value.name, name));
        value.map(|value| value.value.text()).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)
    };
    Ok([&text(wide!("Identifier"))?, wide!(", ") as &[u16], &text(wide!("VendorIdentifier"))?].concat())
}

impl Keys {
    /// Whether `Environment` had a variable with that text.
    fn has(&self, name: &[u16], text: &[u16]) -> bool {
        let variable = self.variables.iter().find(|variable| smgrammar::same(&variable.name, name));
        variable.is_some_and(|variable| {
            let units = variable.value.units();
            variable.value.kind == value_type::SZ && units.strip_suffix(&[0]) == Some(text)
        })
    }
}

/// The kind of a safe boot, which the kernel leaves in the registry.
fn safe_boot(keys: &Keys) -> Option<&'static [u16]> {
    let key = keys.control.subkey(wide!(r"SafeBoot\Option")).ok()?;
    let option = key.value(wide!("OptionValue")).ok()?;
    smgrammar::safe_boot(u32::from_le_bytes(option.data.as_slice().try_into().ok()?))
}
