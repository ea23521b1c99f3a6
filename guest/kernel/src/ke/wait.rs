//! Waiting: objects that can be signalled, threads that wait for one with a time-out.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use nt::NtStatus;
use nt::types::{Boolean, Handle, UserPtr};

use super::service::NtResult;
use super::{clock, sched};
use crate::mm::user;
use crate::ob::{self, Body};
use crate::ps::Thread;

/// SYNCHRONIZE.
const SYNCHRONIZE: u32 = 0x10_0000;

/// A dispatcher header of the notification kind: once signalled it stays so.
#[derive(Debug, Default)]
pub struct Header {
    signalled: bool,
    waiters: Vec<Arc<Thread>>,
}

/// Something that can be waited for.
pub type Signal = KernelCell<Header>;

/// A header that is not signalled.
pub const fn unsignalled() -> Signal {
    KernelCell::new(Header { signalled: false, waiters: Vec::new() })
}

/// Signals an object: everybody who waits for it goes on.
pub fn signal(signal: &Signal) {
    let waiters = {
        let mut header = signal.lock();
        header.signalled = true;
        core::mem::take(&mut header.waiters)
    };
    for thread in waiters {
        wake(&thread, NtStatus::SUCCESS);
    }
}

/// Waits until the object is signalled or the time is up: SUCCESS or TIMEOUT.
pub fn wait(signal: &Signal, timeout: Option<i64>) -> NtStatus {
    let thread = {
        let mut header = signal.lock();
        if header.signalled {
            return NtStatus::SUCCESS;
        }
        if timeout == Some(0) {
            return NtStatus::TIMEOUT;
        }
        let thread = sched::current();
        header.waiters.push(thread.clone());
        thread
    };
    let status = sleep(&thread, timeout);
    if status == NtStatus::TIMEOUT {
        signal.lock().waiters.retain(|waiter| !Arc::ptr_eq(waiter, &thread));
    }
    status
}

/// Waits for a time.
pub fn delay(interval: i64) {
    sleep(&sched::current(), Some(interval));
}

fn sleep(thread: &Arc<Thread>, timeout: Option<i64>) -> NtStatus {
    thread.begin_wait();
    let timer = timeout.map(|timeout| clock::set_timer(thread, timeout));
    let status = loop {
        sched::block();
        if let Some(status) = thread.wait_status() {
            break status;
        }
    };
    if let Some(timer) = timer
        && status != NtStatus::TIMEOUT
    {
        clock::cancel_timer(timer);
    }
    status
}

/// The time of a waiting thread is up.
pub fn timed_out(thread: &Arc<Thread>) {
    wake(thread, NtStatus::TIMEOUT);
}

/// Ends the wait of a thread that is to end; what it waited for forgets it later.
pub fn cancel(thread: &Arc<Thread>) {
    wake(thread, NtStatus::THREAD_IS_TERMINATING);
}

fn wake(thread: &Arc<Thread>, status: NtStatus) {
    if thread.end_wait(status) {
        sched::ready(thread.clone());
    }
}

/// `NtWaitForSingleObject`.
pub fn wait_for_single_object(handle: Handle, _alertable: Boolean, timeout: UserPtr<i64>) -> NtResult {
    let timeout = match timeout.is_null() {
        true => None,
        false => Some(i64::from_le_bytes(user::read(UserPtr::<[u8; 8]>::new(timeout.address))?)),
    };
    let object = ob::handle::reference(handle, None, SYNCHRONIZE)?;
    match object.body() {
        Some(Body::Process(process)) => Ok(wait(process.signal(), timeout)),
        Some(Body::Thread(thread)) => Ok(wait(thread.signal(), timeout)),
        Some(Body::File(file)) => Ok(wait(file.signal(), timeout)),
        Some(Body::Device(_) | Body::Driver(_) | Body::Key(_) | Body::Section(_)) | None => {
            Err(NtStatus::OBJECT_TYPE_MISMATCH)
        }
    }
}
