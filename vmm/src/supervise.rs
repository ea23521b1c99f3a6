//! The thread that watches a run: for the deadline, signals and input; it writes what the guest prints in
//! blocks, and empties the trace ring.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Stamp;
use crate::control::Control;
use crate::kvm::Memory;
use crate::outcome::Outcome;
use crate::sys::poll::{Waiter, poll};
use crate::sys::signals::SignalFd;
use crate::trace::Event;
use crate::trace::reader::TraceReader;

mod ports;
mod source;

use ports::Input;
pub(crate) use ports::Ports;

/// Output waits this long for more of it, so that it goes out in blocks.
const GATHER: Duration = Duration::from_millis(1);
/// How often the trace ring is emptied.
const DRAIN: Duration = Duration::from_millis(20);

/// What is watched, and for whom.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) control: Arc<Control>,
    pub(crate) signals: SignalFd,
    pub(crate) start: Stamp,
    pub(crate) deadline: Option<Duration>,
    pub(crate) memory: Memory,
    /// Where the trace is found, if it is wanted and there is one.
    pub(crate) debugger_data: Option<u64>,
    pub(crate) state: Mutex<Watched>,
}

/// What the watching thread works on, and the run's own thread after the end. Never locked while waiting.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) ports: Ports,
    pub(crate) reader: TraceReader,
    pub(crate) events: Vec<Event>,
}

impl Watched {
    pub(crate) fn new(ports: Ports) -> Self {
        Self { ports, ..Self::default() }
    }

    /// Takes what is in the trace ring. `offset` is guest counter minus host counter; earlier calls
    /// with another one are put right.
    pub(crate) fn drain(&mut self, memory: &Memory, debugger_data: Option<u64>, offset: i64) {
        for event in &mut self.events {
            event.tsc = event.tsc.wrapping_sub(offset as u64);
        }
        if let Some(address) = debugger_data {
            self.reader.drain(memory, address, offset, &mut self.events);
        }
    }
}

impl Supervisor {
    /// Whoever holds this works alone.
    pub(crate) fn state(&self) -> MutexGuard<'_, Watched> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches until the run is over. Everything that ends a run early goes through [`Control::stop`].
    pub(crate) fn watch(&self) {
        if let Err(error) = self.watch_inner() {
            self.control.stop(Outcome::UnexpectedExit { what: format!("cannot wait: {error}") });
        }
    }

    fn watch_inner(&self) -> io::Result<()> {
        let elapsed = Duration::from_nanos(Stamp::now().ns.saturating_sub(self.start.ns));
        let now = Instant::now();
        let mut deadline = self.deadline.map(|deadline| now + deadline.saturating_sub(elapsed));
        let mut drain = self.debugger_data.map(|_| now + DRAIN);
        let mut gather: Option<Instant> = None;
        loop {
            let (input, blocked, stalled) = {
                let state = self.state();
                (state.ports.input(), state.ports.blocked_on(), state.ports.stalled_until())
            };
            let next = [deadline, gather, drain, stalled].into_iter().flatten().min();
            let timeout = next.map(|at| at.saturating_duration_since(Instant::now()));
            let mut waiters = [
                Waiter::read(Some(self.control.as_fd())),
                Waiter::read(Some(self.signals.as_fd())),
                Waiter::read(input.as_ref().map(|file| file.as_fd())),
                Waiter::write(blocked.as_ref().map(|file| file.as_fd())),
            ];
            poll(&mut waiters, timeout)?;
            let [wake, signal, input, room] = waiters.map(|waiter| waiter.ready);

            // From here to the end of the round the run's own thread keeps out.
            let mut state = self.state();
            if wake && self.control.is_done() {
                return Ok(());
            }
            let now = Instant::now();
            if signal && let Some(signal) = self.signals.take() {
                self.control.stop(Outcome::Interrupted { signal });
            }
            if input {
                match state.ports.read_input() {
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
                state.drain(&self.memory, self.debugger_data, 0);
                drain = Some(now + DRAIN);
            }
            if wake {
                gather.get_or_insert(now + GATHER);
            }
            state.ports.note_stalls(now);
            if room || gather.is_some_and(|at| at <= now) {
                gather = None;
                if state.ports.flush() {
                    self.control.stop(Outcome::Interrupted { signal: 0 });
                }
            }
        }
    }
}
