//! What is due before a thread goes on in user mode, with its registers at hand.

use hal::trap::{self, UserFrame};

use super::{apc, sched, suspend};
use crate::ps;

/// Does it: the thread's end, its suspension, a user APC, another thread's turn. Returns when the current thread may go on.
pub fn attend(frame: UserFrame<'_>) {
    frame.settle();
    loop {
        trap::set_attention(false);
        let thread = sched::current();
        if thread.tcb.take_attention() {
            if thread.must_end() {
                // This stack is abandoned, so nothing may be left on it that owns something.
                drop(thread);
                ps::exit::end_current_thread();
            }
            suspend::stay(&thread);
            if thread.must_end() {
                thread.call_for_attention();
                continue;
            }
            apc::deliver(&thread, frame);
        }
        drop(thread);
        sched::give_way();
        if !trap::attention() {
            return;
        }
    }
}
