//! Step 11: variables that say what the machine is, for the next boot's environment (spec/smss.md 1.3).

use alloc::vec::Vec;

use nt::registry::access;
use nt::{NtStatus, wide};
use rt::objects::Name;
use rt::registry::Key;
use rt::system;

use super::Init;
use super::registry::{ENVIRONMENT, Keys};

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
    environment.set_text(wide!("OS"), wide!("Windows_NT"))?;
    environment.set_text(wide!("PROCESSOR_ARCHITECTURE"), smgrammar::architecture(architecture))?;
    let level = smgrammar::decimal(processor.processor_level.into());
    environment.set_text(wide!("PROCESSOR_LEVEL"), &level)?;
    environment.set_text(wide!("PROCESSOR_IDENTIFIER"), &identifier()?)?;
    let revision = smgrammar::revision(processor.processor_revision, architecture);
    environment.set_text(wide!("PROCESSOR_REVISION"), &revision)?;
    let count = smgrammar::decimal(basic.number_of_processors.into());
    environment.set_text(wide!("NUMBER_OF_PROCESSORS"), &count)?;
    match safe_boot(keys) {
        Some(option) => environment.set_text(wide!("SAFEBOOT_OPTION"), option),
        None => Ok(()),
    }
}

/// `Identifier`, a comma, `VendorIdentifier`.
fn identifier() -> Result<Vec<u16>, NtStatus> {
    let key = Key::open(PROCESSOR)?;
    let mut text = key.value(wide!("Identifier"))?.text();
    text.extend_from_slice(wide!(", "));
    text.extend_from_slice(&key.value(wide!("VendorIdentifier"))?.text());
    Ok(text)
}

/// The kind of a safe boot, which the kernel leaves in the registry.
fn safe_boot(keys: &Keys) -> Option<&'static [u16]> {
    let key = keys.control.subkey(wide!(r"SafeBoot\Option")).ok()?;
    let option = key.value(wide!("OptionValue")).ok()?;
    smgrammar::safe_boot(u32::from_le_bytes(option.data.as_slice().try_into().ok()?))
}
