//! How csrsrv starts, in the order of spec/smss.md 5.1. The page size, which NT asks for first, is known on x64.

use csrlib::descriptor;
use csrlib::object::protect;
use nt::NtStatus;
use nt::csr::SB_API_PORT;
use nt::types::Handle;

use crate::options::{self, Options};
use crate::{directories, loader, request, session};

/// What the system may do with csrss: PROCESS_TERMINATE, VM_OPERATION, VM_READ, VM_WRITE, DUP_HANDLE, QUERY_INFORMATION,
/// SUSPEND_RESUME, READ_CONTROL.
const RIGHTS: u32 = 0x2_0C79;

descriptor! {
    /// Nobody but its own user gets at the process.
    OWN = (0, System, RIGHTS)
}

/// Starts the server for a session by a command line. When the session manager has been told, clients can connect already; the
/// hard-error port is set a moment later.
///
/// # Errors
/// Whatever went wrong.
pub fn server(line: &[u16], session: u32) -> Result<(), NtStatus> {
    protect(Handle::CURRENT_PROCESS, &OWN)?;
    loader::add_own();
    directories::create(session)?;
    let Options { directory, subsystem_type, max_threads } = options::apply(line, session)?;
    request::start(&directory, max_threads)?;
    let mut name = directory;
    name.extend(SB_API_PORT.encode_utf16());
    session::start(&name, subsystem_type)?;
    // The kernel takes one such port: the first session's (spec/smss.md 4.2).
    if session == 0 { request::show_hard_errors() } else { Ok(()) }
}
