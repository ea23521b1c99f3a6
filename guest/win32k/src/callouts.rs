//! What the kernel tells of processes and threads.

use nt::NtStatus;

use crate::ntoskrnl::{Callouts, Pointer};
use crate::process::{self, Process};
use crate::station;

/// What the kernel calls.
pub static CALLOUTS: Callouts = Callouts { process: on_process, thread: on_thread };

/// PsW32ThreadCalloutInitialize.
const BEGINS: u32 = 0;

extern "win64" fn on_process(process: Pointer, begins: u8) -> NtStatus {
    if begins == 0 {
        station::process_ends(process::current_id());
        Process::end(process);
        return NtStatus::SUCCESS;
    }
    status(Process::begin(process))
}

extern "win64" fn on_thread(thread: Pointer, what: u32) -> NtStatus {
    let Some(process) = Process::current() else { return NtStatus::UNSUCCESSFUL };
    if what == BEGINS {
        return status(process.begin_thread(thread));
    }
    process.end_thread();
    NtStatus::SUCCESS
}

fn status(result: Result<(), NtStatus>) -> NtStatus {
    result.err().unwrap_or(NtStatus::SUCCESS)
}
