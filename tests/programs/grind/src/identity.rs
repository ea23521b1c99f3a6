//! What this process is, for arguments that name it, and memory it has put up to be pointed at.

use core::sync::atomic::{AtomicU64, Ordering};

static PROCESS: AtomicU64 = AtomicU64::new(0);
static THREAD: AtomicU64 = AtomicU64::new(0);
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

/// End of a committed page, with nothing behind it.
pub fn guarded() -> u64 {
    GUARDED.load(Ordering::Relaxed)
}

/// Where 64 KiB were, and are no more.
pub fn freed() -> u64 {
    FREED.load(Ordering::Relaxed)
}

/// Sets what [`guarded`] and [`freed`] give.
pub fn set_regions(guarded: u64, freed: u64) {
    GUARDED.store(guarded, Ordering::Relaxed);
    FREED.store(freed, Ordering::Relaxed);
}
