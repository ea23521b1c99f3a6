//! Who asks for something, and how he is told of its end.

use alloc::sync::Arc;

use mmcore::Access;
use nt::NtStatus;
use nt::file::option;
use nt::security::EVENT_MODIFY_STATE;
use nt::types::{Handle, IoStatusBlock, UserPtr};
use zerocopy::IntoBytes;

use super::file::FileObject;
use super::irp::{Completion, Outcome};
use super::pending::{Target, Ticket};
use crate::ke::apc::{self, Apc};
use crate::ke::event::{self, Event};
use crate::ke::service::NtResult;
use crate::ke::{dispatcher, sched};
use crate::mm::copy::keep_pages;
use crate::mm::user;
use crate::ps::Thread;

/// Who is told of a request's end, besides the IO_STATUS_BLOCK.
#[derive(Debug, Default)]
pub struct Notify {
    event: Option<Arc<Event>>,
    apc: Option<(Arc<Thread>, Apc)>,
}

impl Notify {
    /// The request has ended. Without an event, and for files whose services wait, the file is signalled.
    pub fn done(self, file: &FileObject) {
        if self.event.is_none() || file.options() & option::SYNCHRONOUS != 0 {
            dispatcher::signal(file.signal());
        }
        if let Some(event) = self.event {
            event.set();
        }
        if let Some((thread, apc)) = self.apc {
            // A thread that is ending gets none.
            let _ = apc::queue(&thread, apc);
        }
    }
}

/// Who asks: the captured arguments that say how he is told.
pub struct Asker {
    io_status: UserPtr<IoStatusBlock>,
    notify: Notify,
}

impl Asker {
    /// Captures the arguments. For a file whose services wait, the caller's turn comes first: one request at a time.
    /// Event and file are not signalled from here on.
    ///
    /// # Errors
    /// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED, about the event; ALERTED, THREAD_IS_TERMINATING.
    pub fn new(
        file: &FileObject,
        event: Handle,
        routine: u64,
        context: u64,
        io_status: UserPtr<IoStatusBlock>,
    ) -> Result<Self, NtStatus> {
        let event = match event {
            Handle::NULL => None,
            handle => Some(event::by_handle(handle, EVENT_MODIFY_STATE)?),
        };
        file.wait_for_turn()?;
        if let Some(event) = &event {
            event.reset();
        }
        dispatcher::reset(file.signal());
        let apc = (routine != 0).then(|| {
            let arguments = [context, io_status.address, 0];
            (sched::current(), Apc { routine, arguments, source: 0 })
        });
        Ok(Self { io_status, notify: Notify { event, apc } })
    }

    /// Tells the caller of what became of his request, or lets it be told later: PENDING. Data goes to `buffer`, at
    /// most `room` bytes. `offset` is where a transfer began that moves the file's position.
    ///
    /// # Errors
    /// The request's own; ACCESS_VIOLATION.
    pub fn tell(
        self,
        file: &FileObject,
        (buffer, room): (u64, u32),
        offset: Option<u64>,
        outcome: Outcome,
    ) -> NtResult {
        let completion = match outcome {
            Outcome::Completed(completion) if completion.status.is_error() => return Err(completion.status),
            Outcome::Completed(completion) => completion,
            Outcome::Pending(ticket) if file.options() & option::SYNCHRONOUS == 0 => {
                return self.leave(&ticket, buffer, room);
            }
            Outcome::Pending(ticket) => file.wait_for(&ticket),
        };
        if let Some(offset) = offset
            && !completion.status.is_error()
        {
            file.set_position(offset.saturating_add(completion.information));
        }
        self.tell_now(file, buffer, room, &completion)
    }

    /// Copies the answer to the caller. The IO_STATUS_BLOCK is written last.
    fn tell_now(self, file: &FileObject, buffer: u64, room: u32, completion: &Completion) -> NtResult {
        let Completion { status, information, output } = completion;
        match output.as_bytes() {
            [] => {}
            bytes => user::write(buffer, &bytes[..bytes.len().min(room as usize)])?,
        }
        write_status(self.io_status, *status, *information)?;
        self.notify.done(file);
        status.ok().map(|()| *status)
    }

    /// Keeps the caller's memory for an answer that comes later. A request for which there is none is given up.
    fn leave(self, ticket: &Ticket, buffer: u64, room: u32) -> NtResult {
        let thread = sched::current();
        let process = thread.process();
        let keep = |address, len| keep_pages(process, address, len, Access::Write);
        let kept = keep(buffer, room as usize).and_then(|buffer| {
            let io_status = keep(self.io_status.address, size_of::<IoStatusBlock>())?;
            Ok((buffer, io_status))
        });
        match kept {
            Ok((buffer, io_status)) => {
                ticket.leave(Target { buffer, io_status, notify: self.notify });
                Ok(NtStatus::PENDING)
            }
            Err(status) => {
                ticket.cancel();
                Err(status)
            }
        }
    }
}

/// Writes an IO_STATUS_BLOCK.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn write_status(to: UserPtr<IoStatusBlock>, status: NtStatus, information: u64) -> Result<(), NtStatus> {
    let block = IoStatusBlock { status: status.0.into(), information };
    user::write(to.address, block.as_bytes())
}
