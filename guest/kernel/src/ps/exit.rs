//! The end of threads and processes.

use alloc::sync::Arc;

use hal::cpu;
use hal::trace::{self, Phase};
use nt::types::Handle;
use nt::{NtStatus, events};

use super::{Process, Thread, cid};
use crate::ke::service::NtResult;
use crate::ke::{dispatcher, sched, thread, wait};
use crate::{mm, ob};

/// PROCESS_TERMINATE, THREAD_TERMINATE.
const TERMINATE: u32 = 1;

/// `NtTerminateProcess`: NULL and the pseudo-handle mean the caller's own process.
pub fn terminate_process(process: Handle, status: NtStatus) -> NtResult {
    let process = match process {
        Handle::NULL => sched::current().process().clone(),
        handle => ob::handle::process(handle, TERMINATE)?,
    };
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

fn end_process(process: &Arc<Process>, status: NtStatus) {
    let threads = {
        let mut state = process.state.lock();
        state.exit.get_or_insert(status);
        state.threads.clone()
    };
    for thread in &threads {
        end_thread(thread, status);
    }
}

/// Marks a thread: it ends on its way to user mode, or as soon as its wait, ended here, lets it go on.
fn end_thread(thread: &Arc<Thread>, status: NtStatus) {
    thread.state.lock().exit.get_or_insert(status);
    wait::cancel(thread);
    thread.call_for_attention();
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
        if state.threads.is_empty() {
            state.exit.get_or_insert(status);
        }
        state.threads.is_empty()
    };
    thread::rundown(&thread);
    thread.task.clear_user();
    if !last {
        mm::free_teb(&process, thread.task.teb());
    }
    thread.attributes.lock().exit_tsc = cpu::tsc();
    if last {
        ob::handle::close_all(&process);
        process.attributes.lock().exit_tsc = cpu::tsc();
        let space = process.space.lock().take();
        drop(space);
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
    dispatcher::signal(thread.signal());
    cid::remove(thread.id);
    // This stack is never continued: what it owns must be dropped before it is left.
    drop(process);
    drop(thread);
    loop {
        sched::block();
    }
}
