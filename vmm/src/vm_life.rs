//! The life of one VM, on one thread: make it, load the guest, run it, close it.
//!
//! This is the thread that the run was asked for on. Waiting for another one would cost two changes of
//! threads, each some milliseconds on a busy host; the thread that watches (`supervise`) is
//! never waited for.

use std::sync::Arc;

use crate::boot::{self, Loaded};
use crate::control::Control;
use crate::error::Error;
use crate::exits::ExitLog;
use crate::kvm::{self, CpuidSource, Exit, Hypervisor, Memory, Registers, Vcpu, Vm, Window};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::run::Config;
use crate::trace::Spans;

/// A VM with its guest loaded, ready to run.
#[derive(Debug)]
pub(crate) struct Ready {
    vcpu: Vcpu,
    vm: Vm,
    hypervisor: Hypervisor,
    pub(crate) loaded: Loaded,
}

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) registers: Option<Registers>,
    pub(crate) halted: bool,
    pub(crate) exits: ExitLog,
    /// Guest time stamp counter minus the host's.
    pub(crate) tsc_offset: i64,
}

/// Makes the VM and loads the guest.
pub(crate) fn prepare(
    config: &Config,
    memory: &Memory,
    window: Option<Window>,
    control: &Control,
    spans: &mut Spans,
) -> Result<Ready, Error> {
    // Input first: it is checked even where there is no KVM.
    let image = &config.image;
    let loaded = spans.span("Vmm.Load", || {
        let board = (!config.own_guest).then(|| config.board());
        let (kernel, module) = (image.kernel_source(), image.archive_source());
        boot::load(memory, kernel, module, &config.cmdline, &config.devices(), board.as_ref())
    })?;
    let hypervisor = spans.span("Vmm.KvmOpen", Hypervisor::open)?;
    let mut vm = spans.span("Vmm.VmCreate", || hypervisor.create_vm())?;
    spans.span("Vmm.Irqchip", || vm.split_irqchip())?;
    spans.span("Vmm.MemorySlots", || {
        vm.set_memory(memory.clone())?;
        window.map_or(Ok(()), |window| vm.set_window(&hypervisor, window))
    })?;
    let mut vcpu = spans.span("Vmm.VcpuCreate", || vm.create_vcpu())?;
    let source = if config.own_guest { CpuidSource::Own } else { CpuidSource::Host };
    let leaves = spans.span("Vmm.Cpuid", || source.leaves(&hypervisor))?;
    spans.span("Vmm.VcpuState", || {
        vcpu.set_cpuid(leaves)?;
        vcpu.set_start(&loaded.start)
    })?;
    kvm::install_kick_handler()?;
    vcpu.attach(Arc::clone(&control.kick));
    Ok(Ready { vcpu, vm, hypervisor, loaded })
}

impl Ready {
    /// Runs the guest to its end and closes the VM.
    pub(crate) fn run(
        mut self,
        machine: &mut Machine,
        control: &Control,
        spans: &mut Spans,
    ) -> Result<(Ended, Loaded), kvm::Error> {
        let mut exits = ExitLog::default();
        spans.instant("Vmm.FirstRun");
        let outcome = guest(&mut self.vcpu, &self.vm, machine, control, &mut exits)?;
        spans.instant("Vmm.End");
        let Self { vcpu, vm, hypervisor, loaded } = self;
        let registers = if outcome.is_orderly() { None } else { vcpu.registers().ok() };
        let halted = registers.is_some() && vcpu.is_halted();
        let tsc_offset = vcpu.tsc.offset;
        spans.span("Vmm.Teardown", || {
            drop(vcpu);
            drop(vm);
            drop(hypervisor);
        });
        Ok((Ended { outcome, registers, halted, exits, tsc_offset }, loaded))
    }
}

/// The loop: enter the guest, do what it asks.
fn guest(
    vcpu: &mut Vcpu,
    vm: &Vm,
    machine: &mut Machine,
    control: &Control,
    exits: &mut ExitLog,
) -> Result<Outcome, kvm::Error> {
    loop {
        // Requests are made before the kick, so none is missed between this look and the entry.
        if control.is_stopping()
            && let Some(outcome) = control.requested()
        {
            return Ok(outcome);
        }
        if control.take_input() {
            machine.take_input(vm)?;
        }
        let (mut exit, rip) = vcpu.run()?;
        let ended = dispatch(&mut exit, vm, machine)?;
        exits.note(&exit, rip);
        if let Some(outcome) = ended {
            return Ok(outcome);
        }
    }
}

fn dispatch(exit: &mut Exit<'_>, vm: &Vm, machine: &mut Machine) -> Result<Option<Outcome>, kvm::Error> {
    match exit {
        Exit::PortWrite { port, size, data } => {
            for item in data.chunks(*size) {
                if let Some(outcome) = machine.port_write(vm, *port, item)? {
                    return Ok(Some(outcome));
                }
            }
        }
        Exit::PortRead { port, size, data } => {
            for item in data.chunks_mut(*size) {
                machine.port_read(vm, *port, item)?;
            }
        }
        Exit::MmioWrite { address, data } => machine.mmio_write(vm, *address, data)?,
        Exit::MmioRead { address, data } => machine.mmio_read(*address, data),
        Exit::Eoi(vector) => machine.end_of_interrupt(vm, *vector)?,
        // What the kick was for is looked at before the next entry.
        Exit::Kicked => {}
        Exit::Shutdown => return Ok(Some(Outcome::TripleFault)),
        Exit::InternalError { suberror, data } => {
            let (suberror, data) = (*suberror, data.clone());
            return Ok(Some(Outcome::KvmInternalError { suberror, data }));
        }
        Exit::Halt => return Ok(Some(unexpected("KVM_EXIT_HLT".into()))),
        Exit::EntryFailed(reason) => {
            return Ok(Some(unexpected(format!("KVM_EXIT_FAIL_ENTRY, reason {reason:#x}"))));
        }
        Exit::MemoryFault(address) => {
            let what = format!("the host could not provide guest memory at {address:#x}");
            return Ok(Some(unexpected(what)));
        }
        Exit::Other(reason) => return Ok(Some(unexpected(format!("KVM exit reason {reason}")))),
    }
    Ok(None)
}

fn unexpected(what: String) -> Outcome {
    Outcome::UnexpectedExit { what }
}
