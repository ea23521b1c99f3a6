//! The serial and parallel ports of a PC, where they have always been.

use nt::platform::{COM_PORTS, COM1_PORT, LPT_PORTS};

use crate::port::PortRange;

/// The registers of COM1 (0) to COM4 (3), whether there is a UART or not.
pub fn serial(number: usize) -> PortRange {
    let (base, _) = COM_PORTS.get(number).copied().unwrap_or((COM1_PORT, 4));
    // SAFETY: a UART's own registers, or nobody's; a UART has no access to memory.
    unsafe { PortRange::new(base, 8) }
}

/// The registers of LPT1 (0) to LPT3 (2), whether there is a port or not.
pub fn parallel(number: usize) -> PortRange {
    let (base, _) = LPT_PORTS.get(number).copied().unwrap_or(LPT_PORTS[0]);
    // SAFETY: a parallel port's own registers, or nobody's; it has no access to memory without its ECP registers,
    // which are elsewhere.
    unsafe { PortRange::new(base, 3) }
}
