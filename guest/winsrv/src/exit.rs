//! ExitWindowsEx (spec/smss.md 4.4). Whoever wants the session to end asks winlogon; winlogon then asks again, for the user's processes
//! and for those of the system, and shuts the system down itself.

use csrlib::api::{ApiRoutine, Caller, ShutdownAnswer, TOP_LEVEL};
use csrlib::{object, process, server};
use nt::NtStatus;
use nt::csr::exit_windows::{CALLER_SYSTEM, CALLER_WINLOGON, FORCE, LOGOFF, POWEROFF, REBOOT, SHUTDOWN};
use nt::csr::{ApiMessage, ExitWindows};
use nt::security::privilege;
use nt::winlogon::SHUTDOWN_EVENTS;

/// By number: `nt::csr::user_api`.
pub static APIS: [ApiRoutine; 1] = [exit_windows];

/// How long an ended process may take until it has gone, in milliseconds.
const PATIENCE: u32 = 5000;

extern "win64" fn exit_windows(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    let mut wanted: ExitWindows = message.get();
    let result = exit(caller, wanted.flags);
    wanted.success = result.is_ok().into();
    message.set(&wanted);
    result.err().unwrap_or(NtStatus::SUCCESS)
}

fn exit(caller: &Caller, flags: u32) -> Result<(), NtStatus> {
    let winlogon = caller.flags & TOP_LEVEL != 0;
    let internal = flags & (CALLER_WINLOGON | CALLER_SYSTEM);
    let asked = flags & !(internal | FORCE);
    if asked & !(SHUTDOWN | REBOOT | POWEROFF) != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if asked != LOGOFF && !process::has_privilege(caller.process, privilege::SHUTDOWN)? {
        return Err(NtStatus::PRIVILEGE_NOT_HELD);
    }
    match (internal, winlogon) {
        (0, _) => ask_winlogon(caller, asked, flags),
        (_, true) => server::shutdown_processes(caller, flags),
        // Only winlogon may say so.
        (_, false) => Err(NtStatus::ACCESS_DENIED),
    }
}

/// A log-off needs nothing of winlogon but that the user's processes end: it sees that by itself.
fn ask_winlogon(caller: &Caller, asked: u32, flags: u32) -> Result<(), NtStatus> {
    /// By action of NtShutdownSystem.
    const HALT: usize = 0;
    const RESTART: usize = 1;
    const OFF: usize = 2;
    let action = match asked {
        LOGOFF => return server::shutdown_processes(caller, flags | CALLER_WINLOGON),
        asked if asked & REBOOT != 0 => RESTART,
        asked if asked & POWEROFF != 0 => OFF,
        _ => HALT,
    };
    let name: alloc::vec::Vec<u16> = SHUTDOWN_EVENTS[action].encode_utf16().collect();
    object::signal(&name)
}

/// Ends a process of the session; winlogon stays, and processes of the system are left alone. There are no windows that could say no,
/// so `FORCE` makes no difference.
pub extern "win64" fn end_process(victim: &Caller, flags: u32) -> ShutdownAnswer {
    if victim.flags & TOP_LEVEL != 0 || flags & CALLER_SYSTEM != 0 {
        return ShutdownAnswer::NotMine;
    }
    process::terminate(victim.process, NtStatus::DBG_TERMINATE_PROCESS);
    process::wait(victim.process, PATIENCE);
    ShutdownAnswer::Ended
}
