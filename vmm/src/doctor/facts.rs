//! What is known of the host. Everything the verdicts rest on is in here, so that they can be tested
//! without the host.

use super::probe::{ProbeFailure, Timings};

/// All of it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Kernel, processor, surroundings.
    pub system: System,
    /// KVM's modules and their parameters.
    pub modules: Modules,
    /// `/dev/kvm` as a file.
    pub node: Node,
    /// What KVM said, if it could be asked.
    pub kvm: Option<KvmFacts>,
    /// Limits on memory.
    pub memory: MemoryFacts,
    /// Control groups.
    pub cgroup: CgroupFacts,
    /// What keeps the time: the kernel's current clock source.
    pub clock_source: Option<String>,
    /// The command that boots the same in an emulated host.
    pub instead: String,
}

/// Makers of processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vendor {
    /// Intel: VT-x.
    Intel,
    /// AMD or Hygon: SVM.
    Amd,
    /// Anyone else.
    #[default]
    Other,
}

/// Kernel, processor, surroundings.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// The kernel's release.
    pub kernel: String,
    /// The processor's maker.
    pub vendor: Vendor,
    /// The processor's name.
    pub processor: String,
    /// The processor's flags, as `/proc/cpuinfo` has them.
    pub flags: Vec<String>,
    /// The signature of the hypervisor that this host runs under; empty if it does not give one.
    pub hypervisor: Option<String>,
    /// The container that this process runs in.
    pub container: Option<String>,
    /// A job of GitHub Actions.
    pub github: bool,
    /// Modules of other hypervisors that are loaded.
    pub rivals: Vec<String>,
}

impl System {
    /// Whether the processor has a flag.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    /// Whether the processor can virtualise.
    pub fn can_virtualise(&self) -> bool {
        self.has("vmx") || self.has("svm")
    }

    /// Major and minor number of the kernel's release.
    pub fn version(&self) -> (u32, u32) {
        let mut numbers = self.kernel.split(|letter: char| !letter.is_ascii_digit()).map(str::parse);
        let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
        (next(), next())
    }
}

/// KVM's modules (or parts of the kernel, when they are built in).
#[derive(Clone, Debug, Default)]
pub struct Modules {
    /// `kvm`, the part that all have in common.
    pub kvm: bool,
    /// `kvm_intel`.
    pub intel: bool,
    /// `kvm_amd`.
    pub amd: bool,
    /// `kvm_pvm`.
    pub pvm: bool,
    /// The `nested` parameter of the hardware module.
    pub nested: Option<String>,
    /// `nx_huge_pages`: a mitigation whose thread each VM starts.
    pub nx_huge_pages: Option<String>,
    /// What the kernel says about the fault that it mitigates.
    pub itlb_multihit: Option<String>,
}

impl Modules {
    /// Whether one that drives a processor is there.
    pub fn any_driver(&self) -> bool {
        self.intel || self.amd || self.pvm
    }
}

/// Who owns `/dev/kvm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// The group's name, or its number.
    pub group: String,
    /// Permission bits.
    pub mode: u32,
}

/// `/dev/kvm` as a file.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Its path: the variable `SMVM_KVM` can name another one.
    pub path: String,
    /// Its owner and mode; `None` when there is no such file.
    pub owner: Option<Owner>,
    /// Opening it for reading and writing failed with this error number.
    pub open_error: Option<i32>,
    /// This process's user.
    pub uid: u32,
    /// This process is in the file's group.
    pub in_group: bool,
    /// The list of groups has the user in the file's group, but this process may be older than that.
    pub listed_in_group: bool,
}

/// What KVM said.
#[derive(Clone, Debug, Default)]
pub struct KvmFacts {
    /// API version.
    pub api: i32,
    /// Capabilities by number, with what `KVM_CHECK_EXTENSION` answered.
    pub capabilities: Vec<(u32, i32)>,
    /// What running a guest showed; `None` when it was not tried.
    pub probe: Option<Result<Timings, ProbeFailure>>,
}

/// Limits on memory, in bytes.
#[derive(Clone, Debug, Default)]
pub struct MemoryFacts {
    /// Mapping the memory of a guest of default size failed with this error number.
    pub map_error: Option<i32>,
    /// `RLIMIT_AS`.
    pub address_space: Option<u64>,
    /// The narrowest limit of the control groups, and what is used of it.
    pub cgroup: Option<(u64, u64)>,
    /// What the host has to spare.
    pub available: Option<u64>,
    /// `vm.overcommit_memory`.
    pub overcommit: Option<String>,
}

/// Control groups.
#[derive(Clone, Debug, Default)]
pub struct CgroupFacts {
    /// Where version 2 is mounted.
    pub mount: Option<String>,
    /// It favours changes over forks (`favordynmods`).
    pub favordynmods: bool,
}
