//! Reads and writes: how they begin, how they end.

use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::platform;
use nt::NtStatus;
use serialcore::{State, Verdict};

use super::port::{Answers, Port, Read, Write};
use crate::io::irp::{Completion, Irp, Outcome, Output, Request};
use crate::io::pending::Ticket;
use crate::ke::{clock, due};

/// Answers what is over. The port must not be borrowed.
pub fn answer(answers: Answers) {
    for (request, completion) in answers {
        request.complete(completion);
    }
}

/// IRP_MJ_READ.
pub fn read(cell: &'static KernelCell<Port>, irp: Irp) -> Outcome {
    let Request::Read { length, .. } = irp.request else {
        return NtStatus::INVALID_DEVICE_REQUEST.into();
    };
    let (request, ticket) = irp.pend();
    let now = clock::interrupt_time();
    let mut answers = Answers::new();
    let mut port = cell.lock();
    let wanted = length as usize;
    let plan = port.timeouts.read(wanted, now);
    port.reads.push_back(Read { request, plan, wanted, got: Vec::new(), last: now });
    port.settle(now, &mut answers);
    drop(port);
    answer(answers);
    Outcome::Pending(ticket)
}

/// IRP_MJ_WRITE.
pub fn write(cell: &'static KernelCell<Port>, irp: Irp) -> Outcome {
    let Request::Write { data, .. } = &irp.request else {
        return NtStatus::INVALID_DEVICE_REQUEST.into();
    };
    let length = data.len();
    let mut port = cell.lock();
    if port.has_bulk || length == 0 {
        port.transmitted(length);
        let target = port.number() as u16;
        let is_waited_for = port.wait_mask != 0;
        drop(port);
        platform::bulk_transmit(target, data);
        if is_waited_for {
            look(cell);
        }
        return Completion::done(length as u64).into();
    }
    drop(port);
    let (request, ticket) = irp.pend();
    let now = clock::interrupt_time();
    let mut port = cell.lock();
    let end = port.timeouts.write_end(length, now);
    port.writes.push_back(Write { request, sent: 0, end });
    port.want_transmitter();
    port.arm(now);
    Outcome::Pending(ticket)
}

/// Takes requests out that are over by now, and answers them.
pub fn look(cell: &'static KernelCell<Port>) {
    let now = clock::interrupt_time();
    let mut answers = Answers::new();
    cell.lock().settle(now, &mut answers);
    answer(answers);
}

/// Gives a request up.
pub fn cancel(cell: &'static KernelCell<Port>, ticket: &Ticket) {
    let mut port = cell.lock();
    let read = port.reads.iter().position(|read| read.request.is(ticket));
    let write = port.writes.iter().position(|write| write.request.is(ticket));
    // Taken out first and dropped last, when the port is not borrowed: dropping answers.
    let read = read.and_then(|at| port.reads.remove(at));
    let write = write.and_then(|at| port.writes.remove(at));
    let wait = port.wait.take_if(|wait| wait.is(ticket));
    drop(port);
    let given_up = [read.map(|read| read.request), write.map(|write| write.request), wait];
    given_up.into_iter().flatten().for_each(|request| request.complete(NtStatus::CANCELLED.into()));
    look(cell);
}

impl Port {
    /// Gives input to who has waited longest.
    pub(super) fn settle_reads(&mut self, now: u64, answers: &mut Answers) {
        while let Some(read) = self.reads.front_mut() {
            if !self.input.is_empty() && read.got.len() < read.wanted {
                self.input.take(read.wanted - read.got.len(), &mut read.got);
                read.last = now;
            }
            let state = State { got: read.got.len(), wanted: read.wanted, last: read.last };
            let status = match read.plan.verdict(state, now) {
                Verdict::Done => NtStatus::SUCCESS,
                Verdict::TimedOut => NtStatus::TIMEOUT,
                // Nobody is there to send more.
                Verdict::Wait(_) if self.hung_up && state.got > 0 => NtStatus::SUCCESS,
                Verdict::Wait(_) if self.hung_up => NtStatus::END_OF_FILE,
                Verdict::Wait(_) => break,
            };
            let Some(Read { request, got, .. }) = self.reads.pop_front() else { break };
            answers.push((request, Completion { status, ..Completion::data(Output::Bytes(got)) }));
        }
    }

    /// Sets the timer for the request whose time is up first.
    pub(super) fn arm(&mut self, now: u64) {
        let read = self.reads.front().and_then(|read| {
            let state = State { got: read.got.len(), wanted: read.wanted, last: read.last };
            match read.plan.verdict(state, now) {
                Verdict::Wait(until) => until,
                Verdict::Done | Verdict::TimedOut => None,
            }
        });
        let write = self.writes.front().and_then(|write| write.end);
        if let Some(place) = self.timer.take() {
            due::cancel(place);
        }
        if let Some(until) = read.into_iter().chain(write).min() {
            let delay = i64::try_from(until.saturating_sub(now).max(1)).unwrap_or(i64::MAX);
            self.timer = Some(due::call(due::due(-delay), time_is_up, self.number() as u64));
        }
    }

    /// So many bytes have gone out.
    fn transmitted(&mut self, count: usize) {
        self.stats.transmitted = self.stats.transmitted.wrapping_add(count as u32);
        self.events |= nt::serial::event::TXEMPTY;
    }
}

fn time_is_up(number: u64) {
    if let Some(cell) = super::PORTS.get(number as usize) {
        cell.lock().timer = None;
        look(cell);
    }
}
