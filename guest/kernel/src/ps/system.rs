//! The System process, and what every thread begins with.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicU64};

use hal::cell::KernelCell;
use hal::context::{self, Task};
use hal::cpu;
use nt::NtStatus;

use super::attributes::{Attributes, ThreadAttributes};
use super::{Process, Thread, ThreadState, cid, exit, new_process};
use crate::ke::dispatcher::unsignalled;
use crate::ke::thread::Tcb;
use crate::ke::{sched, swap};
use crate::ob::{Body, Object};
use crate::se;

static SYSTEM: KernelCell<Option<Arc<Process>>> = KernelCell::new(None);

/// Makes the System process: the kernel's own threads belong to it.
pub fn init() {
    *SYSTEM.lock() = Some(new_process("System", None, Attributes::first()));
}

/// Starts a thread of the kernel's own.
///
/// # Errors
/// NO_MEMORY.
pub fn start_thread(routine: fn()) -> Result<(), NtStatus> {
    let process = SYSTEM.lock().clone().ok_or(NtStatus::UNSUCCESSFUL)?;
    sched::ready(new_thread(&process, Some(routine))?);
    Ok(())
}

/// Makes a thread that is not ready yet: one of the kernel's own with a routine, else one with a user mode, whose
/// registers and TEB the caller provides.
///
/// # Errors
/// NO_MEMORY.
pub(super) fn new_thread(process: &Arc<Process>, routine: Option<fn()>) -> Result<Arc<Thread>, NtStatus> {
    let id = cid::next();
    let base = process.attributes.lock().base_priority;
    let thread = Arc::new(Thread {
        id,
        process: process.clone(),
        task: Task::new(thread_start, 0, swap::is_pageable(routine.is_none())).ok_or(NtStatus::NO_MEMORY)?,
        tcb: Tcb::new(base as u8),
        user: routine.is_none(),
        cycles: AtomicU64::new(0),
        attributes: KernelCell::new(ThreadAttributes {
            create_tsc: cpu::tsc(),
            ..ThreadAttributes::default()
        }),
        state: KernelCell::new(ThreadState { routine, exit: None }),
        ended: unsignalled(),
        win32: AtomicU64::new(0),
        gui: AtomicBool::new(false),
    });
    process.state.lock().threads.push(thread.clone());
    let object = Object::new(Body::Thread(thread.clone()), obns::Attributes::NONE, se::default_security());
    cid::insert(id, object);
    Ok(thread)
}

/// First code of every thread, on its own kernel stack.
extern "C" fn thread_start(_: usize) -> ! {
    let thread = sched::current();
    let routine = thread.state.lock().routine;
    let ended = thread.must_end();
    // This stack is abandoned when user mode begins, so nothing may be left on it that owns something.
    drop(thread);
    match routine {
        _ if ended => {}
        Some(routine) => routine(),
        None => context::enter_user(),
    }
    exit::end_current_thread()
}
