//! `\Device\Loopback`, loaded on demand: what one request writes another one reads. Neither is answered before
//! the other is there. It is the smallest driver that keeps requests, answers them from other threads and from the
//! clock's interrupt, and gives them up again.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use hal::cell::KernelCell;
use nt::file::{control, device};
use nt::{NtStatus, wide};

use super::device::{Device, Driver};
use super::dispatch::{Create, Dispatch, Opened};
use super::irp::{Completion, Irp, Outcome, Output, Request};
use super::pending::{Pended, Ticket};
use crate::ke::due;

/// Makes the driver and its device.
///
/// # Errors
/// What the object manager says.
pub fn init() -> Result<(), NtStatus> {
    let driver = Driver::publish(wide!(r"\Driver\Loopback"), "Loopback", true)?;
    Device::new(&driver, device::UNKNOWN, 0, Box::new(Loopback)).publish(wide!(r"\Device\Loopback"))
}

#[derive(Debug)]
struct Loopback;

/// Requests that wait for their counterparts, or for their time.
static QUEUES: KernelCell<Queues> =
    KernelCell::new(Queues { reads: VecDeque::new(), writes: VecDeque::new(), delays: VecDeque::new() });

struct Queues {
    reads: VecDeque<Pended>,
    writes: VecDeque<Pended>,
    /// Due in this order.
    delays: VecDeque<Pended>,
}

impl Queues {
    fn all(&mut self) -> [&mut VecDeque<Pended>; 3] {
        [&mut self.reads, &mut self.writes, &mut self.delays]
    }
}

/// Answers a read and a write with each other: the read gets as much as fits, the rest is lost.
fn meet(read: Pended, write: Pended) {
    let (Request::Read { length, .. }, Request::Write { data, .. }) = (read.request(), write.request())
    else {
        return;
    };
    let taken = data.get(..*length as usize).unwrap_or(data).into();
    let written = data.len() as u64;
    write.complete(Completion::done(written));
    read.complete(Completion::data(Output::Bytes(taken)));
}

/// The time of the first delay is up.
fn delay_over(_: u64) {
    let first = QUEUES.lock().delays.pop_front();
    if let Some(first) = first {
        first.complete(Completion::done(0));
    }
}

impl Dispatch for Loopback {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        match create.name {
            [] => Ok(Opened::device()),
            _ => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        }
    }

    fn read(&self, irp: Irp) -> Outcome {
        let (read, ticket) = irp.pend();
        let write = QUEUES.lock().writes.pop_front();
        match write {
            Some(write) => meet(read, write),
            None => QUEUES.lock().reads.push_back(read),
        }
        Outcome::Pending(ticket)
    }

    fn write(&self, irp: Irp) -> Outcome {
        let (write, ticket) = irp.pend();
        let read = QUEUES.lock().reads.pop_front();
        match read {
            Some(read) => meet(read, write),
            None => QUEUES.lock().writes.push_back(write),
        }
        Outcome::Pending(ticket)
    }

    fn device_control(&self, irp: Irp) -> Outcome {
        let Request::Control { code: control::LOOPBACK_DELAY, input, .. } = &irp.request else {
            return NtStatus::INVALID_DEVICE_REQUEST.into();
        };
        let Some(delay) = input.first_chunk::<8>().map(|bytes| i64::from_le_bytes(*bytes)) else {
            return NtStatus::INVALID_PARAMETER.into();
        };
        let (delayed, ticket) = irp.pend();
        QUEUES.lock().delays.push_back(delayed);
        due::call(due::due(delay), delay_over, 0);
        Outcome::Pending(ticket)
    }

    fn cancel(&self, ticket: &Ticket) {
        let found = QUEUES.lock().all().into_iter().find_map(|queue| {
            let place = queue.iter().position(|pended| pended.is(ticket))?;
            queue.remove(place)
        });
        if let Some(pended) = found {
            pended.complete(NtStatus::CANCELLED.into());
        }
    }
}
