//! What the kernel proper keeps of a thread: NT's KTHREAD, the first part (Tcb) of a thread object.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use hal::cell::KernelCell;
use hal::trap as hal_trap;
use nt::NtStatus;

use super::apc::Apcs;
use super::mutant::Mutant;
use super::timer::Timer;
use super::{object, sched};
use crate::ob::Object;
use crate::ps::Thread;

/// What may end a wait besides the objects waited for and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Nothing: the kernel needs what it waits for.
    Kernel,
    /// The end of the thread (THREAD_IS_TERMINATING).
    User,
    /// That, an alert (ALERTED) and user APCs (USER_APC).
    Alertable,
}

/// The thread does not wait.
const RUNS: u8 = 0;
/// It waits.
const WAITS: u8 = 1;
/// It waits, and has been seen to.
const SEEN: u8 = 2;

/// LOW_REALTIME_PRIORITY: from here on a priority stays what it is.
const LOW_REALTIME: u32 = 16;

/// A wait.
#[derive(Debug)]
struct Wait {
    mode: Mode,
    /// A suspension of the thread breaks it off, to be gone on with later.
    breakable: bool,
    /// What it ended with; nothing while it lasts.
    result: Option<NtStatus>,
    /// The objects, when all of them are waited for.
    all: Vec<Object>,
}

/// KTHREAD.
#[derive(Debug)]
pub struct Tcb {
    priority: AtomicU8,
    base_priority: AtomicU8,
    boost_disabled: AtomicBool,
    /// It has something to do before it goes on in user mode.
    attention: AtomicBool,
    /// [`RUNS`], [`WAITS`] or [`SEEN`].
    waiting: AtomicU8,
    /// Its kernel stack is in a paging file (`swap`).
    stack_out: AtomicBool,
    /// How often it has been suspended and not resumed, and whether it stays where it is because of that.
    pub(super) suspensions: AtomicU8,
    pub(super) stays: AtomicBool,
    wait: KernelCell<Wait>,
    /// Mutants that it owns, and some that are gone.
    owned: KernelCell<Vec<Weak<Mutant>>>,
    /// Timers that have an APC for it, and some that have or are no more.
    timers: KernelCell<Vec<Weak<Timer>>>,
    pub(super) apcs: KernelCell<Apcs>,
    /// Its first APC is to be delivered on its way to user mode.
    pub(super) apc_pending: AtomicBool,
    /// It has been alerted, and has not noticed yet.
    pub(super) alerted: AtomicBool,
}

impl Tcb {
    /// A thread of that base priority.
    pub fn new(priority: u8) -> Self {
        Self {
            priority: AtomicU8::new(priority),
            base_priority: AtomicU8::new(priority),
            boost_disabled: AtomicBool::new(false),
            attention: AtomicBool::new(false),
            waiting: AtomicU8::new(RUNS),
            stack_out: AtomicBool::new(false),
            suspensions: AtomicU8::new(0),
            stays: AtomicBool::new(false),
            wait: KernelCell::new(Wait {
                mode: Mode::Kernel,
                breakable: false,
                result: None,
                all: Vec::new(),
            }),
            owned: KernelCell::default(),
            timers: KernelCell::default(),
            apcs: KernelCell::default(),
            apc_pending: AtomicBool::new(false),
            alerted: AtomicBool::new(false),
        }
    }

    /// Its priority now, 0 to 31.
    #[inline]
    pub fn priority(&self) -> u32 {
        self.priority.load(Ordering::Relaxed).into()
    }

    /// More important for a while, if its priority is one that varies.
    pub(super) fn boost(&self, increment: u32) {
        let base = self.base_priority();
        if increment == 0 || base >= LOW_REALTIME || self.boost_disabled.load(Ordering::Relaxed) {
            return;
        }
        let boosted = (base + increment).min(LOW_REALTIME - 1);
        if boosted > self.priority() {
            self.priority.store(boosted as u8, Ordering::Relaxed);
        }
    }

    /// A quantum is over: one step back to the base priority.
    pub(super) fn decay(&self) {
        let priority = self.priority();
        if priority > self.base_priority() {
            self.priority.store(priority as u8 - 1, Ordering::Relaxed);
        }
    }

    /// Another priority for now; only [`sched`] knows the thread's place in a queue.
    pub(super) fn change_priority(&self, priority: u32) {
        self.priority.store(priority as u8, Ordering::Relaxed);
    }

    /// Another base priority.
    pub(super) fn change_base_priority(&self, priority: u32) {
        self.base_priority.store(priority as u8, Ordering::Relaxed);
    }

    /// The priority that it has of its own.
    pub fn base_priority(&self) -> u32 {
        self.base_priority.load(Ordering::Relaxed).into()
    }

    /// Whether it has something to do before it goes on in user mode.
    #[inline]
    pub(super) fn wants_attention(&self) -> bool {
        self.attention.load(Ordering::Relaxed)
    }

    /// Whether it had, and from now on not any more.
    pub(super) fn take_attention(&self) -> bool {
        self.attention.swap(false, Ordering::Relaxed)
    }

    /// It begins to wait.
    pub(super) fn begin_wait(&self, mode: Mode, breakable: bool) {
        self.waiting.store(WAITS, Ordering::Relaxed);
        let mut wait = self.wait.lock();
        wait.mode = mode;
        wait.breakable = breakable;
        wait.result = None;
    }

