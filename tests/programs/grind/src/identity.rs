//! What this process is, for arguments that name it, and memory it has put up to be pointed at.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nt::types::Handle;

use crate::call;

static PROCESS: AtomicU64 = AtomicU64::new(0);
static THREAD: AtomicU64 = AtomicU64::new(0);
static ORDINARY: AtomicBool = AtomicBool::new(false);
static GUARDED: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);

/// Ids of this process and of one of its grinding threads.
pub fn own() -> (u64, u64) {
    (PROCESS.load(Ordering::Relaxed), THREAD.load(Ordering::Relaxed))
}

/// Sets what [`own`] gives.
pub fn set_own(process: u64, thread: u64) {
    PROCESS.store(process, Ordering::Relaxed);
    THREAD.store(thread, Ordering::Relaxed);
}

/// Whether this process runs as an ordinary user, whom the system keeps from what others own.
pub fn is_ordinary() -> bool {
    ORDINARY.load(Ordering::Relaxed)
}

/// Sets what [`is_ordinary`] gives.
pub fn set_ordinary(ordinary: bool) {
    ORDINARY.store(ordinary, Ordering::Relaxed);
}

/// End of a committed page, with nothing behind it.
pub fn guarded() -> u64 {
    GUARDED.load(Ordering::Relaxed)
}

/// Where 64 KiB were, and are no more.
pub fn freed() -> u64 {
    FREED.load(Ordering::Relaxed)
}

/// Makes the memory that [`guarded`] and [`freed`] tell of. Without memory both stay 0.
pub fn put_up_regions() {
    let own = Handle::CURRENT_PROCESS;
    if let Ok(region) = call::allocate(own, 0x1_0000, 0x1000) {
        GUARDED.store(region + 0x1000, Ordering::Relaxed);
    }
    if let Ok(region) = call::allocate(own, 0x1_0000, 0x1_0000)
        && call::free(region).is_ok()
    {
        FREED.store(region, Ordering::Relaxed);
    }
}
