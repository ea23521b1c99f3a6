//! The initial command (spec/smss.md 1.3 steps 16 and 18).

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::sm::{ExecPgm, SbConnectionInfo, SmMessage, sm_api};
use nt::types::{ClientId, Handle};
use rt::handle::Owned;
use rt::lpc::Port;
use rt::process::{self, Child};
use smgrammar::Command;
use zerocopy::FromZeros;

use crate::init::{Init, command};
use crate::programs;
use crate::sm;
use crate::sm::exec;
use crate::subsystem::configuration;
use crate::subsystem::table::TABLE;

/// The program without `Execute`.
const LOGON: &[u16] = nt::wide!("winlogon.exe");
/// The value of Image File Execution Options that takes its place.
const DEBUGGER: &[u16] = nt::wide!("Debugger");
/// How long the system is given before the programs of `Execute`, in 100 ns.
const EXECUTE_DELAY: u32 = 5 * 10_000_000;
const BLANK: u16 = b' ' as u16;

/// The process of the initial command.
#[derive(Debug)]
pub struct Initial {
    /// Its handle.
    pub process: Owned,
}

/// Chooses the initial command: winlogon.exe, behind its debugger if it has one; or the last line of `Execute`, whose
/// other lines are run before, after 5 seconds.
///
/// # Errors
/// None: what becomes of the lines does not matter.
pub fn choose(init: &mut Init) -> Result<(), NtStatus> {
    let last = init.settings.execute.entries().last().map(|entry| entry.name.clone());
    init.initial_command = match last {
        Some(last) => {
            rt::delay(EXECUTE_DELAY);
            let lines = init.settings.execute.entries();
            for line in lines.get(..lines.len() - 1).unwrap_or_default() {
                let _ = command::line(init, &line.name);
            }
            last
        }
        None => {
            let mut line =
                process::execution_option(LOGON, DEBUGGER).map_or_else(Vec::new, |mut debugger| {
                    debugger.push(BLANK);
                    debugger
                });
            line.extend_from_slice(LOGON);
            line
        }
    };
    // Sessions that are made later begin with it, too.
    configuration::set(init);
    Ok(())
}

/// Starts it, by the session manager's own port as anybody would.
///
/// # Errors
/// UNSUCCESSFUL for a line without a program, OBJECT_NAME_NOT_FOUND, what making it says, and what ExecPgm answers.
pub fn start(init: &Init) -> Result<Initial, NtStatus> {
    let child = make(init, &init.initial_command, 0)?;
    let started = Owned::copy_from(Handle::CURRENT_PROCESS, child.process()).and_then(|process| {
        let port = Port::connect(sm::NAME, &mut SbConnectionInfo::new_zeroed())?;
        let data = ExecPgm { process: *child.information(), ..ExecPgm::default() };
        let mut message = SmMessage::new(sm_api::EXEC_PGM, &data);
        port.request(&mut message)?;
        NtStatus(message.status).ok()?;
        Ok(Initial { process })
    });
    started.inspect_err(|&status| {
        child.terminate(status);
    })
}

/// Starts the initial command of another session. Its process id.
///
/// # Errors
/// As [`start`].
pub fn start_in(init: &Init, line: &[u16], mu_session: u32) -> Result<u64, NtStatus> {
    let child = make(init, line, mu_session)?;
    let information = *child.information();
    let started = Owned::copy_from(Handle::CURRENT_PROCESS, child.process()).and_then(|process| {
        let thread = Owned::copy_from(Handle::CURRENT_PROCESS, child.thread())?;
        exec::hand_over(&process, &thread, &information, None, ClientId::default())?;
        TABLE.lock().set_initial(mu_session, Arc::new(process));
        Ok(information.client_id.process)
    });
    started.inspect_err(|&status| {
        child.terminate(status);
    })
}

fn make(init: &Init, line: &[u16], mu_session: u32) -> Result<Child, NtStatus> {
    let command = Command::parse(line).ok_or(NtStatus::UNSUCCESSFUL)?;
    let image = programs::find(init, command.program).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let child = programs::create(init, &image, line, 0, command.debug)?;
    process::set_session(child.process(), mu_session).inspect_err(|&status| {
        child.terminate(status);
    })?;
    Ok(child)
}
