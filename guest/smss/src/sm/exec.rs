//! ExecPgm: a suspended process is handed to the subsystem of its image (spec/smss.md 3.4).

use nt::NtStatus;
use nt::process::UserProcessInformation;
use nt::security::PROCESS_DUP_HANDLE;
use nt::sm::{ExecPgm, SbCreateSession, SbMessage, sb_api, subsystem};
use nt::types::{ClientId, Handle};
use rt::handle::{self, Owned};
use rt::process;

use super::clients::Client;
use super::listen::Busy;
use crate::subsystem::sb;
use crate::subsystem::table::TABLE;

/// Does it for a client, whose handles the message has.
///
/// # Errors
/// Those of [`hand_over`], and what opening the client and copying its handles says.
pub fn program(client: &Client, request: &ExecPgm) -> Result<(), NtStatus> {
    let sender = process::open(client.process, PROCESS_DUP_HANDLE)?;
    let information = &request.process;
    let process = Owned::copy_from(sender.get(), Handle(information.process))?;
    let thread = Owned::copy_from(sender.get(), Handle(information.thread))?;
    let debugger = match request.debug {
        0 => ClientId::default(),
        _ => ClientId { process: client.process, thread: 0 },
    };
    hand_over(&process, &thread, information, client.subsystem, debugger)
}

/// Hands a process over to the subsystem of its image, which lets it run. A native one without a subsystem of its own
/// is let run here.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND: its session has no subsystem at all; UNSUCCESSFUL: none for its image; what the subsystem
/// answers.
pub fn hand_over(
    process: &Owned,
    thread: &Owned,
    information: &UserProcessInformation,
    creator: Option<u32>,
    debugger: ClientId,
) -> Result<(), NtStatus> {
    let mu_session = process::session(process.get())?;
    let kind = match information.image.subsystem_type {
        // Console programs are the graphical subsystem's.
        subsystem::WINDOWS_CUI => subsystem::WINDOWS_GUI,
        kind => kind,
    };
    let (owner, session) = {
        let mut table = TABLE.lock();
        if !table.has_session(mu_session) {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        match table.by_kind(mu_session, kind) {
            Some(owner) => {
                let session = table.add_sm_session(owner.id, creator, mu_session);
                (owner, session)
            }
            None if kind == subsystem::NATIVE => {
                drop(table);
                return process::resume(thread.get()).ok();
            }
            None => return Err(NtStatus::UNSUCCESSFUL),
        }
    };
    let _busy = Busy::new();
    let told = tell(&owner, process, thread, information, session, mu_session, debugger);
    if told.is_err() {
        TABLE.lock().remove_sm_session(session);
    }
    told
}

/// Sends CreateSession, with handles of the subsystem's own.
fn tell(
    owner: &sb::Contact,
    process: &Owned,
    thread: &Owned,
    information: &UserProcessInformation,
    session: u32,
    mu_session: u32,
    debugger: ClientId,
) -> Result<(), NtStatus> {
    let port = owner.port.as_ref().ok_or(NtStatus::PORT_DISCONNECTED)?;
    let into = owner.process.get();
    let own_process = process.copy_to(into)?;
    let own_thread = thread.copy_to(into).inspect_err(|_| handle::close_in(into, own_process))?;
    let data = SbCreateSession {
        session,
        process: UserProcessInformation { process: own_process.0, thread: own_thread.0, ..*information },
        mu_session,
        debugger,
        ..SbCreateSession::default()
    };
    let mut message = SbMessage::new(sb_api::CREATE_SESSION, &data);
    let told = sb::send(port, &mut message);
    if told.is_err() {
        handle::close_in(into, own_process);
        handle::close_in(into, own_thread);
    }
    told
}
