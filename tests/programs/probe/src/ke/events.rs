//! Events.

use nt::NtStatus;
use nt::types::Handle;

use super::calls::{self, Kind, NOTIFICATION, OPENIF, SYNCHRONIZATION};
use super::{end, expect, forget, leave, left, left_are, same, settle, start};

static EVENT: core::sync::atomic::AtomicU64 = core::sync::atomic::AtomicU64::new(0);

/// The event that the threads of a check wait for.
fn shared_event() -> Handle {
    Handle(EVENT.load(core::sync::atomic::Ordering::Relaxed))
}

fn share(event: Handle) {
    EVENT.store(event.0, core::sync::atomic::Ordering::Relaxed);
}

extern "win64" fn wait_and_leave(number: u64) -> ! {
    if calls::wait(shared_event(), None) == NtStatus::SUCCESS {
        leave(number);
    }
    rt::exit_thread()
}

/// States, queries, names.
pub fn events() {
    let event = calls::event(NOTIFICATION, false);
    expect("event-not-signalled", calls::poll(event), NtStatus::TIMEOUT);
    same("event-set", calls::set(event), (NtStatus::SUCCESS, 0));
    same("event-set-again", calls::set(event), (NtStatus::SUCCESS, 1));
    expect("event-signalled", calls::poll(event), NtStatus::SUCCESS);
    expect("event-stays", calls::poll(event), NtStatus::SUCCESS);
    same("event-reset", calls::reset(event), (NtStatus::SUCCESS, 1));
    expect("event-reset-not-signalled", calls::poll(event), NtStatus::TIMEOUT);
    calls::set(event);
    expect("event-clear", calls::clear(event), NtStatus::SUCCESS);
    expect("event-cleared", calls::poll(event), NtStatus::TIMEOUT);
    rt::close(event);

    let event = calls::event(SYNCHRONIZATION, true);
    let mut buffer = [0xFF; 8];
    same("event-query", calls::query(Kind::Event, event, 0, &mut buffer), (NtStatus::SUCCESS, 8));
    same("event-queried", buffer, [1, 0, 0, 0, 1, 0, 0, 0]);
    expect("event-taken", calls::poll(event), NtStatus::SUCCESS);
    expect("event-taken-once", calls::poll(event), NtStatus::TIMEOUT);
    expect(
        "event-query-class",
        calls::query(Kind::Event, event, 1, &mut buffer).0,
        NtStatus::INVALID_INFO_CLASS,
    );
    expect(
        "event-query-length",
        calls::query(Kind::Event, event, 0, &mut buffer[..7]).0,
        NtStatus::INFO_LENGTH_MISMATCH,
    );
    rt::close(event);
    names();
}

fn names() {
    let name = r"\BaseNamedObjectsTest";
    let (made, event) = calls::named_event(name, 0, NOTIFICATION, false);
    expect("event-named", made, NtStatus::SUCCESS);
    expect(
        "event-collision",
        calls::named_event(name, 0, NOTIFICATION, false).0,
        NtStatus::OBJECT_NAME_COLLISION,
    );
    let (status, same_event) = calls::named_event(name, OPENIF, SYNCHRONIZATION, true);
    expect("event-openif", status, NtStatus::OBJECT_NAME_EXISTS);
    expect("event-openif-is-the-old-one", calls::poll(same_event), NtStatus::TIMEOUT);
    let (opened, read_only) = calls::open(Kind::Event, name, 0x10_0001);
    expect("event-opened", opened, NtStatus::SUCCESS);
    expect("event-access", calls::set(read_only).0, NtStatus::ACCESS_DENIED);
    expect("event-type", calls::open(Kind::Mutant, name, calls::ALL).0, NtStatus::OBJECT_TYPE_MISMATCH);
    for handle in [event, same_event, read_only] {
        rt::close(handle);
    }
    expect("event-name-gone", calls::open(Kind::Event, name, calls::ALL).0, NtStatus::OBJECT_NAME_NOT_FOUND);
}

/// Who is woken, and in which order.
pub fn wakes() {
    let event = calls::event(SYNCHRONIZATION, false);
    share(event);
    forget();
    let threads = [1, 2, 3].map(|number| start(wait_and_leave, number));
    calls::set(event);
    settle();
    same("sync-wakes-one", left(), 1);
    calls::set(event);
    calls::set(event);
    for thread in threads {
        end("sync-woken", thread);
    }
    left_are("sync-in-order", &[1, 2, 3]);
    expect("sync-consumed", calls::poll(event), NtStatus::TIMEOUT);
    rt::close(event);

    let event = calls::event(NOTIFICATION, false);
    share(event);
    forget();
    let threads = [1, 2, 3].map(|number| start(wait_and_leave, number));
    same("pulse", calls::pulse(event), (NtStatus::SUCCESS, 0));
    expect("pulse-leaves-no-signal", calls::poll(event), NtStatus::TIMEOUT);
    for thread in threads {
        end("pulse-wakes-all", thread);
    }
    same("pulse-woke-three", left(), 3);
    rt::close(event);
}
