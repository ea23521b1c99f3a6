//! Suspension: a count on each thread. A thread with one stops on its way to user mode; what it waits for in the
//! meantime is not for it, so its wait is broken off and begun again when it is resumed.

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use nt::NtStatus;
use nt::types::{Handle, UserPtr};

use super::service::NtResult;
use super::wait::{self, Mode};
use crate::mm::user;
use crate::ob;
use crate::ps::Thread;

/// MAXIMUM_SUSPEND_COUNT.
const MAXIMUM: u8 = 0x7F;

/// Suspends a thread once more. Returns how often it was suspended before.
///
/// # Errors
/// THREAD_IS_TERMINATING, SUSPEND_COUNT_EXCEEDED.
pub fn suspend(thread: &Arc<Thread>) -> Result<u32, NtStatus> {
    if thread.must_end() {
        return Err(NtStatus::THREAD_IS_TERMINATING);
    }
    let count = thread.tcb.suspensions.load(Ordering::Relaxed);
    if count >= MAXIMUM {
        return Err(NtStatus::SUSPEND_COUNT_EXCEEDED);
    }
    thread.tcb.suspensions.store(count + 1, Ordering::Relaxed);
    if count == 0 {
        thread.call_for_attention();
        if thread.tcb.waits_breakably() {
            wait::wake(thread, wait::SUSPENDED, 0);
        }
    }
    Ok(count.into())
}

/// Takes one suspension of a thread back. Returns how often it was suspended before.
pub fn resume(thread: &Arc<Thread>) -> u32 {
    let count = thread.tcb.suspensions.load(Ordering::Relaxed);
    if count > 0 {
        thread.tcb.suspensions.store(count - 1, Ordering::Relaxed);
        if count == 1 && thread.tcb.stays.load(Ordering::Relaxed) {
            wait::wake(thread, NtStatus::SUCCESS, 0);
        }
    }
    count.into()
}

/// Whether a thread is suspended.
pub(super) fn is_suspended(thread: &Thread) -> bool {
    thread.tcb.suspensions.load(Ordering::Relaxed) > 0
}

/// Keeps the current thread where it is for as long as it is suspended and need not end.
pub(super) fn stay(thread: &Arc<Thread>) {
    while is_suspended(thread) && !thread.must_end() {
        thread.tcb.stays.store(true, Ordering::Relaxed);
        wait::sleep(thread, None, Mode::User, false);
        thread.tcb.stays.store(false, Ordering::Relaxed);
    }
}

/// THREAD_SUSPEND_RESUME, PROCESS_SUSPEND_RESUME.
const THREAD_ACCESS: u32 = 0x02;
const PROCESS_ACCESS: u32 = 0x800;

/// `NtSuspendThread`.
pub fn suspend_thread(thread: Handle, previous: UserPtr<u32>) -> NtResult {
    let before = suspend(&user_thread(thread)?)?;
    user::write_optional(previous, &before.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtResumeThread`.
pub fn resume_thread(thread: Handle, previous: UserPtr<u32>) -> NtResult {
    let before = resume(&user_thread(thread)?);
    user::write_optional(previous, &before.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

fn user_thread(thread: Handle) -> Result<Arc<Thread>, NtStatus> {
    let thread = ob::handle::thread(thread, THREAD_ACCESS)?;
    if thread.has_user_mode() { Ok(thread) } else { Err(NtStatus::INVALID_HANDLE) }
}

/// `NtSuspendProcess`: all of its threads, as far as each can be.
pub fn suspend_process(process: Handle) -> NtResult {
    for thread in ob::handle::process(process, PROCESS_ACCESS)?.threads() {
        // One that ends, or is suspended as often as it can be, is suspended enough.
        let _ = suspend(&thread);
    }
    Ok(NtStatus::SUCCESS)
}

/// `NtResumeProcess`.
pub fn resume_process(process: Handle) -> NtResult {
    for thread in ob::handle::process(process, PROCESS_ACCESS)?.threads() {
        resume(&thread);
    }
    Ok(NtStatus::SUCCESS)
}
