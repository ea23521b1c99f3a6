//! The side of a child process: two threads that grind what the record asks for.

use core::sync::atomic::Ordering;

use crate::arena::THREADS;
use crate::call;
use crate::grinder::Grinder;
use crate::identity;
use crate::record::Record;

/// Where a child has its record.
pub const RECORD: u64 = 0x6000_0000;

extern "win64" fn grind(stream: u64) -> ! {
    Grinder::new(call::record_at(RECORD), stream as usize, false).run();
    rt::exit_thread()
}

/// Grinds in two threads, of which the caller is one.
pub fn run() -> ! {
    let record: &Record = call::record_at(RECORD);
    let (process, thread) = call::own_ids();
    identity::set_own(process, thread);
    identity::set_ordinary(record.ordinary.load(Ordering::Relaxed) != 0);
    identity::put_up_regions();
    for stream in 1..THREADS as u64 {
        if rt::spawn(grind, stream).is_err() {
            record.threads[stream as usize].done.store(1, Ordering::Relaxed);
        }
    }
    grind(0)
}
