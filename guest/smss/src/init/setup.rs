//! Steps 0 and 3, as far as they go.

use nt::NtStatus;
use rt::registry::Key;

use super::Init;

/// The session manager's key.
const SESSION_MANAGER: &[u16] =
    nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager");

/// Makes the process and its main thread critical, with base priority 11.
pub fn become_critical() {}

/// Reads the registry.
///
/// # Errors
/// What opening the session manager's key says.
pub fn registry(init: &mut Init) -> Result<(), NtStatus> {
    let key = Key::open(SESSION_MANAGER)?;
    let lines = key.value(nt::wide!("BootExecute")).map(|value| value.units()).unwrap_or_default();
    for line in smgrammar::strings(&lines) {
        init.settings.boot_execute.save(line, &[]);
    }
    Ok(())
}
