//! The orderly end (spec/smss.md 4.4): the user's processes end, the system's stay; then the kernel flushes and
//! switches off.

use alloc::vec::Vec;

use nt::security::PROCESS_TERMINATE;
use nt::types::Handle;
use nt::{NtStatus, events};
use rt::tasks::{self, Task};
use rt::{ShutdownAction, handle, process};

/// How the system is to end: an action of `NtShutdownSystem`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish(pub u32);

impl Wish {
    /// Off.
    pub const POWER_OFF: Self = Self(ShutdownAction::PowerOff as u32);
}

/// The System process.
const SYSTEM: u64 = 4;
/// How long a process may take to its end, in seconds.
const PATIENCE: u32 = 5;
/// SYNCHRONIZE.
const SYNCHRONIZE: u32 = 0x10_0000;

/// Ends the user's processes and shuts the system down. Returns only why that failed.
pub fn carry_out(wish: Wish, system: &[u64]) -> NtStatus {
    let ended = end_users(system);
    rt::trace(events::WINLOGON_SHUTDOWN, b'I', [wish.0.into(), ended], "");
    rt::shutdown(match wish.0 {
        0 => ShutdownAction::NoReboot,
        1 => ShutdownAction::Reboot,
        _ => ShutdownAction::PowerOff,
    })
}

/// Ends every process that is not the system's; how many there were.
fn end_users(system: &[u64]) -> u64 {
    let own = process::basic(Handle::CURRENT_PROCESS).map_or(0, |basic| basic.unique_process_id);
    let tasks = tasks::list().unwrap_or_default();
    let stay = staying(&tasks, own, system);
    let mut ended = Vec::new();
    for id in tasks.iter().map(id_of).filter(|id| !stay.contains(id)) {
        if let Ok(process) = process::open(id, PROCESS_TERMINATE | SYNCHRONIZE) {
            process::terminate(process.get(), NtStatus::DBG_TERMINATE_PROCESS);
            ended.push(process);
        }
    }
    for process in &ended {
        handle::wait_seconds(process.get(), PATIENCE);
    }
    ended.len() as u64
}

fn id_of(task: &Task) -> u64 {
    task.information.unique_process_id
}

/// The system's processes: System, the session manager and its children (csrss, other subsystems, logon processes, programs of
/// BootExecute that nobody waits for), services.exe and lsass.exe, and what these have started.
fn staying(tasks: &[Task], own: u64, system: &[u64]) -> Vec<u64> {
    let parent_of = |task: &Task| task.information.inherited_from_unique_process_id;
    let mut stay: Vec<u64> = Vec::new();
    let managers: Vec<u64> = tasks.iter().filter(|task| parent_of(task) == SYSTEM).map(id_of).collect();
    // A child comes behind its parent in the list, unless the parent has ended.
    for task in tasks {
        let (id, parent) = (id_of(task), parent_of(task));
        let of_manager = id <= SYSTEM || parent == SYSTEM || managers.contains(&parent);
        let of_system = parent != own && stay.contains(&parent) && !managers.contains(&parent);
        if of_manager || of_system || system.contains(&id) || id == own {
            stay.push(id);
        }
    }
    stay
}
