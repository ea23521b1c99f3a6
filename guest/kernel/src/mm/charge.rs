//! The system's commit charge: memory is promised only while there is memory to keep the promise.

use hal::cell::{Guard, KernelCell};
use mmcore::Ledger;

/// One page in this many is never promised: the kernel itself needs memory, and page tables are not
/// charged.
const UNPROMISED: u32 = 8;

static LEDGER: KernelCell<Ledger> = KernelCell::new(Ledger::new(0));

/// Promises can be made for that much memory, in pages.
pub fn init(available: u32) {
    LEDGER.lock().raise_limit((available - available / UNPROMISED).into());
}

/// The system's account, borrowed. What holds a section must not be dropped meanwhile: the section may want
/// to give its charge back.
#[track_caller]
pub fn ledger() -> Guard<'static, Ledger> {
    LEDGER.lock()
}
