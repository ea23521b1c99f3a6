//! Kernel stacks of threads that wait for long go to the paging files under memory pressure, and come back before the thread
//! runs. What lies below its stack pointer is not kept. A stack that cannot be read is the end (KERNEL_STACK_INPAGE_ERROR).

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::context::Task;
use hal::frames::Page;
use nt::{NtStatus, bugcheck as codes};

use super::bugcheck::bugcheck;
use super::event::Event;
use super::wait::{self, Mode};
use super::{clock, sched};
use crate::mm::stacks::{self, Stored};
use crate::ps::{self, Process, Thread, cid};

/// Time between two looks at all threads, in 100 ns: a thread whose wait is seen twice has waited for that long.
const BETWEEN: u64 = 10_000_000;
/// Time until a stack that somebody else brings back is looked for again, in 100 ns.
const MOMENT: i64 = 10_000;
/// Priority of the thread that brings stacks back, as NT's.
const PRIORITY: u32 = 23;

/// A stack that is out.
struct Out {
    thread: Arc<Thread>,
    /// Where its upper pages are; nothing while somebody reads them.
    stored: Option<Stored>,
}

static OUT: KernelCell<Vec<Out>> = KernelCell::new(Vec::new());
/// Threads whose wait is over, and how much more important that makes them.
static WANTED: KernelCell<VecDeque<(Arc<Thread>, u32)>> = KernelCell::new(VecDeque::new());
/// Wakes the thread that brings stacks back, once there is one.
static SWAPPER: KernelCell<Option<Arc<Event>>> = KernelCell::new(None);
/// Interrupt time of the last look at all threads.
static LOOKED: KernelCell<u64> = KernelCell::new(0);

/// Whether a new thread's stack may go out: it begins when there is a place for that.
pub fn is_pageable(has_user_mode: bool) -> bool {
    has_user_mode && stacks::have_place()
}

/// Takes the stacks of threads out that have waited for long, unless it is too early to look at all of them again. Says
/// whether there were any. No guard may be held: this waits.
pub fn page_out() -> bool {
    clock::update();
    let now = clock::interrupt_time();
    if now.wrapping_sub(*LOOKED.lock()) < BETWEEN {
        return false;
    }
    *LOOKED.lock() = now;
    let threads = cid::processes().into_iter().flat_map(|process: Arc<Process>| process.threads());
    let chosen: Vec<_> =
        threads.filter(|thread| thread.task().is_pageable() && thread.tcb.waits_long()).collect();
    if chosen.is_empty() || start().is_err() {
        return false;
    }
    // Writing waits, so that one or the other may have gone on when its turn comes.
    chosen.iter().filter(|thread| thread.tcb.waits_still() && send_away(thread)).count() > 0
}

/// Sees to it that there is somebody who brings stacks back.
fn start() -> Result<(), NtStatus> {
    if SWAPPER.lock().is_some() {
        return Ok(());
    }
    *SWAPPER.lock() = Some(Arc::new(Event::new(true, false)));
    ps::system::start_thread(swapper).inspect_err(|_| *SWAPPER.lock() = None)
}

/// Writes a stack. Says whether that has made room.
fn send_away(thread: &Arc<Thread>) -> bool {
    // All that are out may be wanted at once, by who cannot do without a place there.
    let with_this = OUT.lock().len() + 1;
    if OUT.lock().try_reserve(1).is_err() || WANTED.lock().try_reserve(with_this).is_err() {
        return false;
    }
    let Some(used) = thread.task().stack_in_use() else { return false };
    let Some(place) = stacks::take(used) else { return false };
    let Some(pages) = thread.task().take_stack() else { return false };
    let first = pages.len() - used;
    match place.store(&pages[first..]) {
        Ok((stored, writing)) => {
            thread.tcb.set_stack_out(true);
            OUT.lock().push(Out { thread: thread.clone(), stored: Some(stored) });
            drop(pages);
            // Pages that could not be written are kept: that has made no room.
            writing.write().is_ok()
        }
        Err(_) => {
            put_back(thread.task(), pages);
            false
        }
    }
}

fn put_back(task: &Task, pages: Vec<Page>) {
    if !task.put_stack_back(pages) {
        unreachable!("a stack that was taken out has room for its pages");
    }
}

/// A thread whose stack is out is to run. Its stack is brought back by somebody who can wait.
pub(super) fn wanted(thread: Arc<Thread>, increment: u32) {
    WANTED.lock().push_back((thread, increment));
    let swapper = SWAPPER.lock().clone();
    if let Some(event) = swapper {
        event.set();
    }
}

/// The thread that brings stacks back.
fn swapper() {
    let Some(event) = SWAPPER.lock().clone() else { return };
    sched::current().set_base_priority(PRIORITY);
    loop {
        let next = WANTED.lock().pop_front();
        match next {
            Some((thread, increment)) => {
                bring_in(&thread);
                sched::ready_with(thread, increment);
            }
            None => drop(wait::wait_for_any(&[event.signal()], None, Mode::Kernel)),
        }
    }
}

/// Sees to it that a thread's stack is in memory: somebody wants to look at its registers, or it is to run. No guard may be
/// held: this waits.
pub fn bring_in(thread: &Arc<Thread>) {
    while thread.tcb.is_stack_out() {
        let stored = {
            let mut out = OUT.lock();
            out.iter_mut().find(|out| Arc::ptr_eq(&out.thread, thread)).and_then(|out| out.stored.take())
        };
        let Some(stored) = stored else {
            wait::delay(-MOMENT, Mode::Kernel);
            continue;
        };
        put_back(thread.task(), read(&stored, thread.task()));
        OUT.lock().retain(|out| !Arc::ptr_eq(&out.thread, thread));
        thread.tcb.set_stack_out(false);
        stored.give_back();
    }
}

/// All pages of a stack: those that were kept, and others below them.
fn read(stored: &Stored, task: &Task) -> Vec<Page> {
    let mut pages = Vec::with_capacity(Task::STACK_PAGES);
    while pages.len() < Task::STACK_PAGES - stored.count() {
        match Page::of_kernel() {
            Some(page) => pages.push(page),
            None => stacks::make_room(),
        }
    }
    for number in 0..stored.count() {
        match stored.read(number) {
            Ok(page) => pages.push(page),
            Err((cause, file, offset)) => bugcheck(
                codes::KERNEL_STACK_INPAGE_ERROR,
                [cause.0.into(), cause.0.into(), file, offset],
                cause,
                format_args!("a page of a kernel stack cannot be read: {:#x}", task.stack_base()),
            ),
        }
    }
    pages
}
