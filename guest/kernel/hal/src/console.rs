//! The boot screen: COM1. Blocks of text cost one exit where the monitor has a platform device,
//! and one LSR poll per 16 bytes of a plain 16550A.

use nt::platform::COM1_PORT;

use crate::platform;
use crate::port::PortRange;

const THR: u16 = 0;
const FCR: u16 = 2;
const LSR: u16 = 5;
const LSR_THRE: u8 = 1 << 5;
const FIFO: usize = 16;
/// Polls before a dead transmitter is given up on.
const PATIENCE: usize = 100_000;

/// Writes bytes to the boot screen.
pub fn write(bytes: &[u8]) {
    if bytes.is_empty() || platform::bulk_transmit(0, bytes) {
        return;
    }
    // SAFETY: COM1's own ports; a UART has no access to memory.
    let uart = unsafe { PortRange::new(COM1_PORT, 8) };
    // FIFO enabled: a transmitter that is empty takes 16 bytes. An 8250 takes one and drops the
    // rest, but no machine this kernel supports has one.
    uart.write_u8(FCR, 0x01);
    for block in bytes.chunks(FIFO) {
        for _ in 0..PATIENCE {
            if uart.read_u8(LSR) & LSR_THRE != 0 {
                break;
            }
        }
        for &byte in block {
            uart.write_u8(THR, byte);
        }
    }
}
