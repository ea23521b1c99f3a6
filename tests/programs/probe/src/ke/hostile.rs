//! Arguments that no honest program has: refused, and the kernel lives.

use nt::NtStatus;

use super::{calls, expect, same};
use crate::asm;
use crate::checks::{number_of, verdict};

/// Services with pointers, and which argument is one.
const POINTERS: &[(&str, usize)] = &[
    ("NtCreateEvent", 0),
    ("NtCreateEvent", 2),
    ("NtOpenEvent", 0),
    ("NtOpenEvent", 2),
    ("NtCreateSemaphore", 0),
    ("NtCreateSemaphore", 2),
    ("NtOpenSemaphore", 2),
    ("NtCreateMutant", 0),
    ("NtCreateMutant", 2),
    ("NtOpenMutant", 2),
    ("NtCreateTimer", 0),
    ("NtCreateTimer", 2),
    ("NtOpenTimer", 2),
    ("NtWaitForSingleObject", 2),
    ("NtDelayExecution", 1),
    ("NtContinue", 0),
    ("NtRaiseException", 0),
    ("NtRaiseException", 1),
    ("NtQuerySystemTime", 0),
    ("NtSetSystemTime", 0),
    ("NtGetContextThread", 1),
    ("NtSetContextThread", 1),
];

/// Services whose first argument is a handle.
const HANDLES: &[&str] = &[
    "NtWaitForSingleObject",
    "NtSignalAndWaitForSingleObject",
    "NtSetEvent",
    "NtResetEvent",
    "NtClearEvent",
    "NtPulseEvent",
    "NtReleaseMutant",
    "NtCancelTimer",
    "NtQueueApcThread",
    "NtAlertThread",
    "NtAlertResumeThread",
    "NtSuspendThread",
    "NtResumeThread",
    "NtSuspendProcess",
    "NtResumeProcess",
];

/// Bad pointers and bad handles to all of them.
pub fn arguments() {
    for &(name, place) in POINTERS {
        for address in [8, 0x7FF_FFFF_0000, 0x4000_0000_0000, u64::MAX] {
            // The other arguments are good enough: an event type, no time-out, the own thread.
            let mut arguments = [0_u64; 3];
            if name.ends_with("ContextThread") {
                arguments[0] = -2_i64 as u64;
            }
            arguments[place] = address;
            let [first, second, third] = arguments;
            let status = asm::system_call(number_of(name), first, second, third);
            let refused = status == u64::from(NtStatus::ACCESS_VIOLATION.0);
            // An open without attributes, or with a bad handle, is refused for that.
            verdict(name, refused || status >= 0xC000_0000, "it was accepted");
        }
    }
    for name in HANDLES {
        for handle in [0, 0x4444, 0x8000_0000, u64::MAX - 8, 3] {
            let status = asm::system_call(number_of(name), handle, 0, 0);
            verdict(name, status >= 0xC000_0000, "it was accepted");
        }
    }
    let (_, mutant) = calls::mutant("", false);
    for (name, call) in [("set", calls::set as fn(_) -> _), ("pulse", calls::pulse), ("reset", calls::reset)]
    {
        expect(name, call(mutant).0, NtStatus::OBJECT_TYPE_MISMATCH);
    }
    expect("release", calls::release(mutant, 1).0, NtStatus::OBJECT_TYPE_MISMATCH);
    expect("cancel", calls::cancel(mutant).0, NtStatus::OBJECT_TYPE_MISMATCH);
    expect("suspend", calls::suspend(mutant).0, NtStatus::OBJECT_TYPE_MISMATCH);
    rt::close(mutant);
    let (_, timer) = calls::timer("", calls::SYNCHRONIZATION);
    for due in [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1] {
        for period in [0, 1, i32::MAX] {
            expect("far-timer", calls::set_timer(timer, due, None, period).0, NtStatus::SUCCESS);
        }
    }
    rt::close(timer);
    let event = calls::event(calls::NOTIFICATION, true);
    for timeout in [i64::MIN, i64::MAX] {
        expect("far-time-out", calls::wait(event, Some(timeout)), NtStatus::SUCCESS);
    }
    // The result is written after the state has changed, as NT does it.
    let status = asm::system_call(number_of("NtResetEvent"), event.0, 8, 0);
    same("previous-state", status, NtStatus::ACCESS_VIOLATION.0.into());
    expect("previous-state-lost", calls::poll(event), NtStatus::TIMEOUT);
    rt::close(event);
}
