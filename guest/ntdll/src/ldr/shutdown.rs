//! The ends of threads and of the process, as modules hear of them.
#![expect(unsafe_code, reason = "exports by name")]

use core::sync::atomic::{AtomicBool, Ordering};

use nt::NtStatus;

use super::lock::Loader;
use super::notify;

/// Whether the process is ending.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Tells modules that the process ends. Only its last thread may do that.
#[unsafe(no_mangle)]
pub extern "win64" fn LdrShutdownProcess() -> NtStatus {
    if !ENDING.swap(true, Ordering::Relaxed) {
        let mut loader = Loader::lock();
        loader.tell_of_end();
        // Whoever ends the process has no use for others in the loader.
        loader.keep();
    }
    NtStatus::SUCCESS
}

/// Tells modules that the calling thread ends.
#[unsafe(no_mangle)]
pub extern "win64" fn LdrShutdownThread() -> NtStatus {
    let mut loader = Loader::lock();
    if !ENDING.load(Ordering::Relaxed) {
        loader.tell_of_thread(notify::THREAD_DETACH);
    }
    loader.end_thread_tls();
    NtStatus::SUCCESS
}

/// Whether the process is ending.
#[unsafe(no_mangle)]
extern "win64" fn RtlDllShutdownInProgress() -> u8 {
    ENDING.load(Ordering::Relaxed).into()
}
