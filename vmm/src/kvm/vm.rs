//! The VM: made in the fast order, with the I/O APIC left to user space.
#![expect(unsafe_code, reason = "a memory slot hands addresses of this process to KVM")]

use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use kvm_bindings::{
    KVM_API_VERSION, KVM_CAP_READONLY_MEM, KVM_CAP_SPLIT_IRQCHIP, KVM_MEM_READONLY, KVM_MSI_VALID_DEVID,
    KvmIrqRouting, kvm_enable_cap, kvm_irq_routing_entry, kvm_msi, kvm_userspace_memory_region,
};
use kvm_ioctls::{Kvm, VmFd};
use vm_memory::{GuestMemoryBackend, GuestMemoryRegion};

use super::{Error, Memory, Vcpu, Window};
use crate::devices::ioapic::{Msi, PINS};

/// Three pages inside the hole for devices that Intel processors without "unrestricted guest" need.
const TSS_ADDRESS: usize = 0xFFFB_D000;

/// An open `/dev/kvm`.
#[derive(Debug)]
pub struct Hypervisor {
    kvm: Kvm,
}

impl Hypervisor {
    /// The device: `/dev/kvm`, or what the variable `SMVM_KVM` names instead.
    pub fn path() -> PathBuf {
        std::env::var_os("SMVM_KVM").map_or_else(|| "/dev/kvm".into(), PathBuf::from)
    }

    /// Opens `/dev/kvm`, or what the variable `SMVM_KVM` names instead, for reading and writing and
    /// checks the API version.
    ///
    /// # Errors
    /// [`Error::Open`] or [`Error::ApiVersion`].
    pub fn open() -> Result<Self, Error> {
        let path = CString::new(Self::path().into_os_string().into_vec())
            .map_err(|_| Error::Open(std::io::Error::from_raw_os_error(libc::ENOENT)))?;
        let kvm = Kvm::new_with_path(path)
            .map_err(|error| Error::Open(std::io::Error::from_raw_os_error(error.errno())))?;
        match kvm.get_api_version() {
            version if version == KVM_API_VERSION as i32 => Ok(Self { kvm }),
            version => Err(Error::ApiVersion(version)),
        }
    }

    /// Makes an empty VM.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_CREATE_VM`.
    pub fn create_vm(&self) -> Result<Vm, Error> {
        let fd = self.kvm.create_vm().map_err(Error::ioctl("KVM_CREATE_VM"))?;
        Ok(Vm { fd, memory: None, window: None })
    }

    /// What `KVM_CHECK_EXTENSION` says about a capability: 0 when it is not there.
    pub fn capability(&self, number: u32) -> i32 {
        self.kvm.check_extension_raw(number.into())
    }

    /// The leaves that this host's KVM can virtualise. Slow: half a millisecond.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_GET_SUPPORTED_CPUID`.
    pub fn supported_cpuid(&self) -> Result<kvm_bindings::CpuId, Error> {
        self.kvm
            .get_supported_cpuid(kvm_bindings::KVM_MAX_CPUID_ENTRIES)
            .map_err(Error::ioctl("KVM_GET_SUPPORTED_CPUID"))
    }
}

/// A VM. It keeps the memory alive that its slots refer to.
#[derive(Debug)]
pub struct Vm {
    fd: VmFd,
    // After `fd`: fields are dropped in order, and closing the VM first saves the
    // notifications that unmapping slot memory costs.
    memory: Option<Memory>,
    window: Option<Window>,
}

impl Vm {
    /// Moves PIC, PIT and I/O APIC out of KVM; the local APIC stays in. Must precede the vCPU.
    ///
    /// # Errors
    /// [`Error::Missing`] when the host's KVM cannot do it.
    pub fn split_irqchip(&self) -> Result<(), Error> {
        let mut cap = kvm_enable_cap { cap: KVM_CAP_SPLIT_IRQCHIP, ..Default::default() };
        cap.args[0] = PINS as u64;
        self.fd.enable_cap(&cap).map_err(|error| match error.errno() {
            libc::EINVAL => Error::Missing("KVM_CAP_SPLIT_IRQCHIP (Linux 4.5)"),
            _ => Error::ioctl("KVM_ENABLE_CAP(KVM_CAP_SPLIT_IRQCHIP)")(error),
        })?;
        self.fd.set_tss_address(TSS_ADDRESS).map_err(Error::ioctl("KVM_SET_TSS_ADDR"))
    }

