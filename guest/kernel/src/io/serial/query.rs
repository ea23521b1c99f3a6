//! What control codes give back: structures of `ntddser.h`, made field by field.

use alloc::vec::Vec;

use super::port::Port;
use crate::io::irp::{Completion, Output};

/// A number of 32 bits.
pub fn number(number: u32) -> Completion {
    bytes(number.to_le_bytes().into())
}

/// Numbers of 32 bits.
pub fn numbers(numbers: &[u32]) -> Completion {
    bytes(numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
}

/// Bytes.
pub fn bytes(bytes: Vec<u8>) -> Completion {
    Completion::data(Output::Bytes(bytes))
}

/// SERIAL_STATUS; the errors are forgotten.
pub fn status(port: &mut Port) -> Completion {
    let to_send: usize = port.writes.iter().map(|write| write.request.data().len() - write.sent).sum();
    let errors = core::mem::take(&mut port.errors);
    // HoldReasons: nothing holds the output up. EofReceived, WaitForImmediate: no.
    numbers(&[errors, 0, port.input.len() as u32, to_send as u32, 0])
}

/// SERIAL_COMMPROP.
pub fn properties(port: &Port) -> Completion {
    /// SERIAL_PCF_*: DTR/DSR, RTS/CTS, RLSD, parity check, settable time-outs, interval time-outs.
    const CAPABILITIES: u32 = 0x0000_00FF & !0x40 & !0x20 | 0x10 | 0x08;
    /// SERIAL_SP_*: parity, baud, data bits, stop bits, handshaking.
    const SETTABLE: u32 = 0x1F;
    /// SERIAL_BAUD_075 to SERIAL_BAUD_115200, SERIAL_BAUD_USER.
    const BAUD: u32 = 0x1006_FFFF & !0x0000_8000;
    /// SERIAL_DATABITS_5 to 8; SERIAL_STOPBITS_10 to 20, SERIAL_PARITY_NONE to SPACE in the upper half.
    const DATA_AND_STOP: u32 = 0x1F07_000F;
    let version = 2 << 16 | 64;
    let queue = (port.input.len() + port.input.room()) as u32;
    // SERIAL_SP_SERIALCOMM; SERIAL_BAUD_USER; SERIAL_SP_RS232.
    let fields =
        [version, 1, 0, 0, 0, 0x1000_0000, 1, CAPABILITIES, SETTABLE, BAUD, DATA_AND_STOP, 0, queue, 0, 0, 0];
    numbers(&fields)
}

/// SERIALPERF_STATS.
pub fn stats(port: &Port) -> Completion {
    let stats = port.stats;
    numbers(&[
        stats.received,
        stats.transmitted,
        stats.framing,
        stats.overrun,
        stats.buffer_overrun,
        stats.parity,
    ])
}