    /// The wait that it is about to begin is for all of these objects.
    pub(super) fn begin_wait_for_all(&self, objects: Vec<Object>) {
        self.wait.lock().all = objects;
    }

    /// Whether it waits.
    #[inline]
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) != RUNS
    }

    /// Whether it is seen for the second time in a wait that its end may end.
    pub(super) fn waits_long(&self) -> bool {
        match self.waiting.load(Ordering::Relaxed) {
            SEEN => self.wait.lock().mode >= Mode::User,
            WAITS => {
                self.waiting.store(SEEN, Ordering::Relaxed);
                false
            }
            _ => false,
        }
    }

    /// Whether it is in a wait that it has been seen in.
    pub(super) fn waits_still(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == SEEN
    }

    /// Whether its kernel stack is in a paging file: it cannot run, and nobody can look at its registers.
    #[inline]
    pub(super) fn is_stack_out(&self) -> bool {
        self.stack_out.load(Ordering::Relaxed)
    }

    /// It is from now on, or no more.
    pub(super) fn set_stack_out(&self, out: bool) {
        self.stack_out.store(out, Ordering::Relaxed);
    }

    /// Whether it waits in a way that this may end.
    pub(super) fn waits_as(&self, least: Mode) -> bool {
        self.is_waiting() && self.wait.lock().mode >= least
    }

    /// Whether it waits in a way that its suspension breaks off.
    pub(super) fn waits_breakably(&self) -> bool {
        self.is_waiting() && self.wait.lock().breakable
    }

    /// Ends its wait, if it waits. Returns whether it did.
    pub(super) fn end_wait(&self, status: NtStatus) -> bool {
        let waited = self.waiting.swap(RUNS, Ordering::Relaxed) != RUNS;
        if waited {
            self.wait.lock().result = Some(status);
        }
        waited
    }

    /// What its wait ended with.
    pub(super) fn wait_result(&self) -> Option<NtStatus> {
        self.wait.lock().result.take()
    }

    /// The objects of a wait for all that has ended.
    pub(super) fn end_wait_for_all(&self) -> Vec<Object> {
        core::mem::take(&mut self.wait.lock().all)
    }

    /// It owns a mutant from now on.
    pub(super) fn owns(&self, mutant: Weak<Mutant>) {
        remember(&mut self.owned.lock(), mutant);
    }

    /// It has set a timer that has an APC for it.
    pub(super) fn sets(&self, timer: Weak<Timer>) {
        let mut timers = self.timers.lock();
        if !timers.iter().any(|other| other.ptr_eq(&timer)) {
            remember(&mut timers, timer);
        }
    }

    /// It owns it no more.
    pub(super) fn disowns(&self, mutant: &Arc<Mutant>) {
        let mut owned = self.owned.lock();
        if let Some(place) = owned.iter().position(|other| core::ptr::eq(other.as_ptr(), Arc::as_ptr(mutant)))
        {
            owned.swap_remove(place);
        }
    }
}

/// Keeps one more, and forgets those that are gone before more memory is needed.
fn remember<T>(list: &mut Vec<Weak<T>>, new: Weak<T>) {
    if list.len() == list.capacity() {
        list.retain(|old| old.strong_count() > 0);
    }
    list.push(new);
}

impl Thread {
    /// Its priority now, 0 to 31.
    #[inline]
    pub fn priority(&self) -> u32 {
        self.tcb.priority()
    }

    /// The priority it falls back to, 1 to 31.
    pub fn base_priority(&self) -> u32 {
        self.tcb.base_priority()
    }

    /// Whether it waits.
    pub fn is_waiting(&self) -> bool {
        self.tcb.is_waiting()
    }

    /// Sets its priority now; it keeps its base.
    pub fn set_priority(self: &Arc<Self>, priority: u32) {
        sched::set_priority(self, priority);
    }

    /// Sets its base priority, and with it the priority.
    pub fn set_base_priority(self: &Arc<Self>, base: u32) {
        self.tcb.change_base_priority(base);
        sched::set_priority(self, base);
    }

    /// Makes it look at what there is to do before it goes on in user mode.
    pub fn call_for_attention(&self) {
        self.tcb.attention.store(true, Ordering::Relaxed);
        if sched::is_current(self) {
            hal_trap::set_attention(true);
        }
    }
}

/// Ends a thread's wait for all of its objects, if all are signalled: takes them, and returns the status.
pub(super) fn take_all(thread: &Thread) -> Option<NtStatus> {
    let all = core::mem::take(&mut thread.tcb.wait.lock().all);
    let status = object::take_all(&all, thread);
    thread.tcb.wait.lock().all = all;
    status
}

/// The end of a thread: what it still holds goes back.
pub fn rundown(thread: &Thread) {
    let owned = core::mem::take(&mut *thread.tcb.owned.lock());
    for mutant in owned {
        if let Some(mutant) = mutant.upgrade() {
            mutant.abandon(thread);
        }
    }
    let timers = core::mem::take(&mut *thread.tcb.timers.lock());
    for timer in timers {
        if let Some(timer) = timer.upgrade() {
            timer.stop_of(thread);
        }
    }
    thread.tcb.apcs.lock().clear();
}
