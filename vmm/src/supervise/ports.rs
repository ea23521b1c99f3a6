//! The outside ends of the serial ports.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::backends::{BackendError, EscapeKeys, Inbox, Outbox, PortSpec, Target, TargetSpec, tell};
use crate::clock::Stamp;
use crate::control::Control;
use crate::error::Error;
use crate::sys::poll::{Waiter, poll};
use crate::sys::signals::SignalFd;
use crate::sys::terminal::RawTerminal;

use super::source;

/// How much of the guest's text is kept for reports.
const TAIL: usize = 4 << 10;
/// A destination with more than this waiting gets no more until it has caught up.
const BACKLOG_MAX: usize = 1 << 20;
/// The guest waits this long for a destination before somebody is told.
const STALL: Duration = Duration::from_secs(1);
/// How long the end of a run waits for a destination that does not take its bytes.
const LAST_WAIT: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Port {
    out: Arc<Outbox>,
    input: Arc<Inbox>,
    targets: Vec<Target>,
    /// When the guest will have waited so long for a destination that somebody is told.
    stalled_until: Option<Instant>,
    /// Somebody was told.
    told: bool,
}

/// What reading the input came to.
pub(crate) enum Input {
    /// Nothing for the guest.
    Nothing,
    /// Bytes for the guest, or their end.
    Bytes,
    /// The user wants to leave.
    Leave,
}

/// All serial ports' outside ends, the keyboard, and the terminal's state.
#[derive(Debug, Default)]
pub(crate) struct Ports {
    ports: [Option<Port>; 4],
    /// Standard input and the port it goes to, until its end.
    stdin: Option<(Arc<File>, Arc<Inbox>)>,
    keys: EscapeKeys,
    terminal: Option<RawTerminal>,
    error: Option<BackendError>,
    tail: Vec<u8>,
    scratch: Vec<u8>,
}

impl Ports {
    /// Opens every destination. Standard input goes to the first port with `stdio`.
    pub(crate) fn open(specs: &[Option<PortSpec>; 4], control: &Arc<Control>) -> Result<Self, Error> {
        let mut ports = [const { None }; 4];
        let mut stdin = None;
        let mut terminal = None;
        for ((port, spec), number) in ports.iter_mut().zip(specs).zip(1..) {
            let Some(spec) = spec else { continue };
            let mut targets = Vec::new();
            let input = Arc::<Inbox>::default();
            for end in &spec.targets {
                if let TargetSpec::Input(path) = end {
                    let name = path.display().to_string();
                    let file =
                        File::open(path).map_err(|source| Error::Input { path: name.clone(), source })?;
                    source::start(&name, Arc::new(file), Arc::clone(&input), Arc::clone(control))?;
                }
                let Some(target) = Target::open(end)? else { continue };
                if let Some(path) = target.pty_path() {
                    tell(format_args!("smvm: COM{number} is {}", path.display()));
                }
                if target.listens() {
                    tell(format_args!("smvm: COM{number} listens at {}", target.name()));
                }
                if let Some(file) = target.input() {
                    source::start(target.name(), file, Arc::clone(&input), Arc::clone(control))?;
                }
                targets.push(target);
            }
            if stdin.is_none() && spec.targets.contains(&TargetSpec::Stdio) {
                input.add_source();
                stdin = io::stdin()
                    .as_fd()
                    .try_clone_to_owned()
                    .ok()
                    .map(|fd| (Arc::new(File::from(fd)), Arc::clone(&input)));
                // A closed standard input is one at its end.
                if stdin.is_none() {
                    input.close();
                }
                terminal = RawTerminal::enter()
                    .map_err(|source| Error::Host { what: "cannot make the terminal raw", source })?;
            }
            *port = Some(Port { out: Arc::default(), input, targets, stalled_until: None, told: false });
        }
        Ok(Self {
            ports,
            stdin,
            keys: EscapeKeys::default(),
            terminal,
            error: None,
            tail: Vec::new(),
            scratch: Vec::new(),
        })
    }

    /// The inside ends.
    pub(crate) fn boxes(&self) -> [Option<(Arc<Outbox>, Arc<Inbox>)>; 4] {
        self.ports
            .each_ref()
            .map(|port| port.as_ref().map(|port| (Arc::clone(&port.out), Arc::clone(&port.input))))
    }

    /// Standard input, as long as it is wanted.
    pub(crate) fn input(&self) -> Option<Arc<File>> {
        self.stdin.as_ref().filter(|(_, inbox)| inbox.has_room()).map(|(file, _)| Arc::clone(file))
    }

