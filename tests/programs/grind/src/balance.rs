//! What the system has handed out: no more after than before, or something leaks.

use nt::NtStatus;
use nt::sysinfo::{SystemPerformanceInformation, class};

use crate::call;

/// Pages that may be missing in the end: the kernel's heap keeps what it grew to.
const TOLERANCE: u32 = 48;
/// Children that may leave a page's worth of keys and values in the registry, where they stay: thousands did it in
/// twenty each, and hardly anything was missing when they could not write there.
const CHILDREN_FOR_A_PAGE: u64 = 12;

/// One look.
#[derive(Clone, Copy, Debug)]
pub struct Balance {
    /// Free pages.
    pub pages: u32,
    /// Bytes of the list of all handles.
    pub handles: u32,
    /// Bytes of the list of all processes and their threads.
    pub processes: u32,
}

impl Balance {
    /// Looks; `None` when the system does not tell.
    pub fn look() -> Option<Self> {
        let mut performance: SystemPerformanceInformation = zerocopy::FromZeros::new_zeroed();
        let (status, _) = call::system_information(class::PERFORMANCE, &mut performance);
        let list = |class| match call::system_information(class, &mut [0_u64; 0]) {
            (NtStatus::INFO_LENGTH_MISMATCH, length) => Some(length),
            _ => None,
        };
        (status == NtStatus::SUCCESS).then_some(Self {
            pages: performance.available_pages,
            handles: list(class::HANDLE)?,
            processes: list(class::PROCESS)?,
        })
    }

    /// Whether nothing has been lost since, in so many children. There may be less in use: a thread of the kernel's
    /// watches the first five seconds.
    pub fn holds(self, now: Self, children: u64) -> bool {
        let tolerance = TOLERANCE + (children / CHILDREN_FOR_A_PAGE) as u32;
        let pages = now.pages + tolerance >= self.pages;
        pages && now.handles <= self.handles && now.processes <= self.processes
    }
}
