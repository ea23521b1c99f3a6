//! What waits and signals cost, in instructions of user mode and kernel together; see [`crate::costs`].

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;

use super::calls::{self, NOTIFICATION, SYNCHRONIZATION};
use crate::costs::measure;

static EVENTS: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

fn event(n: usize) -> Handle {
    Handle(EVENTS[n].load(Ordering::Relaxed))
}

extern "win64" fn answer(_: u64) -> ! {
    loop {
        calls::wait(event(0), None);
        calls::set(event(1));
    }
}

extern "win64" fn nothing(_: u64, _: u64, _: u64) {}

/// Prints them.
pub fn costs() {
    measure("a call that fails", || {
        rt::close(Handle::NULL);
    });
    let signalled = calls::event(NOTIFICATION, true);
    measure("wait for a signalled event", || {
        calls::wait(signalled, None);
    });
    measure("wait for one of two signalled", || {
        calls::wait_any(&[signalled, signalled], None);
    });
    measure("look at one that is not", || {
        calls::reset(signalled);
    });
    measure("set an event nobody waits for", || {
        calls::set(signalled);
    });
    let (_, mutant) = calls::mutant("", false);
    measure("take and give up a mutant", || {
        calls::wait(mutant, None);
        calls::give_up(mutant);
    });
    for event in &EVENTS {
        event.store(calls::event(SYNCHRONIZATION, false).0, Ordering::Relaxed);
    }
    let thread = super::start(answer, 0);
    calls::set_base_priority(thread, -1);
    measure("set, switch, wake, switch back", || {
        calls::signal_and_wait(event(0), event(1), None);
    });
    calls::terminate(thread, NtStatus::SUCCESS);
    measure("an APC", || {
        calls::queue_apc(Handle::CURRENT_THREAD, nothing, [0; 3]);
        calls::test_alert();
    });
    measure("make and close an event", || {
        rt::close(calls::event(NOTIFICATION, false));
    });
}
