//! Makes VMs, runs the probe guest in each, and takes the time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use vm_memory::{Bytes, GuestAddress};

use crate::clock::{Clock, Stamp, rdtsc};
use crate::kvm::probe as guest;
use crate::kvm::{self, CpuidLeaves, CpuidSource, Exit, Hypervisor, Kick, Memory, MemoryLayout, Start};

/// VMs that are made. Every figure is the median over them.
const RUNS: usize = 7;
/// After this time the guest hangs.
const DEADLINE: Duration = Duration::from_secs(20);

/// How fast the host is: medians, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Timings {
    /// VMs made for this.
    pub runs: usize,
    /// One instruction of a plain loop in ring 0.
    pub ring0_instruction_ns: f64,
    /// The same in ring 3.
    pub ring3_instruction_ns: f64,
    /// From ring 3 to ring 0 and back.
    pub ring3_round_trip_ns: f64,
    /// A port write, answered by this process.
    pub exit_ns: f64,
    /// `KVM_CREATE_VM`.
    pub create_vm_ns: f64,
    /// `KVM_CREATE_VCPU` and setting its clock.
    pub create_vcpu_ns: f64,
    /// Everything from `KVM_CREATE_VM` to the first entry.
    pub set_up_ns: f64,
    /// From the first entry to the first exit.
    pub first_exit_ns: f64,
    /// Closing vCPU and VM.
    pub teardown_ns: f64,
    /// System calls that entered ring 0 by themselves, in one run.
    pub calls_by_instruction: u32,
    /// System calls that arrived as a page fault.
    pub calls_by_fault: u32,
    /// The guest's counter minus the host's.
    pub tsc_offset: i64,
    /// The guest counter's frequency as KVM has it; 0 when it does not know.
    pub tsc_khz: u32,
}

/// Why no guest could be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeFailure {
    /// A call to the kernel failed.
    Call {
        /// What was tried and what the kernel answered.
        what: String,
        /// The error number; 0 when there is none.
        errno: i32,
    },
    /// An exception in the guest.
    Exception {
        /// Its number.
        vector: u8,
        /// Where.
        rip: u64,
        /// Address of the last page fault.
        cr2: u64,
    },
    /// KVM's emulator does not know an instruction, or another internal error of KVM.
    Internal(u32),
    /// An exit that the guest does not ask for.
    Exit(String),
    /// The guest's results make no sense.
    Results(String),
    /// The guest, or a call to the kernel, did not come back. What was being done.
    Hang(&'static str),
}

impl From<kvm::Error> for ProbeFailure {
    fn from(error: kvm::Error) -> Self {
        let errno = match &error {
            kvm::Error::Open(source) | kvm::Error::Ioctl { source, .. } => source.raw_os_error(),
            kvm::Error::Map { errno, .. } => Some(*errno),
            _ => None,
        };
        ProbeFailure::Call { what: error.to_string(), errno: errno.unwrap_or(0) }
    }
}

/// Runs the probes in a thread of their own, which is left behind if the kernel does not give it back.
///
/// # Errors
/// [`ProbeFailure`].
pub fn measure(hypervisor: Hypervisor) -> Result<Timings, ProbeFailure> {
    kvm::install_kick_handler()?;
    let watch = Arc::new(Watch::default());
    let (sender, results) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("probe".into()).spawn({
        let watch = Arc::clone(&watch);
        // Nobody listens any more when the deadline has passed.
        move || drop(sender.send(measure_all(&hypervisor, &watch)))
    });
    thread.map_err(|error| ProbeFailure::Call {
        what: format!("cannot start a thread: {error}"),
        errno: error.raw_os_error().unwrap_or(0),
    })?;
    match results.recv_timeout(DEADLINE) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => {
            watch.stop.store(true, Ordering::SeqCst);
            watch.kick.kick();
            // A moment for the thread to close the VM.
            let _ = results.recv_timeout(Duration::from_secs(1));
            Err(ProbeFailure::Hang(watch.doing()))
        }
        Err(RecvTimeoutError::Disconnected) => Err(ProbeFailure::Results("the probe's thread died".into())),
    }
}

/// What both threads see.
#[derive(Debug, Default)]
struct Watch {
    kick: Arc<Kick>,
    stop: AtomicBool,
    doing: Mutex<&'static str>,
}

