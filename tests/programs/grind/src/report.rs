//! What is written to the boot screen.

use core::fmt::{self, Write};
use core::sync::atomic::Ordering;

use nt::service;

use crate::record::{Call, LAST, Thread};

/// Writes formatted text to the boot screen, piece by piece.
#[derive(Debug)]
pub struct Screen;

impl Write for Screen {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        rt::display(text);
        Ok(())
    }
}

/// Writes a line.
pub fn line(text: fmt::Arguments<'_>) {
    // Nothing is left to do about a screen that cannot be written to.
    let _ = writeln!(Screen, "{text}");
}

fn call(thread: &Thread, call: &Call) {
    let number = call.number.load(Ordering::Relaxed);
    let count = service::SERVICES.get(number as usize).map_or(4, |service| service.args.len());
    let name = u32::try_from(number).ok().and_then(service::name).unwrap_or("unknown");
    let _ = write!(Screen, "  thread {} {name} {number:#x}(", thread.id.load(Ordering::Relaxed));
    for argument in &call.arguments[..count.min(call.arguments.len())] {
        let _ = write!(Screen, "{:#x} ", argument.load(Ordering::Relaxed));
    }
    match call.status.load(Ordering::Relaxed) {
        Call::UNDER_WAY => line(format_args!(") has not returned")),
        status => line(format_args!(") = {status:#x}")),
    }
}

/// The call that a thread has under way, or its last one.
pub fn last_call(thread: &Thread) {
    call(thread, &thread.last[thread.calls.load(Ordering::Relaxed) as usize % LAST]);
}

/// A thread's last calls, oldest first.
pub fn last_calls(thread: &Thread) {
    let calls = thread.calls.load(Ordering::Relaxed) as usize;
    for number in calls.saturating_sub(LAST - 1)..=calls {
        call(thread, &thread.last[number % LAST]);
    }
}
