//! Registers and bits of the 16550A, by the names of the data sheet.

/// Receiver buffer (read).
pub const RBR: u8 = 0;
/// Transmitter holding register (write).
pub const THR: u8 = 0;
/// Interrupt enable. With DLAB set, offsets 0 and 1 are the divisor latch.
pub const IER: u8 = 1;
/// Interrupt identification (read).
pub const IIR: u8 = 2;
/// FIFO control (write).
pub const FCR: u8 = 2;
/// Line control.
pub const LCR: u8 = 3;
/// Modem control.
pub const MCR: u8 = 4;
/// Line status.
pub const LSR: u8 = 5;
/// Modem status.
pub const MSR: u8 = 6;
/// Scratch.
pub const SCR: u8 = 7;

/// IER: received data available.
pub const IER_ERBFI: u8 = 1 << 0;
/// IER: transmitter holding register empty.
pub const IER_ETBEI: u8 = 1 << 1;
/// IER: receiver line status.
pub const IER_ELSI: u8 = 1 << 2;
/// IER: modem status.
pub const IER_EDSSI: u8 = 1 << 3;
/// IER: the bits that exist.
pub const IER_WRITABLE: u8 = 0x0F;

/// IIR: nothing pending.
pub const IIR_NONE: u8 = 0x01;
/// IIR: modem status, lowest priority.
pub const IIR_MODEM_STATUS: u8 = 0x00;
/// IIR: transmitter holding register empty.
pub const IIR_THRE: u8 = 0x02;
/// IIR: received data, at or above the trigger level.
pub const IIR_RECEIVED: u8 = 0x04;
/// IIR: receiver line status, highest priority.
pub const IIR_LINE_STATUS: u8 = 0x06;
/// IIR: received data below the trigger level, and no more came for four characters.
pub const IIR_TIMEOUT: u8 = 0x0C;
/// IIR: FIFOs enabled.
pub const IIR_FIFO_ENABLED: u8 = 0xC0;

/// FCR: FIFOs enabled.
pub const FCR_ENABLE: u8 = 1 << 0;
/// FCR: empty the receive FIFO.
pub const FCR_CLEAR_RX: u8 = 1 << 1;
/// FCR: empty the transmit FIFO.
pub const FCR_CLEAR_TX: u8 = 1 << 2;
/// FCR: receive trigger level.
pub const FCR_TRIGGER: u8 = 0xC0;

/// LCR: send a break.
pub const LCR_BREAK: u8 = 1 << 6;
/// LCR: divisor latch access.
pub const LCR_DLAB: u8 = 1 << 7;

/// MCR: data terminal ready.
pub const MCR_DTR: u8 = 1 << 0;
/// MCR: request to send.
pub const MCR_RTS: u8 = 1 << 1;
/// MCR: output 1.
pub const MCR_OUT1: u8 = 1 << 2;
/// MCR: output 2.
pub const MCR_OUT2: u8 = 1 << 3;
/// MCR: loopback.
pub const MCR_LOOP: u8 = 1 << 4;
/// MCR: the bits that exist.
pub const MCR_WRITABLE: u8 = 0x1F;

/// LSR: data ready.
pub const LSR_DR: u8 = 1 << 0;
/// LSR: overrun error.
pub const LSR_OE: u8 = 1 << 1;
/// LSR: parity error.
pub const LSR_PE: u8 = 1 << 2;
/// LSR: framing error.
pub const LSR_FE: u8 = 1 << 3;
/// LSR: break interrupt.
pub const LSR_BI: u8 = 1 << 4;
/// LSR: transmitter holding register empty.
pub const LSR_THRE: u8 = 1 << 5;
/// LSR: transmitter empty.
pub const LSR_TEMT: u8 = 1 << 6;
/// LSR: at least one error in the receive FIFO.
pub const LSR_FIFO_ERROR: u8 = 1 << 7;

/// MSR: trailing edge of the ring indicator.
pub const MSR_TERI: u8 = 1 << 2;
/// MSR: clear to send.
pub const MSR_CTS: u8 = 1 << 4;
/// MSR: data set ready.
pub const MSR_DSR: u8 = 1 << 5;
/// MSR: ring indicator.
pub const MSR_RI: u8 = 1 << 6;
/// MSR: data carrier detect.
pub const MSR_DCD: u8 = 1 << 7;
/// MSR: the four inputs.
pub const MSR_LINES: u8 = 0xF0;

/// Bytes in the receive FIFO that raise the interrupt.
pub(super) fn trigger_level(fcr: u8) -> usize {
    match (fcr & FCR_ENABLE, fcr & FCR_TRIGGER) {
        (0, _) | (_, 0x00) => 1,
        (_, 0x40) => 4,
        (_, 0x80) => 8,
        _ => 14,
    }
}
