//! Grinding in threads of this very process: for kernels that cannot make another one yet, and for finding
//! out what a child process has to do with a finding.

use core::sync::atomic::Ordering;

use crate::arena::THREADS;
use crate::grinder::Grinder;
use crate::record::Record;
use crate::report;
use crate::{call, identity};

static RECORD: Record = Record::new();
/// How often the threads are looked at, in 100 ns.
const LOOK: u32 = 30_000;
/// So many looks without a call, and a thread counts as blocked.
const PATIENCE: u32 = 10;
/// Threads that may block before the run is over: `rt` has no more stacks.
const SPARE: usize = 40;

extern "win64" fn grind(stream: u64) -> ! {
    Grinder::new(&RECORD, stream as usize, true).run();
    rt::exit_thread()
}

/// Makes `calls` calls; false when the threads could not be kept going.
pub fn run(seed: u64, calls: u64) -> bool {
    RECORD.seed.store(seed, Ordering::Relaxed);
    RECORD.limit.store(calls / THREADS as u64, Ordering::Relaxed);
    let (process, thread) = call::own_ids();
    identity::set_own(process, thread);
    identity::put_up_regions();
    let mut started = (0..THREADS).filter(|&stream| rt::spawn(grind, stream as u64).is_ok()).count();
    let (mut before, mut still) = ([0; THREADS], [0; THREADS]);
    loop {
        rt::delay(LOOK);
        for (index, thread) in RECORD.threads.iter().enumerate() {
            let now = thread.calls.load(Ordering::Relaxed);
            still[index] = if now == before[index] { still[index] + 1 } else { 0 };
            before[index] = now;
            if thread.done.load(Ordering::Relaxed) == 0 && still[index] > PATIENCE && started < SPARE {
                report::last_call(thread);
                // Its successor has other random numbers, or it would come to the same end.
                started = started.next_multiple_of(THREADS) + index;
                let _ = rt::spawn(grind, started as u64);
                started += 1;
                still[index] = 0;
            }
        }
        if RECORD.threads.iter().all(|thread| thread.done.load(Ordering::Relaxed) != 0) {
            return true;
        }
        if still.iter().any(|&looks| looks > 20 * PATIENCE) {
            RECORD.threads.iter().for_each(report::last_calls);
            return false;
        }
    }
}
