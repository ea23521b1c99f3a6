//! Local procedure calls: ports by which processes talk to each other. What happens is `lpcport`'s; here it meets
//! threads that wait, handles, user memory and views of sections.
//!
//! One cell holds everything. It is borrowed for one operation at a time, and never while a thread waits or
//! user memory is touched.

mod accept;
mod client;
mod connect;
mod create;
mod message;
mod port;
mod receive;
mod request;
mod termination;
mod view;

pub use port::{Port, reference};
pub use request::ask_for_kernel;
pub use termination::thread_ended;

use alloc::sync::Arc;

use hal::cell::KernelCell;
use hal::waits;
use lpcport::{Caller, Host, Lpc, WaitEnd};
use nt::NtStatus;

use crate::ke::sched;
use crate::ke::wait::{self, Mode};
use crate::ps::Thread;
use crate::se::ClientContext;

/// The services of this component.
pub mod services {
    pub use super::accept::{
        accept as NtAcceptConnectPort, complete as NtCompleteConnectPort, listen as NtListenPort,
    };
    pub use super::client::{
        impersonate as NtImpersonateClientOfPort, query as NtQueryInformationPort,
        read_data as NtReadRequestData, write_data as NtWriteRequestData,
    };
    pub use super::connect::{connect as NtConnectPort, secure_connect as NtSecureConnectPort};
    pub use super::create::{create as NtCreatePort, create_waitable as NtCreateWaitablePort};
    pub use super::receive::{
        reply as NtReplyPort, reply_wait_receive as NtReplyWaitReceivePort,
        reply_wait_receive_ex as NtReplyWaitReceivePortEx,
    };
    pub use super::request::{
        reply_wait_reply as NtReplyWaitReplyPort, request as NtRequestPort,
        request_wait_reply as NtRequestWaitReplyPort,
    };
    pub use super::termination::register as NtRegisterThreadTerminatePort;
}

/// What the kernel's own things are to the ports.
#[derive(Debug)]
enum Kernel {}

impl Host for Kernel {
    type Thread = Arc<Thread>;
    type View = view::View;
    type Security = ClientContext;
}

/// All ports.
static LPC: KernelCell<Lpc<Kernel>> = KernelCell::new(Lpc::new());

/// The current thread, as messages name it.
fn caller(thread: &Thread) -> Caller {
    Caller { process: thread.process().id(), thread: thread.id() }
}

/// Wakes who has something to do now.
fn wake(thread: Option<Arc<Thread>>) {
    if let Some(thread) = thread {
        wait::unpark(&thread);
    }
}

/// Waits until another operation on ports wakes the current thread: one of [`nt::kd::wait_kind`], and of which process.
fn park(kind: u32, process: u32, timeout: Option<i64>) -> WaitEnd {
    waits::note(1, false, [kind, 0], [process.into(), 0]);
    let end = wait::park(timeout, Mode::User);
    waits::forget();
    match end {
        NtStatus::TIMEOUT => WaitEnd::TimedOut,
        NtStatus::THREAD_IS_TERMINATING => WaitEnd::Terminating,
        _ => WaitEnd::Woken,
    }
}

/// The current thread; it may be put into the tables.
fn current() -> Arc<Thread> {
    sched::current()
}
