//! Events, semaphores, mutants, timers, waits, APCs, exceptions, contexts: what the kernel proper promises.

pub mod apcs;
mod asm;
mod calls;
pub mod contexts;
pub mod costs;
pub mod events;
pub mod exceptions;
pub mod hostile;
pub mod mutants;
pub mod semaphores;
pub mod suspension;
pub mod time;
pub mod timers;
pub mod waits;

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;

use crate::checks::verdict;

/// Does what a word says, if it is one of these.
pub fn run(word: &str) -> bool {
    match word {
        "events-states" => events::events(),
        "events-wake" => events::wakes(),
        "semaphores" => semaphores::semaphores(),
        "mutants" => mutants::mutants(),
        "timers" => timers::timers(),
        "timer-apcs" => timers::apcs(),
        "wait-all" => waits::all(),
        "wait-any" => waits::any(),
        "wait-refused" => waits::refused(),
        "time-outs" => waits::time_outs(),
        "signal-and-wait" => waits::signal_and_wait(),
        "priorities" => waits::priorities(),
        "clocks" => time::clocks(),
        "time-is" => time::print(),
        "apcs" => apcs::apcs(),
        "exceptions" => exceptions::exceptions(),
        "second-chance" => exceptions::second_chance(),
        "contexts" => contexts::contexts(),
        "suspension" => suspension::suspension(),
        "hostile-ke" => hostile::arguments(),
        "ke-cost" => costs::costs(),
        "continue-nowhere" => contexts::continue_at(0x8000_0000_0000),
        "continue-kernel" => contexts::continue_at(0x7FFF_8020_0000),
        "broken-stack" => broken_stack(),
        _ => return false,
    }
    true
}

/// An exception whose record no stack can take.
fn broken_stack() {
    asm::invalid_opcode_on_stack(0x1_0008)
}

/// A status that must be the expected one.
fn expect(name: &str, got: NtStatus, wanted: NtStatus) {
    verdict(name, got == wanted, got.name().unwrap_or("another status"));
}

/// A value that must be the expected one.
fn same<T: PartialEq>(name: &str, got: T, wanted: T) {
    verdict(name, got == wanted, "another value");
}

/// What threads and APCs leave for the check that made them.
static SLOTS: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];
/// How many of them have left something.
static FILLED: AtomicU32 = AtomicU32::new(0);

/// Leaves a value behind those before.
fn leave(value: u64) {
    if let Some(slot) = SLOTS.get(FILLED.fetch_add(1, Ordering::Relaxed) as usize) {
        slot.store(value, Ordering::Relaxed);
    }
}

/// How many values there are.
fn left() -> u32 {
    FILLED.load(Ordering::Relaxed)
}

/// The value at a place.
fn value(place: usize) -> u64 {
    SLOTS[place].load(Ordering::Relaxed)
}

/// Forgets them.
fn forget() {
    FILLED.store(0, Ordering::Relaxed);
    for slot in &SLOTS {
        slot.store(u64::MAX, Ordering::Relaxed);
    }
}

/// Whether the values are these and no others.
fn left_are(name: &str, wanted: &[u64]) {
    let all = left() as usize == wanted.len() && (0..wanted.len()).all(|place| value(place) == wanted[place]);
    verdict(name, all, "other values, or in another order");
}

/// Lets the other threads run until all of them wait: they are more important for as long.
fn settle() {
    calls::set_base_priority(Handle::CURRENT_THREAD, -15);
    calls::set_base_priority(Handle::CURRENT_THREAD, 0);
}

/// Starts a thread that never waits and lets it run for a while.
fn start_spinning(routine: extern "win64" fn(u64) -> !) -> Handle {
    let thread = rt::spawn(routine, 0).unwrap_or(Handle::NULL);
    rt::delay(400_000);
    thread
}

/// Starts a thread and lets it run until it waits.
fn start(routine: extern "win64" fn(u64) -> !, argument: u64) -> Handle {
    let thread = rt::spawn(routine, argument).unwrap_or(Handle::NULL);
    settle();
    thread
}

/// Waits for the end of a thread, for a second at most.
fn end(name: &str, thread: Handle) {
    expect(name, calls::wait(thread, Some(-10_000_000)), NtStatus::SUCCESS);
    rt::close(thread);
}
