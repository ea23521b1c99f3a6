//! The vCPU thread: makes the VM while the other thread loads the guest, runs it, and closes it.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::control::Control;
use crate::exits::ExitLog;
use crate::kvm::{self, CpuidLeaves, Exit, Hypervisor, Memory, Registers, TscMode, Vcpu, Vm};
use crate::machine::{Machine, MachineStats};
use crate::outcome::Outcome;
use crate::trace::Spans;

/// Where the loaded kernel wants to be entered, and what its processor is to look like.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) cpuid: CpuidLeaves,
    pub(crate) entry: u32,
    pub(crate) start_info: u32,
}

/// What the thread leaves behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) registers: Option<Registers>,
    pub(crate) halted: bool,
    pub(crate) exits: ExitLog,
    pub(crate) stats: MachineStats,
    pub(crate) spans: Spans,
    pub(crate) tsc: TscMode,
}

/// Does it all. `None`: the guest could not be loaded, so nothing was run.
pub(crate) fn run(
    memory: Memory,
    mut machine: Machine,
    control: &Arc<Control>,
    loaded: &Receiver<Entry>,
) -> Result<Option<Ended>, kvm::Error> {
    let mut spans = Spans::default();
    let hypervisor = spans.span("Vmm.KvmOpen", Hypervisor::open)?;
    let mut vm = spans.span("Vmm.VmCreate", || hypervisor.create_vm())?;
    spans.span("Vmm.Irqchip", || vm.split_irqchip())?;
    spans.span("Vmm.MemorySlots", || vm.set_memory(memory))?;
    let mut vcpu = spans.span("Vmm.VcpuCreate", || vm.create_vcpu())?;
    kvm::install_kick_handler()?;
    vcpu.attach(Arc::clone(&control.kick));
    let Ok(Entry { cpuid, entry, start_info }) = loaded.recv() else {
        return Ok(None);
    };
    spans.span("Vmm.VcpuState", || {
        vcpu.set_cpuid(cpuid)?;
        vcpu.set_pvh_state(entry, start_info)
    })?;

    let mut exits = ExitLog::default();
    spans.instant("Vmm.FirstRun");
    let outcome = guest(&mut vcpu, &vm, &mut machine, control, &mut exits)?;
    spans.instant("Vmm.End");
    let registers = if outcome.is_orderly() { None } else { vcpu.registers().ok() };
    let halted = registers.is_some() && vcpu.is_halted();
    let tsc = vcpu.tsc;
    spans.span("Vmm.Teardown", || {
        drop(vcpu);
        drop(vm);
        drop(hypervisor);
    });
    Ok(Some(Ended { outcome, registers, halted, exits, stats: machine.stats, spans, tsc }))
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
            return Ok(Some(Outcome::KvmInternalError { suberror: *suberror, data: std::mem::take(data) }));
        }
        Exit::Halt => return Ok(Some(unexpected("KVM_EXIT_HLT".into()))),
        Exit::EntryFailed(reason) => {
            return Ok(Some(unexpected(format!("KVM_EXIT_FAIL_ENTRY, reason {reason:#x}"))));
        }
        Exit::MemoryFault(address) => {
            return Ok(Some(unexpected(format!("the host could not provide guest memory at {address:#x}"))));
        }
        Exit::Other(reason) => return Ok(Some(unexpected(format!("KVM exit reason {reason}")))),
    }
    Ok(None)
}

fn unexpected(what: String) -> Outcome {
    Outcome::UnexpectedExit { what }
}
