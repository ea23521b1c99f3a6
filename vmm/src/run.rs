//! One VM from beginning to end.
//!
//! The caller's thread makes the VM, runs the vCPU and closes it. A second one watches: for the deadline,
//! signals and input, and writes what the guest prints while it runs. Nobody ever waits for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nt::platform::{OPTION_COM, OPTION_LPT};

use crate::backends::fault::{PortFault, PrinterFault};
use crate::backends::printer::Printer;
use crate::backends::{Mishaps, PortSpec, PrinterSpec};
use crate::boot::{Board, Kernel};
use crate::clock::{Clock, Stamp};
use crate::control::Control;
use crate::drives::{self, Bank, DriveSpec, DriveStats};
use crate::error::Error;
use crate::exits::ExitLog;
use crate::fault::FaultSpec;
use crate::image::Image;
use crate::kvm::{Memory, MemoryLayout, Registers};
use crate::machine::{Machine, MachineStats};
use crate::outcome::Outcome;
use crate::supervise::{Ports, Supervisor, Watched};
use crate::sys::signals::SignalFd;
use crate::trace::reader::{Lost, crash_record};
use crate::trace::{Event, Spans};
use crate::vm_life;

/// Stack of the thread that watches: it needs little.
const WATCHER_STACK: usize = 128 << 10;

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
    /// The printers of LPT1–LPT3; `None` means that there is no such port.
    pub lpts: [Option<PrinterSpec>; 3],
    /// Drives, in order.
    pub drives: Vec<DriveSpec>,
    /// The file behind a drive that has no name; it goes with the run.
    pub paging: Option<Arc<std::fs::File>>,
    /// How drives are to misbehave.
    pub faults: Vec<FaultSpec>,
    /// How ports are to misbehave.
    pub port_faults: Vec<PortFault>,
    /// Longest time from the start of the process to the end of the guest.
    pub deadline: Option<Duration>,
    /// Keep the guest's events.
    pub trace: bool,
}

impl Config {
    /// What a stranger's kernel is told of by ACPI.
    pub(crate) fn board(&self) -> Board {
        Board {
            coms: self.coms.each_ref().map(Option::is_some),
            lpts: self.lpts.each_ref().map(Option::is_some),
            drives: self.drives.len(),
        }
    }

    /// The command-line words that announce the devices.
    pub(crate) fn devices(&self) -> String {
        fn digits<T>(ports: &[Option<T>]) -> String {
            let there = (1..).zip(ports).filter(|(_, port)| port.is_some());
            there.map(|(number, _)| char::from(b'0' + number)).collect()
        }
        let mut words = format!("{OPTION_COM}{} {OPTION_LPT}{}", digits(&self.coms), digits(&self.lpts));
        let drives = drives::words(self.drives.iter().map(|drive| drive.letter));
        if !drives.is_empty() {
            words.push(' ');
            words.push_str(&drives);
        }
        words
    }
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
    /// What went through the drives, in order.
    pub drives: Vec<DriveStats>,
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
    if config.own_guest {
        memory.prefer_small_pages();
    }
    let host = |what| move |source| Error::Host { what, source };
    // Before the second thread is started: it inherits the mask.
    let signals = SignalFd::open().map_err(host("cannot watch for signals"))?;
    let control = Control::new().map_err(host("cannot make an event descriptor"))?;
    let control = Arc::new(control);
    // Before the VM is made: an image that cannot be used is a wrong argument.
    let mut drives = Bank::open(&config.drives, &config.faults)?;
    let window = drives.show()?;
    let ready = vm_life::prepare(config, &memory, window, &control, &mut spans)?;
    let ports = Ports::open(&config.coms, &control)?;
    let mut printers = [const { None }; 3];
    for ((printer, spec), port) in printers.iter_mut().zip(&config.lpts).zip(1..) {
        let faults: Vec<PrinterFault> = config
            .port_faults
            .iter()
            .filter_map(|fault| match *fault {
                PortFault::Lpt(number, fault) if number == port => Some(fault),
                _ => None,
            })
            .collect();
        *printer = spec.as_ref().map(|spec| Printer::start(spec, &faults, &control)).transpose()?;
    }
    let queues = printers.each_ref().map(|printer| printer.as_ref().map(Printer::queue));
    let mishaps = std::array::from_fn(|at| Mishaps::of(at + 1, &config.port_faults));
    let mut machine =
        Machine::new(memory.clone(), Arc::clone(&control), ports.boxes(), mishaps, queues, drives)
            .map_err(|_| Error::Internal("two devices claim the same port"))?;
    let supervisor = Arc::new(Supervisor {
        control: Arc::clone(&control),
        signals,
        start,
        deadline: config.deadline,
        memory: memory.clone(),
        debugger_data: ready.loaded.kernel.debugger_data.filter(|_| config.trace),
        state: Mutex::new(Watched::new(ports)),
    });
    let watcher = std::thread::Builder::new().name("watch".into()).stack_size(WATCHER_STACK);
    let watcher = watcher.spawn({
        let supervisor = Arc::clone(&supervisor);
        move || supervisor.watch()
    });
    drop(watcher.map_err(host("cannot start a thread"))?);

    let ran = ready.run(&mut machine, &control, &mut spans);
    let mut watched = supervisor.state();
    let patience = config.deadline.map(|deadline| (start, deadline));
    watched.ports.finish(&supervisor.signals, patience);
    let printed = printers.into_iter().flatten().map(Printer::finish).fold(Ok(()), Result::and);
    control.finish();
    let (ended, loaded) = ran?;
    watched.drain(&memory, supervisor.debugger_data, ended.tsc_offset);
    let watched = std::mem::take(&mut *watched);
    let (console_tail, backend_error) = watched.ports.into_results();

    let outcome = match (ended.outcome, loaded.kernel.debugger_data) {
        (Outcome::Bugcheck { .. }, Some(address)) => {
            Outcome::Bugcheck { record: crash_record(&memory, address).map(Box::new) }
        }
        (outcome, _) => outcome,
    };
    Ok(RunReport {
        outcome,
        clock: Clock::calibrate(start, Stamp::now()),
        events: merge(watched.events, &spans),
        lost: watched.reader.lost,
        exits: ended.exits,
        stats: machine.stats,
        drives: machine.drives.stats(),
        registers: ended.registers,
        halted: ended.halted,
        memory,
        kernel: loaded.kernel,
        console_tail,
        backend_error: backend_error.or(printed.err()),
    })
}

/// All events in order of time.
fn merge(mut events: Vec<Event>, spans: &Spans) -> Vec<Event> {
    events.extend(spans.events().iter().map(|event| Event::from(*event)));
    events.sort_by_key(|event| event.tsc);
    events
}
