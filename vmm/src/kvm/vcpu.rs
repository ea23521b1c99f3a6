//! The vCPU. It is made, run and closed by one thread.
#![expect(unsafe_code, reason = "fields of the page shared with KVM that kvm-ioctls does not hand out")]

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use kvm_bindings::kvm_run;
use kvm_ioctls::{SyncReg, VcpuExit, VcpuFd};

use super::{CpuidLeaves, Error, Exit, Kick, Registers, Start, TscMode, regs, tsc};

/// The vCPU.
#[derive(Debug)]
pub struct Vcpu {
    fd: VcpuFd,
    run: NonNull<kvm_run>,
    kick: Option<Arc<Kick>>,
    /// How the guest's time stamp counter relates to the host's.
    pub tsc: TscMode,
    /// Ties the vCPU to its thread, which [`Kick`] relies on.
    not_send: PhantomData<*const ()>,
}

impl Vcpu {
    pub(super) fn new(mut fd: VcpuFd) -> Self {
        let run = NonNull::from(fd.get_kvm_run());
        let tsc = tsc::align_to_host(&fd);
        // General registers come along with every exit: they cost one copy in the kernel.
        fd.set_sync_valid_reg(SyncReg::Register);
        Self { fd, run, kick: None, tsc, not_send: PhantomData }
    }

    /// Tells the guest what its processor can do.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_SET_CPUID2`.
    pub fn set_cpuid(&self, leaves: CpuidLeaves) -> Result<(), Error> {
        let leaves = leaves.complete(self.tsc.khz)?;
        self.fd.set_cpuid2(&leaves).map_err(Error::ioctl("KVM_SET_CPUID2"))
    }

    /// Puts the vCPU into the state that boot protocols ask for: 32-bit protected mode, paging off, flat segments.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of the call that failed.
    pub fn set_start(&self, start: &Start) -> Result<(), Error> {
        regs::set_start(&self.fd, start)
    }

    /// Lets `kick` interrupt this vCPU from now on until it is dropped.
    pub fn attach(&mut self, kick: Arc<Kick>) {
        // SAFETY: `run` points to the live mapping of the shared page; only the field's address is taken.
        let byte = unsafe { &raw mut (*self.run.as_ptr()).immediate_exit }.cast::<AtomicU8>();
        if let Some(byte) = NonNull::new(byte) {
            // SAFETY: the page stays mapped as long as `self.fd` lives, and `drop` detaches before
            // that ends. `Vcpu` is not `Send`, so the thread calling this is the one that drops it.
            unsafe { kick.attach(byte) };
            self.kick = Some(kick);
        }
    }

    /// Runs the guest until something needs the monitor; says what, and where the guest is.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_RUN`.
    pub fn run(&mut self) -> Result<(Exit<'_>, u64), Error> {
        let run = self.run;
        let exit = self.enter()?;
        Ok((exit, rip(run)))
    }

    fn enter(&mut self) -> Result<Exit<'_>, Error> {
        let run = self.run;
        match self.fd.run() {
            Ok(VcpuExit::IoOut(port, data)) => Ok(Exit::PortWrite { port, size: item_size(run), data }),
            Ok(VcpuExit::IoIn(port, data)) => Ok(Exit::PortRead { port, size: item_size(run), data }),
            Ok(VcpuExit::MmioWrite(address, data)) => Ok(Exit::MmioWrite { address, data }),
            Ok(VcpuExit::MmioRead(address, data)) => Ok(Exit::MmioRead { address, data }),
            Ok(VcpuExit::IoapicEoi(vector)) => Ok(Exit::Eoi(vector)),
            Ok(VcpuExit::Shutdown) => Ok(Exit::Shutdown),
            Ok(VcpuExit::Hlt) => Ok(Exit::Halt),
            Ok(VcpuExit::Intr) => Ok(Exit::Kicked),
            Ok(VcpuExit::InternalError) => Ok(internal_error(run)),
            Ok(VcpuExit::FailEntry(reason, _)) => Ok(Exit::EntryFailed(reason)),
            Ok(VcpuExit::MemoryFault { gpa, .. }) => Ok(Exit::MemoryFault(gpa)),
            Ok(_) => Ok(Exit::Other(exit_reason(run))),
            Err(error) if matches!(error.errno(), libc::EINTR | libc::EAGAIN) => {
                // SAFETY: the field lies in the live shared page. A kick may store to it at this
                // moment, so it is accessed atomically; what the kick asks for was published before.
                unsafe {
                    (*(&raw mut (*run.as_ptr()).immediate_exit).cast::<AtomicU8>()).store(0, Ordering::SeqCst)
                };
                Ok(Exit::Kicked)
            }
            Err(error) => Err(Error::ioctl("KVM_RUN")(error)),
        }
    }

    /// All registers, read from KVM.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of the call that failed.
    pub fn registers(&self) -> Result<Registers, Error> {
        regs::read(&self.fd)
    }

    /// Whether the vCPU sleeps in `hlt`.
    pub fn is_halted(&self) -> bool {
        self.fd.get_mp_state().is_ok_and(|state| state.mp_state == kvm_bindings::KVM_MP_STATE_HALTED)
    }
}

impl Drop for Vcpu {
    fn drop(&mut self) {
        if let Some(kick) = self.kick.take() {
            kick.detach();
        }
    }
}

/// Bytes of one item of the port access that just made the vCPU exit.
fn item_size(run: NonNull<kvm_run>) -> usize {
    // SAFETY: the exit reason was KVM_EXIT_IO, so `io` is the union's live member, and any byte is
    // a valid `u8`. The page is mapped as long as the vCPU lives, and the vCPU does not run now.
    let size = unsafe { (*run.as_ptr()).__bindgen_anon_1.io.size };
    usize::from(size.max(1))
}

/// The instruction pointer that KVM stored with the exit.
fn rip(run: NonNull<kvm_run>) -> u64 {
    // SAFETY: `regs` is the union member that KVM fills with x86 registers, integers all of them. The
    // page is mapped as long as the vCPU lives, and the vCPU does not run now.
    unsafe { (*run.as_ptr()).s.regs.regs.rip }
}

fn exit_reason(run: NonNull<kvm_run>) -> u32 {
    // SAFETY: the page is mapped as long as the vCPU lives, and the vCPU does not run now.
    unsafe { (*run.as_ptr()).exit_reason }
}

fn internal_error(run: NonNull<kvm_run>) -> Exit<'static> {
    // SAFETY: the exit reason was KVM_EXIT_INTERNAL_ERROR, so `internal` is the live member; it
    // holds integers only, and the vCPU does not run now.
    let internal = unsafe { (*run.as_ptr()).__bindgen_anon_1.internal };
    let count = (internal.ndata as usize).min(internal.data.len());
    Exit::InternalError { suberror: internal.suberror, data: internal.data[..count].to_vec() }
}
