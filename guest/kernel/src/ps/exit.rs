//! The end of threads and processes.

use alloc::sync::Arc;

use hal::cpu;
use hal::trace::{self, Phase};
use nt::types::Handle;
use nt::{NtStatus, bugcheck, events};

use super::{Process, SYSTEM_PROCESS_ID, Thread, cid, win32};
use crate::ex::hard_error;
use crate::ke::service::NtResult;
use crate::ke::{bugcheck as stop, dispatcher, sched, thread, wait};
use crate::{io, lpc, mm, ob};

/// PROCESS_TERMINATE, THREAD_TERMINATE.
const TERMINATE: u32 = 1;

/// `NtTerminateProcess`: NULL ends the other threads of the caller's own process, as a process does before it ends
/// itself.
pub fn terminate_process(process: Handle, status: NtStatus) -> NtResult {
    if process == Handle::NULL {
        let current = sched::current();
        for thread in current.process().threads() {
            if !Arc::ptr_eq(&thread, &current) {
                end_thread(&thread, status);
            }
        }
        return Ok(NtStatus::SUCCESS);
    }
    let process = ob::handle::process(process, TERMINATE)?;
    if process.id() == SYSTEM_PROCESS_ID {
        return Err(NtStatus::ACCESS_DENIED);
    }
    // The caller's own thread ends last, on its way out.
    if process.has_ended() && !Arc::ptr_eq(&process, sched::current().process()) {
        return Err(NtStatus::PROCESS_IS_TERMINATING);
    }
    end_process(&process, status);
    Ok(NtStatus::SUCCESS)
}

/// `NtTerminateThread`: NULL and the pseudo-handle mean the caller.
pub fn terminate_thread(thread: Handle, status: NtStatus) -> NtResult {
    let thread = match thread {
        Handle::NULL => sched::current(),
        handle => ob::handle::thread(handle, TERMINATE)?,
    };
    end_thread(&thread, status);
    Ok(NtStatus::SUCCESS)
}

/// An exception that nobody handles ends the process.
pub fn unhandled_exception(status: NtStatus, address: u64) {
    let process = sched::current().process().clone();
    trace::event(events::PS_EXCEPTION, Phase::Instant, process.id, [status.0.into(), address]);
    end_process(&process, status);
}

/// Ends a process: all of its threads, or at once when it has none.
pub(super) fn end_process(process: &Arc<Process>, status: NtStatus) {
    if process.attributes.lock().break_on_termination {
        critical_process(process, status, bugcheck::CRITICAL_OBJECT_TERMINATION);
    }
    let threads = {
        let mut state = process.state.lock();
        state.exit.get_or_insert(status);
        state.threads.clone()
    };
    if threads.is_empty() {
        finish_process(process);
    }
    for thread in &threads {
        end_thread(thread, status);
    }
}

/// A process that the system cannot do without comes to its end (spec/smss.md 4.3).
fn critical_process(process: &Process, status: NtStatus, code: u32) -> ! {
    /// The type of object, as the first parameter says it.
    const PROCESS: u64 = 3;
    const MESSAGE: &str = "Terminating critical process 0x%p (%s)\n\0";
    let object = super::object_of_process(process).map_or(0, |object| object.address());
    let params = match code {
        bugcheck::CRITICAL_OBJECT_TERMINATION => {
            [PROCESS, object, address_of(process.image()), address_of(MESSAGE)]
        }
        _ => [object, 0, 0, 0],
    };
    let text = format_args!("the critical process {} ({}) ended", process.image(), process.id());
    stop::bugcheck_for(process, code, params, status, text)
}

/// The stop's third and fourth parameters are where the image's name and the message lie.
fn address_of(text: &str) -> u64 {
    text.as_ptr().addr() as u64
}

/// Marks a thread: it ends on its way to user mode, or as soon as its wait, ended here, lets it go on.
pub(super) fn end_thread(thread: &Arc<Thread>, status: NtStatus) {
    if thread.attributes.lock().break_on_termination && !thread.process.has_ended() {
        critical_thread(thread, status);
    }
    thread.state.lock().exit.get_or_insert(status);
    wait::cancel(thread);
    thread.call_for_attention();
}

fn critical_thread(thread: &Thread, status: NtStatus) -> ! {
    /// The type of object, as the first parameter says it.
    const THREAD: u64 = 6;
    const MESSAGE: &str = "Terminating critical thread 0x%p (in %s)\n\0";
    let object = super::object_of_thread(thread).map_or(0, |object| object.address());
    let process = thread.process();
    let text = format_args!("the critical thread {} of {} ended", thread.id(), process.image());
    let params = [THREAD, object, address_of(process.image()), address_of(MESSAGE)];
    stop::bugcheck_for(process, bugcheck::CRITICAL_OBJECT_TERMINATION, params, status, text)
}

/// A thread that was never ready is gone.
pub(super) fn forget_thread(thread: &Arc<Thread>) {
    let process = thread.process();
    process.state.lock().threads.retain(|other| !Arc::ptr_eq(other, thread));
    cid::remove(thread.id);
}

/// The last handle of a process is closed; one that never had a thread ends with it.
pub fn last_handle_closed(process: &Arc<Process>) {
    if process.thread_count() == 0 && !process.has_ended() {
        process.state.lock().exit.get_or_insert(NtStatus::SUCCESS);
        finish_process(process);
    }
}

/// The end of a process without threads: all it held goes back.
fn finish_process(process: &Arc<Process>) {
    ob::handle::close_all(process);
    process.attributes.lock().exit_tsc = cpu::tsc();
    win32::leave(process);
    let space = process.space.lock().take();
    drop(space);
    mm::mapped::settle();
    mm::discard::all();
    let port = process.attributes.lock().exception_port.take();
    drop(port);
    hard_error::process_ended(process.id);
    let exit = process.exit_status();
    trace::event_with_text(
        events::PS_PROCESS_EXIT,
        Phase::Instant,
        process.id,
        [process.id.into(), exit.0.into()],
        process.image.as_bytes(),
    );
    dispatcher::signal(process.signal());
    cid::remove(process.id);
}

/// Ends the current thread, and its process with the last one.
pub fn end_current_thread() -> ! {
    let thread = sched::current();
    let process = thread.process().clone();
    let status = thread.state.lock().exit.unwrap_or(NtStatus::SUCCESS);
    trace::event(events::PS_THREAD_EXIT, Phase::Instant, process.id, [thread.id.into(), status.0.into()]);
    let last = {
        let mut state = process.state.lock();
        state.threads.retain(|other| !Arc::ptr_eq(other, &thread));
        state.ended_cycles = state.ended_cycles.wrapping_add(thread.cycles());
        // The System process is there for as long as the system is, with or without a thread.
        let last = state.threads.is_empty() && process.id != SYSTEM_PROCESS_ID;
        if last {
            state.exit.get_or_insert(status);
        }
        last
    };
    win32::end_thread(&thread, last);
    thread::rundown(&thread);
    lpc::thread_ended(&thread);
    io::thread_ended(&thread);
    thread.task.clear_user();
    if !last {
        mm::free_teb(&process, thread.task.teb());
    }
    thread.attributes.lock().exit_tsc = cpu::tsc();
    if last {
        if process.attributes.lock().break_on_termination {
            critical_process(&process, status, bugcheck::CRITICAL_PROCESS_DIED);
        }
        finish_process(&process);
    }
    dispatcher::signal(thread.signal());
    cid::remove(thread.id);
    // This stack is never continued: what it owns must be dropped before it is left.
    drop(process);
    drop(thread);
    loop {
        sched::block();
    }
}
