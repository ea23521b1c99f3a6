//! Why a vCPU came back from the guest.

/// One exit, with the data of the access still in KVM's shared page.
#[derive(Debug)]
pub enum Exit<'a> {
    /// `out`: `data` is one or more items of `size` bytes.
    PortWrite {
        /// The port.
        port: u16,
        /// Bytes of one item: 1, 2 or 4.
        size: usize,
        /// What was written.
        data: &'a [u8],
    },
    /// `in`: `data` is to be filled, item by item.
    PortRead {
        /// The port.
        port: u16,
        /// Bytes of one item: 1, 2 or 4.
        size: usize,
        /// To be filled.
        data: &'a mut [u8],
    },
    /// A write to an address that is no RAM.
    MmioWrite {
        /// Guest-physical address.
        address: u64,
        /// What was written.
        data: &'a [u8],
    },
    /// A read from an address that is no RAM.
    MmioRead {
        /// Guest-physical address.
        address: u64,
        /// To be filled.
        data: &'a mut [u8],
    },
    /// The guest finished a level-triggered interrupt of this vector.
    Eoi(u8),
    /// A signal arrived, or the monitor asked for the exit.
    Kicked,
    /// Triple fault.
    Shutdown,
    /// `hlt` with nothing to wait for. Does not happen with the local APIC in KVM.
    Halt,
    /// KVM could not go on.
    InternalError {
        /// KVM's suberror: 1 is an instruction that its emulator does not know.
        suberror: u32,
        /// What KVM adds to it.
        data: Vec<u64>,
    },
    /// The processor refused to enter the guest.
    EntryFailed(u64),
    /// An access to memory that the host could not provide.
    MemoryFault(u64),
    /// Anything else, by KVM's number.
    Other(u32),
}

/// The kinds of [`Exit`], for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ExitKind {
    /// `out`.
    PortWrite,
    /// `in`.
    PortRead,
    /// MMIO write.
    MmioWrite,
    /// MMIO read.
    MmioRead,
    /// End of a level-triggered interrupt.
    Eoi,
    /// Kicked by the monitor.
    Kicked,
    /// Triple fault.
    Shutdown,
    /// Halt.
    Halt,
    /// KVM internal error.
    InternalError,
    /// Entry failure.
    EntryFailed,
    /// Memory fault.
    MemoryFault,
    /// Anything else.
    Other,
}

impl ExitKind {
    /// Every kind, in order of its number.
    pub const ALL: [ExitKind; 12] = [
        ExitKind::PortWrite,
        ExitKind::PortRead,
        ExitKind::MmioWrite,
        ExitKind::MmioRead,
        ExitKind::Eoi,
        ExitKind::Kicked,
        ExitKind::Shutdown,
        ExitKind::Halt,
        ExitKind::InternalError,
        ExitKind::EntryFailed,
        ExitKind::MemoryFault,
        ExitKind::Other,
    ];

    /// Name in every output.
    pub fn name(self) -> &'static str {
        match self {
            ExitKind::PortWrite => "port_write",
            ExitKind::PortRead => "port_read",
            ExitKind::MmioWrite => "mmio_write",
            ExitKind::MmioRead => "mmio_read",
            ExitKind::Eoi => "eoi",
            ExitKind::Kicked => "kicked",
            ExitKind::Shutdown => "shutdown",
            ExitKind::Halt => "halt",
            ExitKind::InternalError => "internal_error",
            ExitKind::EntryFailed => "entry_failed",
            ExitKind::MemoryFault => "memory_fault",
            ExitKind::Other => "other",
        }
    }
}

impl Exit<'_> {
    /// Its kind.
    pub fn kind(&self) -> ExitKind {
        match self {
            Exit::PortWrite { .. } => ExitKind::PortWrite,
            Exit::PortRead { .. } => ExitKind::PortRead,
            Exit::MmioWrite { .. } => ExitKind::MmioWrite,
            Exit::MmioRead { .. } => ExitKind::MmioRead,
            Exit::Eoi(_) => ExitKind::Eoi,
            Exit::Kicked => ExitKind::Kicked,
            Exit::Shutdown => ExitKind::Shutdown,
            Exit::Halt => ExitKind::Halt,
            Exit::InternalError { .. } => ExitKind::InternalError,
            Exit::EntryFailed(_) => ExitKind::EntryFailed,
            Exit::MemoryFault(_) => ExitKind::MemoryFault,
            Exit::Other(_) => ExitKind::Other,
        }
    }
}
