//! Requests that their drivers have kept: who waits for them, and what becomes of them.
//!
//! The driver has the request ([`Pended`]) and answers it when it can, from wherever it runs. The I/O manager has a
//! [`Ticket`] for it. A request that is answered while its caller waits is told by the caller itself; any other goes
//! straight into memory of the caller's that is kept for it ([`Target`]).

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::dma::Pages;
use nt::NtStatus;
use nt::types::IoStatusBlock;
use zerocopy::IntoBytes;

use super::asker::Notify;
use super::file::FileObject;
use super::irp::{Completion, Irp, Request};
use crate::ke::dispatcher::{self, Signal};
use crate::ke::sched;
use crate::ke::wait::{self, Mode};
use crate::ps::Thread;

/// Requests that have not been answered.
static OUTSTANDING: KernelCell<Vec<Arc<Ticket>>> = KernelCell::new(Vec::new());

/// What the I/O manager has of a request that its driver keeps.
#[derive(Debug)]
pub struct Ticket {
    file: Arc<FileObject>,
    /// Id of the thread that asked.
    thread: u32,
    state: KernelCell<State>,
    /// Signalled when it has been answered.
    answered: Signal,
}

#[derive(Debug)]
enum State {
    /// Who waits takes the answer.
    Waited,
    /// Nobody waits: the answer goes there.
    Left(Target),
    Answered(Completion),
    Taken,
}

/// Where an answer goes that nobody waits for.
#[derive(Debug)]
pub struct Target {
    /// The caller's buffer.
    pub buffer: Pages,
    /// His IO_STATUS_BLOCK.
    pub io_status: Pages,
    /// How else he is told.
    pub notify: Notify,
}

impl Ticket {
    /// Waits for the answer. The end of the thread, and an alert where those count, cancel the request; it is waited for
    /// all the same, since its driver may be at it.
    pub fn wait(&self, mode: Mode) -> Completion {
        if wait::wait_for_any(&[&self.answered], None, mode) != NtStatus::SUCCESS {
            self.cancel();
            wait::wait_for_any(&[&self.answered], None, Mode::Kernel);
        }
        match core::mem::replace(&mut *self.state.lock(), State::Taken) {
            State::Answered(completion) => completion,
            _ => NtStatus::CANCELLED.into(),
        }
    }

    /// Nobody waits: the answer goes to the target. One that is there already goes there at once.
    pub fn leave(&self, target: Target) {
        let old = core::mem::replace(&mut *self.state.lock(), State::Left(target));
        if let State::Answered(completion) = old {
            self.answer(completion);
        }
    }

    /// Asks the driver to give the request up.
    pub fn cancel(&self) {
        self.file.device().dispatch.cancel(self);
    }

    fn answer(&self, completion: Completion) {
        let old = core::mem::replace(&mut *self.state.lock(), State::Taken);
        match old {
            State::Left(target) => target.tell(&self.file, completion),
            _ => *self.state.lock() = State::Answered(completion),
        }
        dispatcher::signal(&self.answered);
    }
}

impl Target {
    fn tell(self, file: &FileObject, completion: Completion) {
        let Completion { status, information, output } = completion;
        if !status.is_error() {
            self.buffer.write(0, output.as_bytes());
        }
        let block = IoStatusBlock { status: status.0.into(), information };
        self.io_status.write(0, block.as_bytes());
        self.notify.done(file);
    }
}

/// A request in its driver's hands. One that is dropped is answered with CANCELLED.
#[derive(Debug)]
pub struct Pended {
    irp: Irp,
    ticket: Option<Arc<Ticket>>,
}

impl Irp {
    /// The driver keeps the request: for itself, and the ticket for its answer.
    pub fn pend(self) -> (Pended, Arc<Ticket>) {
        let ticket = Arc::new(Ticket {
            file: self.file.clone(),
            thread: sched::current().id(),
            state: KernelCell::new(State::Waited),
            answered: dispatcher::unsignalled(),
        });
        OUTSTANDING.lock().push(ticket.clone());
        (Pended { irp: self, ticket: Some(ticket.clone()) }, ticket)
    }
}

impl Pended {
    /// What is to be done.
    pub fn request(&self) -> &Request {
        &self.irp.request
    }

    /// What is to be written, or what comes with a control code.
    pub fn data(&self) -> &[u8] {
        match &self.irp.request {
            Request::Write { data, .. } => data,
            Request::Control { input, .. } => input,
            Request::Read { .. } => &[],
        }
    }

    /// Whether it is the request of a ticket.
    pub fn is(&self, ticket: &Ticket) -> bool {
        self.ticket.as_ref().is_some_and(|own| core::ptr::eq(Arc::as_ptr(own), ticket))
    }

    /// Answers it. Call it with nothing borrowed that the caller or another request may need.
    pub fn complete(mut self, completion: Completion) {
        self.finish(completion);
    }

    fn finish(&mut self, completion: Completion) {
        if let Some(ticket) = self.ticket.take() {
            OUTSTANDING.lock().retain(|other| !Arc::ptr_eq(other, &ticket));
            ticket.answer(completion);
        }
    }
}

impl Drop for Pended {
    fn drop(&mut self) {
        self.finish(NtStatus::CANCELLED.into());
    }
}

/// Cancels the outstanding requests that `which` says; returns their tickets.
fn cancel_all(which: impl Fn(&Ticket) -> bool) -> Vec<Arc<Ticket>> {
    let tickets: Vec<_> = OUTSTANDING.lock().iter().filter(|ticket| which(ticket)).cloned().collect();
    tickets.iter().for_each(|ticket| ticket.cancel());
    tickets
}

/// Gives up what a thread has asked of a file, and waits until it is given up.
pub fn cancel_of_thread(file: &Arc<FileObject>, thread: &Thread) {
    let which = |ticket: &Ticket| ticket.thread == thread.id() && Arc::ptr_eq(&ticket.file, file);
    for ticket in cancel_all(which) {
        wait::wait(&ticket.answered, None);
    }
}

/// A file has lost its last handle: nobody wants to know any more.
pub fn file_closed(file: &FileObject) {
    if !OUTSTANDING.lock().is_empty() {
        cancel_all(|ticket| core::ptr::eq(Arc::as_ptr(&ticket.file), file));
    }
}

/// A thread has come to its end: what it has asked for is given up.
pub fn thread_ended(thread: &Thread) {
    if !OUTSTANDING.lock().is_empty() {
        cancel_all(|ticket| ticket.thread == thread.id());
    }
}
