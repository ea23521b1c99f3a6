//! The scheduler: one processor, 32 priorities, ready queues, quantum.
//!
//! The kernel is not preempted: a thread leaves the processor where it blocks or on its way back to
//! user mode. The boot stack is the idle task.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use hal::cell::KernelCell;
use hal::context::{self, Task};
use hal::trace::{self, Phase};
use hal::{cpu, trap as hal_trap};
use nt::{NtStatus, events};

use super::service::NtResult;
use super::{clock, trap};
use crate::ps::{self, Thread};

/// NT's number of priorities; 31 is the highest.
const PRIORITIES: usize = 32;

struct Scheduler {
    ready: [VecDeque<Arc<Thread>>; PRIORITIES],
    /// Bit n: `ready[n]` is not empty.
    summary: u32,
    current: Option<Arc<Thread>>,
    idle: Option<Arc<Task>>,
    /// The current thread has something to do before it may go on in user mode.
    attention: bool,
    quantum_over: bool,
    /// Time stamp of the last switch.
    switched: u64,
    /// Time stamp counts without a current thread.
    idle_cycles: u64,
}

static SCHEDULER: KernelCell<Scheduler> = KernelCell::new(Scheduler {
    ready: [const { VecDeque::new() }; PRIORITIES],
    summary: 0,
    current: None,
    idle: None,
    attention: false,
    quantum_over: false,
    switched: 0,
    idle_cycles: 0,
});

impl Scheduler {
    /// The current thread leaves the processor: the time since the last switch was its.
    fn account(&mut self) {
        let now = cpu::tsc();
        let since = now.wrapping_sub(core::mem::replace(&mut self.switched, now));
        match &self.current {
            Some(current) => current.add_cycles(since),
            None => self.idle_cycles = self.idle_cycles.wrapping_add(since),
        }
    }

    fn push(&mut self, thread: Arc<Thread>) {
        let priority = thread.priority();
        self.summary |= 1 << priority;
        self.ready[priority as usize].push_back(thread);
    }

    /// Takes the first thread of the highest priority that is at least `floor`.
    fn pop(&mut self, floor: u32) -> Option<Arc<Thread>> {
        let priority = self.summary.checked_ilog2().filter(|&priority| priority >= floor)?;
        let queue = &mut self.ready[priority as usize];
        let thread = queue.pop_front();
        if queue.is_empty() {
            self.summary &= !(1 << priority);
        }
        thread
    }
}

/// Makes the boot stack the idle task.
pub fn init() {
    let mut scheduler = SCHEDULER.lock();
    scheduler.idle = Some(Task::adopt_boot_stack());
    scheduler.switched = cpu::tsc();
}

/// The current thread.
///
/// # Panics
/// When the processor is idle.
pub fn current() -> Arc<Thread> {
    match &SCHEDULER.lock().current {
        Some(thread) => thread.clone(),
        None => unreachable!("no thread is current"),
    }
}

/// Id of the current process, 0 when there is none.
pub fn current_process_id() -> u32 {
    SCHEDULER.lock().current.as_ref().map_or(0, |thread| thread.process().id())
}

/// Whether a thread is the current one.
pub fn is_current(thread: &Thread) -> bool {
    SCHEDULER.lock().current.as_ref().is_some_and(|current| current.id() == thread.id())
}

/// Time stamp counts during which nobody ran.
pub fn idle_cycles() -> u64 {
    SCHEDULER.lock().idle_cycles
}

/// Image name of the current process, its id and the thread's, for a crash record.
pub fn current_name_and_ids() -> ([u8; 16], u32, u32) {
    match &SCHEDULER.lock().current {
        Some(thread) => (thread.process().short_name(), thread.process().id(), thread.id()),
        None => ([0; 16], 0, 0),
    }
}

/// Puts a thread on its ready queue; if it is more important than the current one, that one gives way
/// on its way to user mode.
pub fn ready(thread: Arc<Thread>) {
    let mut scheduler = SCHEDULER.lock();
    if scheduler.current.as_ref().is_some_and(|current| current.priority() < thread.priority()) {
        scheduler.attention = true;
    }
    scheduler.push(thread);
}

/// Leaves the processor to others; returns when somebody has made this thread ready again.
pub fn block() {
    let mut scheduler = SCHEDULER.lock();
    match scheduler.pop(0) {
        Some(next) => run(scheduler, next),
        None => {
            scheduler.account();
            scheduler.current = None;
            let idle = scheduler.idle.clone();
            drop(scheduler);
            if let Some(idle) = idle {
                context::switch_to(&idle);
            }
        }
    }
}

/// Lets another ready thread of at least this priority run. Returns whether there was one.
pub fn yield_now() -> bool {
    let mut scheduler = SCHEDULER.lock();
    let Some(current) = scheduler.current.clone() else { return false };
    let Some(next) = scheduler.pop(current.priority()) else { return false };
    scheduler.push(current);
    run(scheduler, next);
    true
}

fn run(mut scheduler: hal::cell::Guard<'_, Scheduler>, next: Arc<Thread>) {
    scheduler.account();
    scheduler.quantum_over = false;
    scheduler.attention = next.must_end();
    scheduler.current = Some(next.clone());
    drop(scheduler);
    if next.has_user_mode() {
        clock::start_quantum();
    }
    context::switch_to(next.task());
}

/// The timer says that the current thread's quantum is over.
pub fn quantum_end() {
    let mut scheduler = SCHEDULER.lock();
    if scheduler.current.is_some() {
        scheduler.quantum_over = true;
        scheduler.attention = true;
    }
}

/// Asks a running thread to look at [`Thread::must_end`] on its way to user mode.
pub fn call_for_attention() {
    SCHEDULER.lock().attention = true;
}

/// Whether the current thread has something to do before it goes on in user mode.
#[inline]
pub fn attention() -> bool {
    SCHEDULER.lock().attention
}

/// Does it: ends the thread, or lets a more important or equally important one run.
pub fn attend() {
    let (current, floor) = {
        let mut scheduler = SCHEDULER.lock();
        scheduler.attention = false;
        let Some(current) = scheduler.current.clone() else { return };
        let floor = current.priority() + u32::from(!core::mem::take(&mut scheduler.quantum_over));
        (current, floor)
    };
    if current.must_end() {
        drop(current);
        ps::exit::end_current_thread();
    }
    let mut scheduler = SCHEDULER.lock();
    match scheduler.pop(floor) {
        Some(next) => {
            scheduler.push(current);
            run(scheduler, next);
        }
        None => {
            drop(scheduler);
            clock::start_quantum();
        }
    }
}

/// The idle task: runs whoever is ready, waits for interrupts when nobody is.
pub fn idle() -> ! {
    let mut first = true;
    loop {
        let mut scheduler = SCHEDULER.lock();
        if let Some(next) = scheduler.pop(0) {
            run(scheduler, next);
            continue;
        }
        drop(scheduler);
        if core::mem::take(&mut first) {
            trace::event(events::KE_IDLE, Phase::Instant, 0, [0; 2]);
        }
        cpu::idle();
        while let Some(vector) = hal_trap::take_interrupt() {
            trap::interrupt(vector);
        }
    }
}

/// `NtYieldExecution`.
pub fn yield_execution() -> NtResult {
    match yield_now() {
        true => Ok(NtStatus::SUCCESS),
        false => Ok(NtStatus::NO_YIELD_PERFORMED),
    }
}
