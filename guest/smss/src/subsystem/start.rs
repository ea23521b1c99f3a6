//! Starting a subsystem (spec/smss.md 3.3).

use alloc::string::String;
use alloc::sync::Arc;

use nt::layout::parameters::FLAG_RESERVE_1MB;
use nt::sm::subsystem::NATIVE;
use nt::types::Handle;
use nt::{NtStatus, events};
use rt::handle::{self, Owned};
use rt::process;
use smgrammar::Command;

use super::table::TABLE;
use super::{end, posix};
use crate::init::Init;
use crate::programs;

/// How long a subsystem of another session than the first may take to connect, in seconds.
const PATIENCE: u32 = 60;
/// The subsystem whose end is the system's.
const WINDOWS: &[u16] = nt::wide!("Windows");
/// Subsystems that the Windows subsystem makes.
const FOREIGN: [&[u16]; 2] = [nt::wide!("Posix"), nt::wide!("Os2")];

/// What is to be started.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// The name of its value.
    pub name: &'a [u16],
    /// Its command line.
    pub line: &'a [u16],
    /// MU session that it is to be in.
    pub mu_session: u32,
    /// It is started because somebody asks: one that is there already is enough.
    pub deferred: bool,
}

/// Starts a subsystem and waits until it has connected.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND: its image, or the subsystem that is to make it; IO_TIMEOUT: it has not connected within a
/// minute; DELETE_PENDING: its session has gone; what making it says.
pub fn subsystem(init: &Init, new: &New<'_>) -> Result<(), NtStatus> {
    rt::trace(events::SMSS_LOAD_SUBSYSTEM, b'B', [0; 2], &String::from_utf16_lossy(new.name));
    let result = start(init, new);
    rt::trace(events::SMSS_LOAD_SUBSYSTEM, b'E', [0; 2], "");
    result
}

fn start(init: &Init, new: &New<'_>) -> Result<(), NtStatus> {
    let command = Command::parse(new.line).ok_or(NtStatus::UNSUCCESSFUL)?;
    let image = programs::find(init, command.program).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    loop {
        let starting = TABLE.lock().starting(new.mu_session);
        match starting {
            Some(event) => rt::wait(event.get()).ok()?,
            None => break,
        }
    }
    let foreign = FOREIGN.iter().any(|name| smgrammar::same(name, new.name));
    // One for all sessions, if the registry says so.
    let anywhere = init.settings.posix_single_instance && smgrammar::same(new.name, FOREIGN[0]);
    let event = Arc::new(handle::event()?);
    let id = {
        let mut table = TABLE.lock();
        let already = table.has(new.name, (!anywhere).then_some(new.mu_session));
        if already && (foreign || new.deferred) {
            return Ok(());
        }
        table.add(new.name, new.mu_session, event.clone())
    };
    let started = match foreign {
        true => posix::make(id, &image, new.line, new.mu_session, command.debug),
        false => make(init, id, &image, new, command.debug),
    };
    let connected = started.and_then(|()| wait(&event, id, new.mu_session));
    if connected.is_err() {
        end::subsystem(id, NtStatus::UNSUCCESSFUL);
    }
    connected
}

/// Makes a subsystem's process and lets it run.
fn make(init: &Init, id: u32, image: &[u16], new: &New<'_>, debug: bool) -> Result<(), NtStatus> {
    let child = programs::create(init, image, new.line, FLAG_RESERVE_1MB, debug)?;
    process::set_session(child.process(), new.mu_session)
        .and_then(|()| Owned::copy_from(Handle::CURRENT_PROCESS, child.process()))
        .and_then(|process| {
            let is_windows = new.mu_session == 0 && child.subsystem() == NATIVE && {
                let table = TABLE.lock();
                smgrammar::same(new.name, WINDOWS) || table.windows().is_none()
            };
            let known = child.information().client_id.process;
            match TABLE.lock().made(id, &Arc::new(process), known, is_windows) {
                true => Ok(()),
                false => Err(NtStatus::DELETE_PENDING),
            }
        })
        .and_then(|()| child.resume().ok())
        .inspect_err(|&status| {
            child.terminate(status);
        })
}

/// Waits until the subsystem has connected.
fn wait(event: &Owned, id: u32, mu_session: u32) -> Result<(), NtStatus> {
    let status = match mu_session {
        // For ever, whatever becomes of it (spec 4.5).
        0 => rt::wait(event.get()),
        _ => handle::wait_seconds(event.get(), PATIENCE),
    };
    match status {
        _ if !TABLE.lock().is_there(id) => Err(NtStatus::DELETE_PENDING),
        NtStatus::TIMEOUT => Err(NtStatus::IO_TIMEOUT),
        status => status.ok(),
    }
}
