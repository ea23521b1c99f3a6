//! POSIX and OS/2 subsystems, which the session's Windows subsystem makes (spec/smss.md 3.3).

use alloc::sync::Arc;

use nt::NtStatus;
use nt::process::{SectionImageInformation, UserProcessInformation};
use nt::sm::{SbCreateProcess, SbMessage, SbProcessCreated, process_flags, sb_api, subsystem};
use nt::types::{ClientId, Handle};
use rt::handle::Owned;
use rt::lpc::Port;
use rt::{Pointed, process};

use super::sb;
use super::table::TABLE;
use crate::sm::exec;

/// Asks the Windows subsystem for the process, and hands it over to it, which lets it run.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND: the session has no Windows subsystem; what that one answers.
pub fn make(id: u32, image: &[u16], line: &[u16], mu_session: u32, debug: bool) -> Result<(), NtStatus> {
    let windows = TABLE.lock().by_kind(mu_session, subsystem::WINDOWS_GUI);
    let windows = windows.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let port = windows.port.as_ref().ok_or(NtStatus::PORT_DISCONNECTED)?;
    let created = ask(port, image, line, debug)?;
    let (process, thread) = take(windows.process.get(), &created)?;
    let process = Arc::new(process);
    let handed = process::set_session(process.get(), mu_session).and_then(|()| {
        if !TABLE.lock().made(id, &process, created.client_id.process, false) {
            return Err(NtStatus::DELETE_PENDING);
        }
        let information = UserProcessInformation {
            length: size_of::<UserProcessInformation>() as u32,
            client_id: created.client_id,
            // Whatever its image is: the Windows subsystem has it.
            image: SectionImageInformation {
                subsystem_type: subsystem::WINDOWS_GUI,
                ..SectionImageInformation::default()
            },
            ..UserProcessInformation::default()
        };
        exec::hand_over(&process, &thread, &information, None, ClientId::default())
    });
    if let Err(status) = handed {
        process::terminate(process.get(), status);
    }
    handed?;
    process::resume(thread.get()).ok()
}

/// CreateProcess, with the strings where the subsystem can read them.
fn ask(
    port: &Port<SbMessage>,
    image: &[u16],
    line: &[u16],
    debug: bool,
) -> Result<SbProcessCreated, NtStatus> {
    let (image, directory, line) = (Pointed::new(image), Pointed::new(&[]), Pointed::new(line));
    let data = SbCreateProcess {
        image: image.address(),
        directory: directory.address(),
        command_line: line.address(),
        dll_path: 0,
        flags: process_flags::RESERVE_1MB | if debug { process_flags::DEBUG } else { 0 },
        debug_flags: debug.into(),
    };
    let mut message = SbMessage::new(sb_api::CREATE_PROCESS, &data);
    sb::send(port, &mut message)?;
    message.get().ok_or(NtStatus::UNSUCCESSFUL)
}

/// The Windows subsystem's handles become the session manager's.
fn take(windows: Handle, created: &SbProcessCreated) -> Result<(Owned, Owned), NtStatus> {
    let process = Owned::move_from(windows, Handle(created.process))?;
    let thread = Owned::move_from(windows, Handle(created.thread)).inspect_err(|&status| {
        process::terminate(process.get(), status);
    })?;
    Ok((process, thread))
}
