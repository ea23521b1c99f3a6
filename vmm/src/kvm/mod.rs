//! Everything this program asks of `/dev/kvm`. No other module uses kvm-ioctls.
//!
//! The order of the calls is the fast one of `docs/kvm-hosts.md`: split irqchip, memory slots, vCPU.
//! A change to an in-kernel I/O bus (ioeventfd, coalesced ports, the in-kernel irqchip) makes closing
//! the VM 14–23 ms slower, so there is none.

mod cpuid;
mod exit;
mod kick;
mod memory;
pub mod probe;
mod regs;
mod tsc;
mod vcpu;
mod vm;
mod window;

pub use cpuid::{CpuidLeaves, CpuidSource, outer_hypervisor};
pub use exit::{Exit, ExitKind};
pub use kick::{Kick, install_kick_handler};
pub use memory::{Memory, MemoryLayout, RamRange};
pub use regs::{Registers, Segment, Start};
pub use tsc::TscMode;
pub use vcpu::Vcpu;
pub use vm::{Hypervisor, Vm};
pub use window::Window;

use crate::outcome::ExitCode;

/// A call to KVM that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `/dev/kvm` could not be opened.
    #[error("cannot open /dev/kvm: {0}")]
    Open(std::io::Error),
    /// The API version is not 12, the only one there has been since 2007.
    #[error("/dev/kvm speaks API version {0}; this program needs 12")]
    ApiVersion(i32),
    /// The host's KVM lacks something the monitor cannot do without.
    #[error("this host's KVM lacks {0}")]
    Missing(&'static str),
    /// An ioctl failed.
    #[error("{call} failed: {source}")]
    Ioctl {
        /// The call's name in the KVM documentation.
        call: &'static str,
        /// What the kernel answered.
        source: std::io::Error,
    },
    /// Guest memory could not be mapped.
    #[error("cannot map {size} bytes of guest memory: {reason}")]
    Map {
        /// Bytes asked for.
        size: u64,
        /// The kernel's answer in words.
        reason: String,
        /// The kernel's answer as a number.
        errno: i32,
    },
}

impl Error {
    /// Wraps the answer of a kvm-ioctls call.
    fn ioctl(call: &'static str) -> impl FnOnce(kvm_ioctls::Error) -> Self {
        move |error| Error::Ioctl { call, source: std::io::Error::from_raw_os_error(error.errno()) }
    }

    /// The exit code that belongs to it.
    pub fn exit_code(&self) -> ExitCode {
        let errno = match self {
            Error::Open(error) => match error.raw_os_error() {
                Some(libc::EMFILE | libc::ENFILE) => error.raw_os_error(),
                _ => return ExitCode::Unavailable,
            },
            Error::ApiVersion(_) | Error::Missing(_) => return ExitCode::Unavailable,
            Error::Ioctl { source, .. } => source.raw_os_error(),
            Error::Map { errno, .. } => Some(*errno),
        };
        match errno {
            Some(libc::EAGAIN | libc::ENOMEM | libc::EBUSY | libc::EMFILE | libc::ENFILE) => {
                ExitCode::Temporary
            }
            Some(libc::ENOSPC) => ExitCode::Temporary,
            Some(libc::EPERM | libc::EACCES | libc::ENODEV | libc::EOPNOTSUPP) => ExitCode::Unavailable,
            _ => ExitCode::Internal,
        }
    }

    /// What mends it, where that does not depend on the host (`crate::doctor` knows the rest).
    pub fn remedy(&self) -> Option<String> {
        match self {
            Error::Open(_) => None,
            _ if self.exit_code() == ExitCode::Temporary => {
                Some("the host is short of memory or files; try again".into())
            }
            _ => None,
        }
    }
}
