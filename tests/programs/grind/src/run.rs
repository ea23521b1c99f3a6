//! What the command line asks for.

use nt::{NtStatus, events};
use rt::ShutdownAction;

use crate::parent::{self, Outcome};
use crate::report::line;
use crate::words::Words;
use crate::{child, here};

/// Seed and number of calls when the command line has none.
const DEFAULT: (u64, u64) = (1, 10_000);

/// Grinds, says what came of it, and powers the system off.
pub fn run(peb: usize) -> NtStatus {
    let words = Words::new(peb);
    if words.has("child") {
        child::run();
    }
    let seed = words.number(0).unwrap_or(DEFAULT.0);
    let calls = words.number(1).unwrap_or(DEFAULT.1);
    line(format_args!("grind seed {seed} calls {calls}"));
    let outcome = match words.has("here") {
        true => Outcome { calls, children: 0, good: here::run(seed, calls) },
        false => parent::run(seed, calls),
    };
    if outcome.good {
        rt::trace(events::SMSS_SESSION_READY, b'I', [0; 2], "");
    }
    let verdict = if outcome.good { "PASS" } else { "FAIL" };
    line(format_args!("{verdict} grind seed {seed} calls {} children {}", outcome.calls, outcome.children));
    rt::shutdown(ShutdownAction::PowerOff)
}
