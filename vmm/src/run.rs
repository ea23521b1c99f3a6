//! One VM from beginning to end.
//!
//! Two threads: one makes, runs and closes the VM; this one loads the guest meanwhile, then waits for the end,
//! the deadline, signals and input, and writes what the guest prints.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use crate::backends::PortSpec;
use crate::boot::{self, Kernel, Source};
use crate::clock::{Clock, Stamp};
use crate::control::Control;
use crate::error::Error;
use crate::exits::ExitLog;
use crate::image::Image;
use crate::kvm::{CpuidSource, Memory, MemoryLayout, Registers};
use crate::machine::{Machine, MachineStats};
use crate::outcome::Outcome;
use crate::supervise::{Ports, Supervisor};
use crate::sys::signals::SignalFd;
use crate::trace::reader::{Lost, TraceReader, crash_record};
use crate::trace::{Event, Spans};
use crate::vcpu_thread::{self, Ended, Entry};

/// Stack of the vCPU thread: it needs little, and mapping less is faster.
const VCPU_STACK: usize = 128 << 10;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Kernel and boot archive.
    pub image: Image,
    /// The kernel is ours, so a short list of CPUID leaves will do.
    pub own_guest: bool,
    /// Words for the kernel, before those of the platform.
    pub cmdline: String,
    /// Guest RAM in bytes.
    pub memory: u64,
    /// Where COM1–COM4 go; `None` means that there is no such port.
    pub coms: [Option<PortSpec>; 4],
    /// Longest time from the start of the process to the end of the guest.
    pub deadline: Option<Duration>,
    /// Keep the guest's events.
    pub trace: bool,
}

/// How a run went.
#[derive(Debug)]
pub struct RunReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Converts the times below to microseconds since the start of the process.
    pub clock: Clock,
    /// Events of both sides in order of time.
    pub events: Vec<Event>,
    /// Events that are missing.
    pub lost: Lost,
    /// Exits of the vCPU.
    pub exits: ExitLog,
    /// What the devices counted.
    pub stats: MachineStats,
    /// Registers at the end, unless it was an orderly one.
    pub registers: Option<Registers>,
    /// The vCPU slept in `hlt` at the end.
    pub halted: bool,
    /// The guest's memory as it was at the end.
    pub memory: Memory,
    /// What was known of the kernel.
    pub kernel: Kernel,
    /// The last text that the guest sent to COM1.
    pub console_tail: Vec<u8>,
    /// A destination of the guest's output that failed.
    pub backend_error: Option<crate::backends::BackendError>,
}

/// Runs it. `start` is time 0; `spans` is what happened since.
///
/// # Errors
/// [`Error`] when there was no run, or KVM failed in it.
pub fn run(config: &Config, start: Stamp, mut spans: Spans) -> Result<RunReport, Error> {
    let memory = spans.span("Vmm.Memory", || Memory::new(MemoryLayout::new(config.memory)))?;
    let host = |what| move |source| Error::Host { what, source };
    // Before the second thread is started: it inherits the mask.
    let signals = SignalFd::open().map_err(host("cannot watch for signals"))?;
    let control = Arc::new(Control::new().map_err(host("cannot make an event descriptor"))?);
    let ports = Ports::open(&config.coms)?;
    let machine = Machine::new(memory.clone(), Arc::clone(&control), ports.boxes())
        .map_err(|_| Error::Internal("two devices claim the same port"))?;
    let cpuid = if config.own_guest { CpuidSource::Own } else { CpuidSource::Host };

    let (ready, loaded) = mpsc::sync_channel::<Entry>(1);
    let (done, ended) = mpsc::sync_channel(1);
    let vcpu_thread = std::thread::Builder::new().name("vcpu".into()).stack_size(VCPU_STACK).spawn({
        let memory = memory.clone();
        let control = Arc::clone(&control);
        move || {
            let finisher = Finisher(control);
            let _ = done.send(vcpu_thread::run(memory, machine, &finisher.0, &loaded));
        }
    });
    // Nobody waits for the thread's own end, only for its word that the VM is closed.
    drop(vcpu_thread.map_err(host("cannot start the vCPU thread"))?);

    let image = &config.image;
    let loaded = spans.span("Vmm.Load", || {
        let kernel = Source { name: &image.kernel_name, bytes: &image.kernel };
        let module = image.archive.as_deref().map(|bytes| Source { name: &image.archive_name, bytes });
        boot::load(&memory, kernel, module, &config.cmdline)
    });
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            drop(ready);
            // The thread gives up; its verdict does not matter any more.
            let _ = ended.recv();
            return Err(error.into());
        }
    };
    let entry = loaded.kernel.entry;
    match spans.span("Vmm.Cpuid", || cpuid.leaves()) {
        // Sending fails only when the thread has ended, and then its verdict tells why.
        Ok(cpuid) => drop(ready.send(Entry { cpuid, entry, start_info: loaded.start_info })),
        Err(error) => {
            drop(ready);
            // The thread most likely met the same trouble.
            return Err(ended.recv().ok().and_then(Result::err).unwrap_or(error).into());
        }
    }

    let mut supervisor = Supervisor {
        control: &control,
        signals: &signals,
        ports,
        start,
        deadline: config.deadline,
        memory: &memory,
        debugger_data: loaded.kernel.debugger_data.filter(|_| config.trace),
        reader: TraceReader::default(),
        events: Vec::new(),
    };
    let watched = supervisor.watch();
    let ended = ended.recv().map_err(|_| Error::Internal("the vCPU thread panicked"))?;
    watched?;
    let backend_error = supervisor.ports.finish(&signals, config.deadline.map(|deadline| (start, deadline)));
    let Ended { outcome, halted, registers, exits, stats, spans: vcpu_spans, tsc } =
        ended?.ok_or(Error::Internal("the vCPU thread gave up"))?;
    supervisor.drain(tsc.offset);
    let Supervisor { events, reader, ports, .. } = supervisor;

    let outcome = match (outcome, loaded.kernel.debugger_data) {
        (Outcome::Bugcheck { .. }, Some(address)) => {
            Outcome::Bugcheck { record: crash_record(&memory, address).map(Box::new) }
        }
        (outcome, _) => outcome,
    };
    let events = merge(events, &spans, &vcpu_spans);
    Ok(RunReport {
        outcome,
        clock: Clock::calibrate(start, Stamp::now()),
        events,
        lost: reader.lost,
        exits,
        stats,
        registers,
        halted,
        memory,
        kernel: loaded.kernel,
        console_tail: ports.console_tail(),
        backend_error,
    })
}

/// Tells the supervising thread that the vCPU thread is through, whatever way it ends.
struct Finisher(Arc<Control>);

impl Drop for Finisher {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// All events in order of time.
fn merge(mut events: Vec<Event>, main: &Spans, vcpu: &Spans) -> Vec<Event> {
    events.extend(main.events().iter().chain(vcpu.events()).map(|event| Event::from(*event)));
    events.sort_by_key(|event| event.tsc);
    events
}