    /// Gives the VM its RAM: one slot for each range.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_SET_USER_MEMORY_REGION`.
    pub fn set_memory(&mut self, memory: Memory) -> Result<(), Error> {
        for (slot, region) in memory.map.iter().enumerate() {
            let slot = kvm_userspace_memory_region {
                slot: slot as u32,
                flags: 0,
                guest_phys_addr: region.start_addr().0,
                memory_size: region.len(),
                userspace_addr: region.as_ptr() as u64,
            };
            // SAFETY: the range is a mapping of exactly this length that `memory` owns; `self` keeps
            // a share of it until after the VM's descriptor is closed, and nothing else is mapped
            // there meanwhile. Rust code only ever touches it through volatile accesses.
            unsafe { self.fd.set_user_memory_region(slot) }
                .map_err(Error::ioctl("KVM_SET_USER_MEMORY_REGION"))?;
        }
        self.memory = Some(memory);
        Ok(())
    }

    /// Lets the guest read pages without an exit; where this host's KVM cannot do that, they stay exits. After the RAM.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_SET_USER_MEMORY_REGION`.
    pub fn set_window(&mut self, hypervisor: &Hypervisor, window: Window) -> Result<(), Error> {
        if hypervisor.capability(KVM_CAP_READONLY_MEM) <= 0 {
            return Ok(());
        }
        let slot = kvm_userspace_memory_region {
            slot: self.memory.as_ref().map_or(0, |memory| memory.map.num_regions() as u32),
            flags: KVM_MEM_READONLY,
            guest_phys_addr: window.start,
            memory_size: window.len(),
            userspace_addr: window.address(),
        };
        // SAFETY: the range is a mapping of exactly this length that `window` owns; `self` keeps a share of it until after
        // the VM's descriptor is closed. The guest only reads it, and Rust code only touches it through volatile accesses.
        unsafe { self.fd.set_user_memory_region(slot) }
            .map_err(Error::ioctl("KVM_SET_USER_MEMORY_REGION"))?;
        self.window = Some(window);
        Ok(())
    }

    /// Makes the one vCPU.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of the call that failed.
    pub fn create_vcpu(&self) -> Result<Vcpu, Error> {
        let fd = self.fd.create_vcpu(0).map_err(Error::ioctl("KVM_CREATE_VCPU"))?;
        Ok(Vcpu::new(fd))
    }

    /// Delivers a message-signalled interrupt to the local APIC.
    ///
    /// # Errors
    /// [`Error::Ioctl`]. That no APIC takes the message is no error.
    pub fn signal_msi(&self, msi: Msi) -> Result<(), Error> {
        let msi = kvm_msi { address_lo: msi.address, address_hi: 0, data: msi.data, ..Default::default() };
        debug_assert_eq!(msi.flags & KVM_MSI_VALID_DEVID, 0);
        match self.fd.signal_msi(msi) {
            Ok(_) => Ok(()),
            // A vector below 16 or a message to nobody: real hardware drops it as well.
            Err(error) if matches!(error.errno(), libc::EINVAL | libc::EPERM) => Ok(()),
            Err(error) => Err(Error::ioctl("KVM_SIGNAL_MSI")(error)),
        }
    }

    /// Tells KVM about the level-triggered pins, so that their end of interrupt comes out as an
    /// exit. Edge-triggered pins need no route: they are signalled as messages.
    ///
    /// # Errors
    /// [`Error::Ioctl`] of `KVM_SET_GSI_ROUTING`.
    pub fn set_level_routes(&self, routes: &[(u32, Msi)]) -> Result<(), Error> {
        let entries: Vec<_> = routes
            .iter()
            .map(|&(gsi, msi)| {
                let mut entry = kvm_irq_routing_entry {
                    gsi,
                    type_: kvm_bindings::KVM_IRQ_ROUTING_MSI,
                    ..Default::default()
                };
                entry.u.msi.address_lo = msi.address;
                entry.u.msi.data = msi.data;
                entry
            })
            .collect();
        let failed = || Error::Ioctl {
            call: "KVM_SET_GSI_ROUTING",
            source: std::io::Error::from_raw_os_error(libc::ENOMEM),
        };
        let table = KvmIrqRouting::from_entries(&entries).map_err(|_| failed())?;
        self.fd.set_gsi_routing(&table).map_err(Error::ioctl("KVM_SET_GSI_ROUTING"))
    }
}