    /// Reads what there is, without waiting when there is something.
    pub(crate) fn read_input(&mut self) -> Input {
        let Some((file, inbox)) = &mut self.stdin else {
            return Input::Nothing;
        };
        let mut buffer = [0; 1024];
        match file.read(&mut buffer) {
            Ok(0) => return self.end_of_input(),
            Ok(count) if self.terminal.is_some() => {
                let typed = self.keys.feed(&buffer[..count]);
                inbox.push_typed(&typed.arrivals);
                return if typed.leave { Input::Leave } else { Input::Bytes };
            }
            Ok(count) => {
                inbox.push(&buffer[..count]);
                return Input::Bytes;
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
            Err(_) => return self.end_of_input(),
        }
        Input::Nothing
    }

    /// Standard input is at its end: the guest's port is hung up.
    fn end_of_input(&mut self) -> Input {
        match self.stdin.take() {
            Some((_, inbox)) => {
                inbox.close();
                Input::Bytes
            }
            None => Input::Nothing,
        }
    }

    /// A destination that has to be waited for.
    pub(crate) fn blocked_on(&self) -> Option<Arc<File>> {
        self.ports.iter().flatten().flat_map(|port| &port.targets).find_map(Target::blocked_on)
    }

    /// When the guest will have waited long enough for a destination that somebody is to be told.
    pub(crate) fn stalled_until(&self) -> Option<Instant> {
        // A destination that takes nothing wakes nobody, so it is looked at.
        let blocked = self.blocked_on().map(|_| Instant::now() + STALL);
        self.ports.iter().flatten().filter_map(|port| port.stalled_until).chain(blocked).min()
    }

    /// Says so when a destination makes the guest wait, once for each port.
    pub(crate) fn note_stalls(&mut self, now: Instant) {
        for (number, port) in self.ports.iter_mut().enumerate() {
            let Some(port) = port else { continue };
            if port.told || !port.out.is_full() {
                port.stalled_until = None;
            } else if *port.stalled_until.get_or_insert(now + STALL) <= now {
                (port.told, port.stalled_until) = (true, None);
                let slow = port.targets.iter().max_by_key(|target| target.backlog());
                let name = slow.map_or("its destination", Target::name);
                tell(format_args!(
                    "smvm: {name} takes the output of COM{} slowly: the guest waits for it",
                    number + 1
                ));
            }
        }
    }

    /// Whether bytes of the guest still wait somewhere.
    fn has_pending(&self) -> bool {
        self.ports
            .iter()
            .flatten()
            .any(|port| !port.out.is_empty() || port.targets.iter().any(|target| target.backlog() > 0))
    }

    /// Moves bytes from the guest to their destinations; true when one has failed just now.
    pub(crate) fn flush(&mut self) -> bool {
        let mut failed = false;
        for (number, port) in self.ports.iter_mut().enumerate() {
            let Some(port) = port else { continue };
            let is_free = |port: &Port| port.targets.iter().all(|target| target.backlog() < BACKLOG_MAX);
            let mut is_taken = is_free(port);
            if is_taken {
                port.out.take(&mut self.scratch);
            }
            loop {
                for target in &mut port.targets {
                    target.queue(&self.scratch);
                    if let Err(error) = target.flush() {
                        failed |= self.error.is_none();
                        self.error.get_or_insert(error);
                    }
                }
                // What was left with the guest for want of room is taken once there is some: nobody tells of it again.
                if is_taken || !is_free(port) {
                    break;
                }
                is_taken = true;
                port.out.take(&mut self.scratch);
            }
            if number == 0 {
                keep_tail(&mut self.tail, &self.scratch);
            }
            self.scratch.clear();
        }
        failed
    }

    /// Writes all that is left, waiting for slow destinations as long as is reasonable; puts the terminal
    /// back. Gives the error of a destination that failed in the run.
    pub(crate) fn finish(&mut self, signals: &SignalFd, deadline: Option<(Stamp, Duration)>) {
        let patience = deadline.map_or(LAST_WAIT, |(start, deadline)| {
            let elapsed = Duration::from_nanos(Stamp::now().ns.saturating_sub(start.ns));
            deadline.saturating_sub(elapsed).clamp(Duration::from_millis(100), LAST_WAIT)
        });
        let mut until = None;
        while self.has_pending() {
            self.flush();
            let Some(file) = self.blocked_on() else { continue };
            let until = *until.get_or_insert_with(|| Instant::now() + patience);
            let left = until.saturating_duration_since(Instant::now());
            let mut waiters = [Waiter::write(Some(file.as_fd())), Waiter::read(Some(signals.as_fd()))];
            if left.is_zero() || poll(&mut waiters, Some(left)).is_err() || waiters[1].ready {
                let source = io::Error::new(io::ErrorKind::TimedOut, "it does not take its bytes");
                let target = "standard output".into();
                self.error.get_or_insert(BackendError { target, source });
                break;
            }
        }
        let until = until.unwrap_or_else(|| Instant::now() + patience);
        let targets = self.ports.iter_mut().flatten().flat_map(|port| &mut port.targets);
        targets.for_each(|target| target.finish(until));
        self.terminal = None;
    }

    /// The last of what the guest sent to COM1, and the error of a destination that failed.
    pub(crate) fn into_results(self) -> (Vec<u8>, Option<BackendError>) {
        (self.tail, self.error)
    }
}

fn keep_tail(tail: &mut Vec<u8>, new: &[u8]) {
    tail.extend_from_slice(new);
    if tail.len() > 2 * TAIL {
        tail.drain(..tail.len() - TAIL);
    }
}