impl Watch {
    fn set(&self, what: &'static str) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    fn doing(&self) -> &'static str {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn measure_all(hypervisor: &Hypervisor, watch: &Watch) -> Result<Timings, ProbeFailure> {
    let cpuid = CpuidSource::Own.leaves(hypervisor)?;
    let start = Stamp::now();
    let samples: Vec<Sample> =
        (0..RUNS).map(|_| Sample::take(hypervisor, cpuid.clone(), watch)).collect::<Result<_, _>>()?;
    let clock = Clock::calibrate(start, Stamp::now());
    let ns = |ticks: u64| clock.us(start.tsc.wrapping_add(ticks)) * 1000.0;
    let median = |ticks: fn(&Sample) -> u64| {
        let mut all: Vec<u64> = samples.iter().map(ticks).collect();
        all.sort_unstable();
        ns(all[all.len() / 2])
    };
    let instructions = f64::from(2 * guest::LOOPS);
    let last = &samples[RUNS - 1];
    Ok(Timings {
        runs: RUNS,
        ring0_instruction_ns: median(|sample| sample.ring0) / instructions,
        ring3_instruction_ns: median(|sample| sample.ring3) / instructions,
        ring3_round_trip_ns: median(|sample| sample.calls) / f64::from(guest::CALLS),
        exit_ns: median(|sample| sample.writes) / f64::from(guest::WRITES),
        create_vm_ns: median(|sample| sample.created - sample.begun),
        create_vcpu_ns: median(|sample| sample.vcpu_made - sample.memory_set),
        set_up_ns: median(|sample| sample.ready - sample.begun),
        first_exit_ns: median(|sample| sample.first_exit - sample.ready),
        teardown_ns: median(|sample| sample.closed - sample.done),
        calls_by_instruction: last.by_instruction,
        calls_by_fault: last.by_fault,
        tsc_offset: last.tsc.offset,
        tsc_khz: last.tsc.khz,
    })
}

/// One VM's life: the host's counter at each step, and what the guest left behind.
#[derive(Debug)]
struct Sample {
    begun: u64,
    created: u64,
    memory_set: u64,
    vcpu_made: u64,
    ready: u64,
    first_exit: u64,
    done: u64,
    closed: u64,
    ring0: u64,
    writes: u64,
    ring3: u64,
    calls: u64,
    by_instruction: u32,
    by_fault: u32,
    tsc: kvm::TscMode,
}

impl Sample {
    fn take(hypervisor: &Hypervisor, cpuid: CpuidLeaves, watch: &Watch) -> Result<Self, ProbeFailure> {
        let memory = Memory::new(MemoryLayout::new(guest::MEMORY))?;
        for place in [guest::BASE, guest::USER] {
            memory.map.write_slice(guest::program(), GuestAddress(place.into())).map_err(unreadable)?;
        }
        watch.set("KVM_CREATE_VM");
        let begun = rdtsc();
        let mut vm = hypervisor.create_vm()?;
        let created = rdtsc();
        watch.set("setting the VM up");
        vm.split_irqchip()?;
        vm.set_memory(memory.clone())?;
        let memory_set = rdtsc();
        let mut vcpu = vm.create_vcpu()?;
        let vcpu_made = rdtsc();
        vcpu.attach(Arc::clone(&watch.kick));
        vcpu.set_cpuid(cpuid)?;
        vcpu.set_start(&Start { entry: guest::BASE, ..Start::default() })?;
        let tsc = vcpu.tsc;
        watch.set("running the guest");
        let ready = rdtsc();
        let mut first_exit = 0;
        loop {
            let (exit, _) = vcpu.run()?;
            if first_exit == 0 {
                first_exit = rdtsc();
            }
            match exit {
                Exit::PortWrite { port: guest::PORT_WRITE, .. } => {}
                Exit::PortWrite { port: guest::PORT_DONE, .. } => break,
                Exit::PortWrite { port: guest::PORT_FAULT, data, .. } => {
                    let vector = data.first().copied().unwrap_or(0);
                    let registers = vcpu.registers()?;
                    let [_, rcx, _, rbx, ..] = registers.gpr;
                    let has_code = matches!(vector, 8 | 10..=14 | 17 | 21 | 29 | 30);
                    let rip = if has_code { rcx } else { rbx };
                    return Err(ProbeFailure::Exception { vector, rip, cr2: registers.cr2 });
                }
                Exit::Kicked if watch.stop.load(Ordering::SeqCst) => {
                    return Err(ProbeFailure::Hang("running the guest"));
                }
                Exit::Kicked => {}
                Exit::InternalError { suberror, .. } => return Err(ProbeFailure::Internal(suberror)),
                other => return Err(ProbeFailure::Exit(format!("{other:?}"))),
            }
        }
        watch.set("closing the VM");
        let done = rdtsc();
        drop(vcpu);
        drop(vm);
        let closed = rdtsc();
        let long = |at| memory.map.read_obj::<u64>(GuestAddress(at)).map_err(unreadable);
        let short = |at| memory.map.read_obj::<u32>(GuestAddress(at)).map_err(unreadable);
        let sample = Self {
            begun,
            created,
            memory_set,
            vcpu_made,
            ready,
            first_exit,
            done,
            closed,
            ring0: long(guest::RESULTS)?,
            writes: long(guest::RESULTS + 8)?,
            by_instruction: short(guest::RESULTS + 16)?,
            by_fault: short(guest::RESULTS + 20)?,
            ring3: long(guest::USER_RESULTS)?,
            calls: long(guest::USER_RESULTS + 8)?,
            tsc,
        };
        sample.checked()
    }

    /// The guest's figures must be possible.
    fn checked(self) -> Result<Self, ProbeFailure> {
        let calls = self.by_instruction + self.by_fault;
        if calls != guest::CALLS + 1 {
            let text = format!("{calls} system calls arrived instead of {}", guest::CALLS + 1);
            return Err(ProbeFailure::Results(text));
        }
        let longest = self.done - self.ready;
        if [self.ring0, self.ring3, self.writes, self.calls]
            .iter()
            .any(|&ticks| ticks == 0 || ticks > longest)
        {
            return Err(ProbeFailure::Results(
                "its time stamp counter does not advance like the host's".into(),
            ));
        }
        Ok(self)
    }
}

fn unreadable(error: vm_memory::GuestMemoryError) -> ProbeFailure {
    ProbeFailure::Results(error.to_string())
}
