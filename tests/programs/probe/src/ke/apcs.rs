//! User APCs and alerts.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;

use super::calls::{self, NOTIFICATION};
use super::{asm, end, expect, forget, leave, left, left_are, same, start};

static EVENT: AtomicU64 = AtomicU64::new(0);

fn event() -> Handle {
    Handle(EVENT.load(Ordering::Relaxed))
}

extern "win64" fn note(first: u64, second: u64, third: u64) {
    leave(first);
    leave(second);
    leave(third);
}

/// Queues another one from within.
extern "win64" fn note_and_queue(first: u64, second: u64, _: u64) {
    leave(first);
    if second > 0 {
        calls::queue_apc(Handle::CURRENT_THREAD, note_and_queue, [first + 1, second - 1, 0]);
    }
}

extern "win64" fn wait_alertably(_: u64) -> ! {
    leave(calls::wait_alertably(event(), None).0.into());
    rt::exit_thread()
}

extern "win64" fn wait_unalertably(_: u64) -> ! {
    leave(calls::wait(event(), None).0.into());
    leave(calls::test_alert().0.into());
    rt::exit_thread()
}

/// When APCs come, in which order, with which arguments.
pub fn apcs() {
    forget();
    let queue = |arguments| calls::queue_apc(Handle::CURRENT_THREAD, note, arguments);
    for n in 0..3 {
        expect("apc-queued", queue([10 * n, 10 * n + 1, u64::MAX - n]), NtStatus::SUCCESS);
    }
    same("apc-not-yet", left(), 0);
    expect("apc-test-alert", calls::test_alert(), NtStatus::SUCCESS);
    left_are("apc-order", &[0, 1, u64::MAX, 10, 11, u64::MAX - 1, 20, 21, u64::MAX - 2]);
    expect("apc-no-more", calls::test_alert(), NtStatus::SUCCESS);
    same("apc-none-left", left(), 9);

    forget();
    queue([1, 2, 3]);
    expect("apc-not-alertable", calls::delay(false, -10_000), NtStatus::SUCCESS);
    same("apc-still-queued", left(), 0);
    expect("apc-alertable", calls::delay(true, -100_000_000), NtStatus::USER_APC);
    left_are("apc-delivered", &[1, 2, 3]);
    // A time of 0 does not wait, but delivers; a signalled object is taken and delivers nothing.
    forget();
    let signalled = calls::event(NOTIFICATION, true);
    queue([4, 5, 6]);
    expect("apc-signalled-first", calls::wait_alertably(signalled, None), NtStatus::SUCCESS);
    same("apc-signalled-not-delivered", left(), 0);
    calls::reset(signalled);
    expect("apc-no-time", calls::wait_alertably(signalled, Some(0)), NtStatus::USER_APC);
    left_are("apc-no-time-delivered", &[4, 5, 6]);
    rt::close(signalled);

    forget();
    calls::queue_apc(Handle::CURRENT_THREAD, note_and_queue, [1, 3, 0]);
    calls::test_alert();
    left_are("apc-from-apc", &[1, 2, 3, 4]);
    for_others();
    registers();
}

fn for_others() {
    EVENT.store(calls::event(NOTIFICATION, false).0, Ordering::Relaxed);
    forget();
    let thread = start(wait_alertably, 0);
    expect("apc-other", calls::queue_apc(thread, note, [7, 8, 9]), NtStatus::SUCCESS);
    end("apc-other-ended", thread);
    left_are("apc-other-delivered", &[7, 8, 9, NtStatus::USER_APC.0.into()]);
    forget();
    let thread = start(wait_unalertably, 0);
    calls::queue_apc(thread, note, [7, 8, 9]);
    super::settle();
    same("apc-other-not-alertable", left(), 0);
    calls::set(event());
    end("apc-other-later", thread);
    left_are("apc-other-later-delivered", &[0, 7, 8, 9, 0]);
    calls::reset(event());

    // Alerts.
    forget();
    let thread = start(wait_alertably, 0);
    expect("alert", calls::alert(thread), NtStatus::SUCCESS);
    end("alert-ended", thread);
    left_are("alert-status", &[NtStatus::ALERTED.0.into()]);
    calls::alert(Handle::CURRENT_THREAD);
    expect("alert-before-wait", calls::wait_alertably(event(), None), NtStatus::ALERTED);
    expect("alert-once", calls::wait_alertably(event(), Some(-10_000)), NtStatus::TIMEOUT);
    calls::alert(Handle::CURRENT_THREAD);
    expect("alert-tested", calls::test_alert(), NtStatus::ALERTED);
    expect("alert-tested-once", calls::test_alert(), NtStatus::SUCCESS);
    let process = calls::queue_apc(Handle::CURRENT_PROCESS, note, [0; 3]);
    expect("apc-process", process, NtStatus::OBJECT_TYPE_MISMATCH);
    rt::close(event());
}

extern "win64" fn clobber(_: u64, _: u64, _: u64) {
    leave(1);
    asm::clobber();
}

/// The thread goes on with all that it had.
fn registers() {
    forget();
    calls::queue_apc(Handle::CURRENT_THREAD, clobber, [0; 3]);
    same("apc-registers", asm::lost_over_test_alert(), 0);
    same("apc-registers-came", left(), 1);
}
