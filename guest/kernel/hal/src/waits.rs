//! Which threads wait for what, for the monitor's report on a guest that hangs (`nt::kd`). A wait that is over before it
//! blocks leaves nothing here.

use core::cell::UnsafeCell;

use nt::kd::{WAITS, WaitRecord};

use crate::{cpu, phys};

struct Table(UnsafeCell<[WaitRecord; WAITS]>);

// SAFETY: the kernel runs alone (see the crate); the monitor reads when it has stopped.
unsafe impl Sync for Table {}

static TABLE: Table = Table(UnsafeCell::new([WaitRecord::NOBODY; WAITS]));
/// What the current thread is about to wait for.
static NOTE: Note = Note(UnsafeCell::new(WaitRecord::NOBODY));

struct Note(UnsafeCell<WaitRecord>);

// SAFETY: as above.
unsafe impl Sync for Note {}

/// The place of a thread that waits.
#[derive(Debug)]
pub struct Place(usize);

pub(crate) fn address() -> u64 {
    phys::address_of(TABLE.0.get())
}

/// Says what the current thread is about to wait for: so many objects, the first two of them.
#[inline]
pub fn note(count: u32, all: bool, kinds: [u32; 2], targets: [u64; 2]) {
    let place = NOTE.0.get();
    // SAFETY: the kernel runs alone, and is not preempted.
    unsafe {
        (*place).count = count;
        (*place).all = all.into();
        (*place).kinds = kinds;
        (*place).targets = targets;
    }
}

/// The wait that was announced has ended, or not begun.
#[inline]
pub fn forget() {
    // SAFETY: the kernel runs alone.
    unsafe { (*NOTE.0.get()).kinds = [0; 2] };
    // SAFETY: as above.
    unsafe { (*NOTE.0.get()).count = 0 };
}

/// A thread leaves the processor until its wait ends.
pub fn begin(pid: u32, tid: u32) -> Place {
    // SAFETY: the kernel runs alone.
    unsafe {
        let note = NOTE.0.get();
        let table = TABLE.0.get();
        // Ids are multiples of four; most threads find their place at once.
        let first = tid as usize / 4;
        for step in 0..WAITS {
            let at = (first + step) % WAITS;
            if (*table)[at].since == 0 {
                (*table)[at] = WaitRecord { since: cpu::tsc() | 1, pid, tid, ..*note };
                forget();
                return Place(at);
            }
        }
    }
    forget();
    Place(WAITS)
}

/// The wait has ended.
pub fn end(place: Place) {
    // SAFETY: the kernel runs alone.
    if let Some(record) = unsafe { (*TABLE.0.get()).get_mut(place.0) } {
        record.since = 0;
    }
}
