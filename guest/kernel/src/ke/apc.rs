//! User APCs and alerts.
//!
//! An APC waits in its thread's queue until the thread waits alertably, tests for alerts, or continues from
//! another APC. Then the thread goes on in ntdll's `KiUserApcDispatcher`, with what it was about to do in a
//! CONTEXT on its stack (`nt::dispatch`); one at a time.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use hal::trap::{TrapFrame, UserFrame};
use nt::NtStatus;
use nt::dispatch::{self, Entry, context_flags};
use nt::types::{Handle, UserPtr};

use super::service::NtResult;
use super::wait::{self, Mode};
use super::{context, sched, suspend};
use crate::mm::user;
use crate::ob;
use crate::ps::{self, Thread};

/// THREAD_SUSPEND_RESUME, THREAD_ALERT, THREAD_SET_CONTEXT.
const SUSPEND_RESUME: u32 = 0x02;
const ALERT: u32 = 0x04;
const SET_CONTEXT: u32 = 0x10;

/// A user APC.
#[derive(Clone, Copy, Debug)]
pub struct Apc {
    /// Address of the routine in the thread's process.
    pub routine: u64,
    /// What it is called with.
    pub arguments: [u64; 3],
    /// Names who has queued it, so that it can be taken back, and is in the queue only once; 0 for nobody.
    pub source: usize,
}

/// The APCs of a thread.
pub(super) type Apcs = VecDeque<Apc>;

/// Queues an APC. A thread that waits alertably goes on at once.
///
/// # Errors
/// UNSUCCESSFUL when the thread is ending, NO_MEMORY.
pub fn queue(thread: &Arc<Thread>, apc: Apc) -> Result<(), NtStatus> {
    if thread.must_end() {
        return Err(NtStatus::UNSUCCESSFUL);
    }
    {
        let mut apcs = thread.tcb.apcs.lock();
        if apc.source != 0 && apcs.iter().any(|other| other.source == apc.source) {
            return Ok(());
        }
        apcs.try_reserve(1).map_err(|_| NtStatus::NO_MEMORY)?;
        apcs.push_back(apc);
    }
    if thread.tcb.waits_as(Mode::Alertable) {
        make_pending(thread);
        wait::wake(thread, NtStatus::USER_APC, 1);
    }
    Ok(())
}

/// Takes back what somebody has queued.
pub(super) fn remove(thread: &Thread, source: usize) {
    thread.tcb.apcs.lock().retain(|apc| apc.source != source);
}

/// The thread's first APC is delivered as soon as it is on its way to user mode.
fn make_pending(thread: &Thread) {
    thread.tcb.apc_pending.store(true, Ordering::Relaxed);
    thread.call_for_attention();
}

/// Alerts a thread: its alertable wait ends, or else its next one does not begin.
fn alert(thread: &Arc<Thread>) {
    match thread.tcb.waits_as(Mode::Alertable) {
        true => wait::wake(thread, NtStatus::ALERTED, 1),
        false => thread.tcb.alerted.store(true, Ordering::Relaxed),
    }
}

/// Whether the thread has been alerted, or has APCs, which become due.
pub(super) fn test_alert(thread: &Thread) -> Option<NtStatus> {
    if thread.tcb.alerted.swap(false, Ordering::Relaxed) {
        return Some(NtStatus::ALERTED);
    }
    if thread.tcb.apcs.lock().is_empty() {
        return None;
    }
    make_pending(thread);
    Some(NtStatus::USER_APC)
}

/// Delivers the first APC, if one is due.
pub(super) fn deliver(thread: &Thread, frame: UserFrame<'_>) {
    if !thread.tcb.apc_pending.swap(false, Ordering::Relaxed) {
        return;
    }
    let Some(apc) = thread.tcb.apcs.lock().pop_front() else { return };
    let Some(dispatcher) = ps::user_entry(thread.process(), Entry::KiUserApcDispatcher) else { return };
    let old = frame.load();
    let stack = old.rsp.wrapping_sub(dispatch::APC_SIZE) & !15;
    let [first, second, third] = apc.arguments;
    let mut registers = context::capture(&old, context_flags::FULL);
    registers[..4].copy_from_slice(&[first, second, third, apc.routine]);
    let written = context::push(thread, stack + dispatch::CONTEXT, &mut registers)
        .and_then(|()| context::push_machine_frame(stack + dispatch::APC_MACHINE_FRAME, &old));
    if let Err(status) = written {
        ps::exit::unhandled_exception(status, old.rip);
        return;
    }
    frame.store(&TrapFrame { rip: dispatcher, rsp: stack, ..TrapFrame::default() });
}

/// `NtQueueApcThread`.
pub fn queue_apc_thread(thread: Handle, routine: u64, first: u64, second: u64, third: u64) -> NtResult {
    let thread = ob::handle::thread(thread, SET_CONTEXT)?;
    if !thread.has_user_mode() {
        return Err(NtStatus::INVALID_HANDLE);
    }
    queue(&thread, Apc { routine, arguments: [first, second, third], source: 0 })?;
    Ok(NtStatus::SUCCESS)
}

/// `NtTestAlert`: ALERTED when the caller has been alerted; else its APCs are delivered before it goes on.
pub fn test_alert_service() -> NtResult {
    match test_alert(&sched::current()) {
        Some(NtStatus::ALERTED) => Ok(NtStatus::ALERTED),
        _ => Ok(NtStatus::SUCCESS),
    }
}

/// `NtAlertThread`.
pub fn alert_thread(thread: Handle) -> NtResult {
    alert(&ob::handle::thread(thread, ALERT)?);
    Ok(NtStatus::SUCCESS)
}

/// `NtAlertResumeThread`.
pub fn alert_resume_thread(thread: Handle, previous: UserPtr<u32>) -> NtResult {
    let thread = ob::handle::thread(thread, SUSPEND_RESUME)?;
    alert(&thread);
    let before = suspend::resume(&thread);
    user::write_optional(previous, &before.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}
