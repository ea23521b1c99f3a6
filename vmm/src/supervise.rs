//! The supervising thread: waits for the end of the run, the deadline, signals and input, and writes
//! what the guest prints in blocks.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crate::clock::Stamp;
use crate::control::Control;
use crate::error::Error;
use crate::kvm::Memory;
use crate::outcome::Outcome;
use crate::sys::poll::{Waiter, poll};
use crate::sys::signals::SignalFd;
use crate::trace::Event;
use crate::trace::reader::TraceReader;

mod ports;

use ports::Input;
pub(crate) use ports::Ports;

/// Output waits this long for more of it, so that it goes out in blocks.
const GATHER: Duration = Duration::from_millis(1);
/// How often the trace ring is emptied.
const DRAIN: Duration = Duration::from_millis(20);

pub(crate) struct Supervisor<'a> {
    pub(crate) control: &'a Control,
    pub(crate) signals: &'a SignalFd,
    pub(crate) ports: Ports,
    pub(crate) start: Stamp,
    pub(crate) deadline: Option<Duration>,
    pub(crate) memory: &'a Memory,
    /// Where the trace is found, if it is wanted and there is one.
    pub(crate) debugger_data: Option<u64>,
    pub(crate) reader: TraceReader,
    pub(crate) events: Vec<Event>,
}

impl Supervisor<'_> {
    /// Waits until the vCPU thread is through. Everything that ends a run early goes through
    /// [`Control::stop`], so the end is always the thread's.
    pub(crate) fn watch(&mut self) -> Result<(), Error> {
        let result = self.watch_inner().map_err(|source| Error::Host { what: "cannot wait", source });
        if result.is_err() {
            self.control.stop(Outcome::Hang);
        }
        result
    }

    fn watch_inner(&mut self) -> io::Result<()> {
        let elapsed = Duration::from_nanos(Stamp::now().ns.saturating_sub(self.start.ns));
        let mut deadline = self.deadline.map(|deadline| Instant::now() + deadline.saturating_sub(elapsed));
        let mut gather: Option<Instant> = None;
        let mut drain = self.debugger_data.map(|_| Instant::now() + DRAIN);
        loop {
            let next = [deadline, gather, drain].into_iter().flatten().min();
            let timeout = next.map(|at| at.saturating_duration_since(Instant::now()));
            let mut waiters = [
                Waiter::read(Some(self.control.as_fd())),
                Waiter::read(Some(self.signals.as_fd())),
                Waiter::read(self.ports.input_fd()),
                Waiter::write(self.ports.blocked_on()),
            ];
            poll(&mut waiters, timeout)?;
            let [wake, signal, input, room] = waiters.map(|waiter| waiter.ready);

            let now = Instant::now();
            if signal && let Some(signal) = self.signals.take() {
                self.control.stop(Outcome::Interrupted { signal });
            }
            if input {
                match self.ports.read_input() {
                    Input::Bytes => self.control.input_arrived(),
                    Input::Leave => self.control.stop(Outcome::Interrupted { signal: 0 }),
                    Input::Nothing => {}
                }
            }
            if deadline.is_some_and(|at| at <= now) {
                deadline = None;
                self.control.stop(Outcome::Hang);
            }
            if drain.is_some_and(|at| at <= now) {
                // Where the guest's counter is not the host's, the end of the run puts it right.
                self.drain(0);
                drain = Some(now + DRAIN);
            }
            if wake {
                if self.control.is_done() {
                    return Ok(());
                }
                gather.get_or_insert(now + GATHER);
            }
            if room || gather.is_some_and(|at| at <= now) {
                gather = None;
                if self.ports.flush() {
                    self.control.stop(Outcome::Interrupted { signal: 0 });
                }
            }
        }
    }

    /// Takes what is in the trace ring. `offset` is guest counter minus host counter.
    pub(crate) fn drain(&mut self, offset: i64) {
        if offset != 0 {
            for event in &mut self.events {
                event.tsc = event.tsc.wrapping_sub(offset as u64);
            }
        }
        if let Some(address) = self.debugger_data {
            self.reader.drain(self.memory, address, offset, &mut self.events);
        }
    }
}
