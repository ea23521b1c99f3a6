//! What takes a privilege.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::psinfo::{process_class, thread_class};
use nt::security::privilege;
use nt::sysinfo::class;
use nt::types::{UnicodeString, UserPtr};
use rt::syscall;

use super::call::{PROCESS, THREAD};
use super::{as_user, ends};
use crate::checks::verdict;
use crate::reg::{Wide, from, to};

const MISSING: NtStatus = NtStatus::PRIVILEGE_NOT_HELD;

/// Powers the system off, without seeing to the privilege.
fn shut_down() -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtShutdownSystem(2) }
}

/// A hard error that is to stop the system.
fn hard_error() -> NtStatus {
    let mut response = 0_u32;
    // SAFETY: the response outlives the call.
    unsafe { syscall::NtRaiseHardError(NtStatus(0xC000_021A), 0, 0, UserPtr::new(0), 6, to(&mut response)) }
}

fn set_time() -> NtStatus {
    let time = 0x01D0_0000_0000_0000_i64;
    // SAFETY: the time outlives the call.
    unsafe { syscall::NtSetSystemTime(from(&time), UserPtr::new(0)) }
}

fn load_driver() -> NtStatus {
    let wide = Wide::new(r"\SystemRoot\System32\none.sys");
    let string: UnicodeString = wide.string();
    // SAFETY: the string outlives the call.
    unsafe { syscall::NtSetSystemInformation(class::EXTEND_SERVICE_TABLE, from(&string), 16) }
}

fn set_process(class: u32, value: u32) -> NtStatus {
    // SAFETY: the value outlives the call.
    unsafe { syscall::NtSetInformationProcess(PROCESS, class, from(&value), 4) }
}

fn set_thread(class: u32, value: u32) -> NtStatus {
    // SAFETY: the value outlives the call.
    unsafe { syscall::NtSetInformationThread(THREAD, class, from(&value), 4) }
}

fn real_time_class() -> NtStatus {
    let class = [0_u8, 4];
    // SAFETY: the class outlives the call.
    unsafe { syscall::NtSetInformationProcess(PROCESS, process_class::PRIORITY_CLASS, from(&class), 2) }
}

fn hard_error_port() -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtSetDefaultHardErrorPort(nt::types::Handle(0x4440)) }
}

fn create_session() -> NtStatus {
    let mut session = 0_u32;
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtSetSystemInformation(class::SESSION_CREATE, to(&mut session), 4) }
}

pub fn checks() {
    // The system has these, but they are not enabled.
    ends("shutdown", shut_down(), MISSING);
    ends("hard-error", hard_error(), MISSING);
    ends("time", set_time(), MISSING);
    ends("driver", load_driver(), MISSING);
    ends("session", create_session(), MISSING);
    let enabled = rt::adjust_privilege(privilege::LOAD_DRIVER, true);
    verdict("driver-enable", enabled.is_ok(), "not held");
    // There is no session that it could be loaded into.
    ends("driver-enabled", load_driver(), NtStatus::INVALID_PARAMETER);
    let unknown = rt::adjust_privilege(privilege::MACHINE_ACCOUNT, true);
    verdict("machine-account", unknown == Err(NtStatus::NOT_ALL_ASSIGNED), "held");
    // These it has enabled.
    ends("critical", set_process(process_class::BREAK_ON_TERMINATION, 0), NtStatus::SUCCESS);
    ends("real-time", set_thread(thread_class::PRIORITY, 16), NtStatus::SUCCESS);
    ends("real-time-back", set_thread(thread_class::PRIORITY, 8), NtStatus::SUCCESS);
    ends("port", hard_error_port(), NtStatus::INVALID_HANDLE);
    as_user(|| {
        ends("user-critical", set_process(process_class::BREAK_ON_TERMINATION, 0), MISSING);
        ends("user-critical-thread", set_thread(thread_class::BREAK_ON_TERMINATION, 0), MISSING);
        ends("user-real-time", set_thread(thread_class::PRIORITY, 16), MISSING);
        ends("user-priority", set_thread(thread_class::PRIORITY, 15), NtStatus::SUCCESS);
        ends("user-priority-back", set_thread(thread_class::PRIORITY, 8), NtStatus::SUCCESS);
        ends("user-base", set_process(process_class::BASE_PRIORITY, 9), MISSING);
        ends("user-class", real_time_class(), MISSING);
        ends("user-session", set_process(process_class::SESSION, 1), MISSING);
        ends("user-port", hard_error_port(), MISSING);
        ends("user-driver", load_driver(), MISSING);
        ends("user-shutdown", shut_down(), MISSING);
    });
}
