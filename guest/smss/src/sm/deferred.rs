//! LoadDeferedSubsystem: a subsystem that `Optional` names is started when it is first needed (spec/smss.md 3.4).

use nt::NtStatus;
use nt::security::PROCESS_QUERY_INFORMATION;
use nt::sm::LoadDefered;
use rt::process;

use super::clients::Client;
use super::listen::Busy;
use crate::subsystem::configuration;
use crate::subsystem::start::{self, New};
use crate::subsystem::table::TABLE;

/// Starts it in the client's session.
///
/// # Errors
/// INVALID_PARAMETER: the length is odd or too large; OBJECT_NAME_NOT_FOUND: `Optional` does not name it; what
/// starting it says.
pub fn load(client: &Client, request: &LoadDefered) -> Result<(), NtStatus> {
    let length = request.length as usize;
    let name = request
        .name
        .get(..length / 2)
        .filter(|name| length.is_multiple_of(2) && !name.is_empty())
        .ok_or(NtStatus::INVALID_PARAMETER)?;
    let configuration = configuration::get().ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let entry = configuration.settings.deferred.find(name).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let own = client.subsystem.and_then(|id| TABLE.lock().contact(id)).map(|contact| contact.mu_session);
    let mu_session = match own {
        Some(session) => session,
        None => process::session(process::open(client.process, PROCESS_QUERY_INFORMATION)?.get())?,
    };
    let _busy = Busy::new();
    let new = New { name: &entry.name, line: &entry.value, mu_session, deferred: true };
    start::subsystem(&configuration, &new).map(drop)
}
