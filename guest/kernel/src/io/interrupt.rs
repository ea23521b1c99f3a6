//! Which drivers want to know of an interrupt line.

use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::ioapic::{self, Trigger};

/// A driver's routine: the line and its own argument. It runs in user mode's time or while the processor idles, with
/// nothing borrowed, and must not wait. For a line that several share, all are called.
pub type Routine = fn(argument: usize);

static CONNECTED: KernelCell<Vec<(u8, Routine, usize)>> = KernelCell::new(Vec::new());

/// Has `routine` called with `argument` for each interrupt of a line, from now on for good (IoConnectInterrupt).
///
/// # Panics
/// For a line that there is not.
pub fn connect(line: u8, trigger: Trigger, routine: Routine, argument: usize) {
    let mut connected = CONNECTED.lock();
    let is_first = connected.iter().all(|&(other, ..)| other != line);
    connected.push((line, routine, argument));
    drop(connected);
    if is_first {
        ioapic::enable(line, trigger);
    }
}

/// A line has interrupted.
pub fn raised(line: u8) {
    let mut next = 0;
    loop {
        let found = {
            let connected = CONNECTED.lock();
            connected
                .iter()
                .enumerate()
                .skip(next)
                .find(|(_, entry)| entry.0 == line)
                .map(|(at, entry)| (at, *entry))
        };
        let Some((at, (_, routine, argument))) = found else { return };
        routine(argument);
        next = at + 1;
    }
}
