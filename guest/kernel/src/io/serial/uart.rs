//! The 16550A's registers, by the names of its data sheet (National Semiconductor PC16550D).

use hal::port::PortRange;

/// Receiver buffer (read), transmitter holding register (write); the divisor's low half with DLAB set.
pub const DATA: u16 = 0;
/// Interrupt enable; the divisor's high half with DLAB set.
pub const IER: u16 = 1;
/// Interrupt identification (read).
pub const IIR: u16 = 2;
/// FIFO control (write).
pub const FCR: u16 = 2;
/// Line control.
pub const LCR: u16 = 3;
/// Modem control.
pub const MCR: u16 = 4;
/// Line status.
pub const LSR: u16 = 5;
/// Modem status.
pub const MSR: u16 = 6;
/// Scratch.
pub const SCR: u16 = 7;

/// IER: data, transmitter empty, line status, modem status.
pub const ERBFI: u8 = 1;
pub const ETBEI: u8 = 2;
pub const ELSI: u8 = 4;
pub const EDSSI: u8 = 8;

/// FCR: FIFOs on, interrupt at 8 bytes.
pub const FIFO_ON: u8 = 0x81;
/// Bytes that an empty transmit FIFO takes.
pub const FIFO: usize = 16;
/// IIR: both bits say that there are FIFOs that work.
const IIR_FIFO: u8 = 0xC0;

pub const LCR_BREAK: u8 = 1 << 6;
const LCR_DLAB: u8 = 1 << 7;

pub const MCR_DTR: u8 = 1;
pub const MCR_RTS: u8 = 2;
/// Gates the interrupt on a PC.
pub const MCR_OUT2: u8 = 8;

pub const LSR_DR: u8 = 1;
pub const LSR_OE: u8 = 2;
pub const LSR_PE: u8 = 4;
pub const LSR_FE: u8 = 8;
pub const LSR_BI: u8 = 0x10;

/// MSR: what has changed.
pub const MSR_DELTAS: u8 = 0x0F;
/// MSR: the carrier has changed.
pub const MSR_DDCD: u8 = 8;
/// MSR: the carrier.
pub const MSR_DCD: u8 = 0x80;

/// What IIR says, without the bits of the FIFOs.
pub mod cause {
    pub const MODEM: u8 = 0;
    pub const TRANSMIT: u8 = 2;
    pub const RECEIVE: u8 = 4;
    pub const LINE: u8 = 6;
    pub const TIMEOUT: u8 = 0xC;
    pub const MASK: u8 = 0xF;
}

/// Whether a UART is there: its scratch register keeps what is written to it, and the upper half of IER is 0.
pub fn is_there(ports: PortRange) -> bool {
    [0x5A, 0xA5].into_iter().all(|pattern| {
        ports.write_u8(SCR, pattern);
        ports.read_u8(SCR) == pattern
    }) && ports.read_u8(IER) & 0xF0 == 0
}

/// Turns the FIFOs on; gives how many bytes the transmitter takes at once.
pub fn turn_fifo_on(ports: PortRange) -> usize {
    ports.write_u8(FCR, FIFO_ON);
    if ports.read_u8(IIR) & IIR_FIFO == IIR_FIFO { FIFO } else { 1 }
}

/// Turns the FIFOs off; gives how many bytes the transmitter takes at once.
pub fn turn_fifo_off(ports: PortRange) -> usize {
    ports.write_u8(FCR, 0);
    1
}

/// Sets divisor and shape of a character.
pub fn set_line(ports: PortRange, divisor: u16, line: u8) {
    ports.write_u8(LCR, line | LCR_DLAB);
    ports.write_u8(DATA, divisor as u8);
    ports.write_u8(IER, (divisor >> 8) as u8);
    ports.write_u8(LCR, line);
}
