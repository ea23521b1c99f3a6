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
use crate::ps::Thread;

/// NT's number of priorities; 31 is the highest.
const PRIORITIES: usize = 32;

struct Scheduler {
    ready: [VecDeque<Arc<Thread>>; PRIORITIES],
    /// Bit n: `ready[n]` is not empty.
    summary: u32,
    current: Option<Arc<Thread>>,
    idle: Option<Arc<Task>>,
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

    /// Puts a thread on its ready queue: behind the others, or before them if its quantum is not over.
    fn push(&mut self, thread: Arc<Thread>, first: bool) {
        let priority = thread.priority();
        self.summary |= 1 << priority;
        let queue = &mut self.ready[priority as usize];
        if first { queue.push_front(thread) } else { queue.push_back(thread) }
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

/// Looks at the current thread; nothing when the processor is idle. `look` must leave the scheduler alone.
pub fn with_current<R>(look: impl FnOnce(&Thread) -> R) -> Option<R> {
    SCHEDULER.lock().current.as_deref().map(look)
}

/// Id of the current process, 0 when there is none.
pub fn current_process_id() -> u32 {
    SCHEDULER.lock().current.as_ref().map_or(0, |thread| thread.process().id())
}

/// Whether a thread is the current one.
pub fn is_current(thread: &Thread) -> bool {
    SCHEDULER.lock().current.as_deref().is_some_and(|current| core::ptr::eq(current, thread))
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
    ready_with(thread, 0);
}

/// The same for a thread whose wait has ended: it is more important by that much until its quantum is over.
pub(super) fn ready_with(thread: Arc<Thread>, increment: u32) {
    thread.tcb.boost(increment);
    let mut scheduler = SCHEDULER.lock();
    if scheduler.current.as_ref().is_some_and(|current| current.priority() < thread.priority()) {
        hal_trap::set_attention(true);
    }
    scheduler.push(thread, false);
}

/// Gives a thread another priority, and its place among those that are ready.
pub(super) fn set_priority(thread: &Arc<Thread>, priority: u32) {
    let mut scheduler = SCHEDULER.lock();
    let old = thread.priority();
    let queue = &mut scheduler.ready[old as usize];
    let ready = match queue.iter().position(|other| Arc::ptr_eq(other, thread)) {
        Some(place) => queue.remove(place),
        None => None,
    };
    if queue.is_empty() {
        scheduler.summary &= !(1 << old);
    }
    thread.tcb.change_priority(priority);
    if let Some(thread) = ready {
        scheduler.push(thread, false);
    }
    // Whoever is the most important now is to run.
    hal_trap::set_attention(true);
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
                context::switch_to(idle);
            }
        }
    }
}

/// Lets another ready thread of at least this priority run. Returns whether there was one.
pub fn yield_now() -> bool {
    let mut scheduler = SCHEDULER.lock();
    let Some(current) = scheduler.current.clone() else { return false };
    let Some(next) = scheduler.pop(current.priority()) else { return false };
    scheduler.push(current, false);
    run(scheduler, next);
    true
}

fn run(mut scheduler: hal::cell::Guard<'_, Scheduler>, next: Arc<Thread>) {
    scheduler.account();
    scheduler.quantum_over = false;
    hal_trap::set_attention(next.tcb.wants_attention());
    scheduler.current = Some(next.clone());
    drop(scheduler);
    if next.has_user_mode() {
        clock::start_quantum();
    }
    let task = next.task().clone();
    drop(next);
    context::switch_to(task);
}

/// The timer says that the current thread's quantum is over.
pub fn quantum_end() {
    let mut scheduler = SCHEDULER.lock();
    if scheduler.current.is_some() {
        scheduler.quantum_over = true;
        hal_trap::set_attention(true);
    }
}

/// Lets a more important thread run, or an equally important one if the quantum is over.
pub(super) fn give_way() {
    let mut scheduler = SCHEDULER.lock();
    let Some(current) = scheduler.current.clone() else { return };
    let over = core::mem::take(&mut scheduler.quantum_over);
    if over {
        current.tcb.decay();
    }
    match scheduler.pop(current.priority() + u32::from(!over)) {
        Some(next) => {
            scheduler.push(current, !over);
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
