//! Threads: made, waited for, preempted.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::checks::verdict;

static RAN: AtomicU32 = AtomicU32::new(0);
static STOP: AtomicBool = AtomicBool::new(false);

extern "win64" fn count(argument: u64) -> ! {
    RAN.fetch_add(argument as u32, Ordering::Relaxed);
    rt::exit_thread()
}

extern "win64" fn stop(_: u64) -> ! {
    STOP.store(true, Ordering::Relaxed);
    rt::exit_thread()
}

/// Sixteen threads, each with an argument of its own.
pub fn create_and_wait() {
    let mut created = 0;
    for argument in 1..=16 {
        match rt::spawn(count, argument) {
            Ok(thread) => {
                rt::wait(thread);
                rt::close(thread);
                created += 1;
            }
            Err(_) => break,
        }
    }
    verdict("threads", created == 16 && RAN.load(Ordering::Relaxed) == 136, "not all ran");
}

/// A thread that never gives the processor away does not keep it.
pub fn preemption() {
    let started = rt::spawn(stop, 0).is_ok();
    while started && !STOP.load(Ordering::Relaxed) {
        core::hint::spin_loop();
    }
    verdict("preempt", started, "no thread");
}
