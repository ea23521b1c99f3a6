//! Serial ports: control codes, structures and bits. Source: Microsoft's documentation of `ntddser.h`.

/// IOCTL_SERIAL_*: device 0x1B, buffered, any access.
pub mod control {
    const fn code(function: u32) -> u32 {
        0x1B << 16 | function << 2
    }

    /// Input: baud, 32 bits.
    pub const SET_BAUD_RATE: u32 = code(1);
    /// Input: sizes of input and output buffer, 32 bits each.
    pub const SET_QUEUE_SIZE: u32 = code(2);
    /// Input: SERIAL_LINE_CONTROL.
    pub const SET_LINE_CONTROL: u32 = code(3);
    /// Holds the line in break.
    pub const SET_BREAK_ON: u32 = code(4);
    /// Lets it go.
    pub const SET_BREAK_OFF: u32 = code(5);
    /// Input: a byte to be sent before all others.
    pub const IMMEDIATE_CHAR: u32 = code(6);
    /// Input: SERIAL_TIMEOUTS.
    pub const SET_TIMEOUTS: u32 = code(7);
    /// Output: SERIAL_TIMEOUTS.
    pub const GET_TIMEOUTS: u32 = code(8);
    /// Raises DTR.
    pub const SET_DTR: u32 = code(9);
    /// Drops DTR.
    pub const CLR_DTR: u32 = code(10);
    /// Back to the settings after opening.
    pub const RESET_DEVICE: u32 = code(11);
    /// Raises RTS.
    pub const SET_RTS: u32 = code(12);
    /// Drops RTS.
    pub const CLR_RTS: u32 = code(13);
    /// Output: the mask of events that are waited for.
    pub const GET_WAIT_MASK: u32 = code(16);
    /// Input: the mask; a wait that is pending ends with an empty one.
    pub const SET_WAIT_MASK: u32 = code(17);
    /// Ends when one of the events happens. Output: which.
    pub const WAIT_ON_MASK: u32 = code(18);
    /// Input: `PURGE_*`.
    pub const PURGE: u32 = code(19);
    /// Output: baud, 32 bits.
    pub const GET_BAUD_RATE: u32 = code(20);
    /// Output: SERIAL_LINE_CONTROL.
    pub const GET_LINE_CONTROL: u32 = code(21);
    /// Output: SERIAL_CHARS.
    pub const GET_CHARS: u32 = code(22);
    /// Input: SERIAL_CHARS.
    pub const SET_CHARS: u32 = code(23);
    /// Output: SERIAL_HANDFLOW.
    pub const GET_HANDFLOW: u32 = code(24);
    /// Input: SERIAL_HANDFLOW.
    pub const SET_HANDFLOW: u32 = code(25);
    /// Output: the modem status register, 32 bits.
    pub const GET_MODEMSTATUS: u32 = code(26);
    /// Output: SERIAL_STATUS.
    pub const GET_COMMSTATUS: u32 = code(27);
    /// Output: SERIAL_COMMPROP.
    pub const GET_PROPERTIES: u32 = code(29);
    /// Output: DTR (bit 0) and RTS (bit 1), 32 bits.
    pub const GET_DTRRTS: u32 = code(30);
    /// Output: SERIALPERF_STATS.
    pub const GET_STATS: u32 = code(35);
    /// Sets the counters to 0.
    pub const CLEAR_STATS: u32 = code(36);
}

/// SERIAL_PURGE_TXABORT: writes end.
pub const PURGE_TXABORT: u32 = 1;
/// SERIAL_PURGE_RXABORT: reads end.
pub const PURGE_RXABORT: u32 = 2;
/// SERIAL_PURGE_TXCLEAR: what is to be sent is forgotten.
pub const PURGE_TXCLEAR: u32 = 4;
/// SERIAL_PURGE_RXCLEAR: what has arrived is forgotten.
pub const PURGE_RXCLEAR: u32 = 8;

/// SERIAL_EV_*.
pub mod event {
    /// A byte has arrived.
    pub const RXCHAR: u32 = 0x1;
    /// The event character has arrived.
    pub const RXFLAG: u32 = 0x2;
    /// The last byte has been sent.
    pub const TXEMPTY: u32 = 0x4;
    /// CTS has changed.
    pub const CTS: u32 = 0x8;
    /// DSR has changed.
    pub const DSR: u32 = 0x10;
    /// RLSD, the carrier, has changed.
    pub const RLSD: u32 = 0x20;
    /// A break has arrived.
    pub const BREAK: u32 = 0x40;
    /// A line error.
    pub const ERR: u32 = 0x80;
    /// It rings.
    pub const RING: u32 = 0x100;
    /// Those that can be waited for here.
    pub const ALL: u32 = 0x1FF;
}

/// SERIAL_ERROR_*, of SERIAL_STATUS.
pub mod error {
    /// A break has arrived.
    pub const BREAK: u32 = 0x1;
    /// A framing error.
    pub const FRAMING: u32 = 0x2;
    /// The UART has lost bytes.
    pub const OVERRUN: u32 = 0x4;
    /// The input buffer has lost bytes.
    pub const QUEUEOVERRUN: u32 = 0x8;
    /// A parity error.
    pub const PARITY: u32 = 0x10;
}

/// SERIAL_HANDFLOW, its bits.
pub mod flow {
    /// ControlHandShake: DTR is up while the port is open.
    pub const DTR_CONTROL: u32 = 0x1;
    /// FlowReplace: RTS is up while the port is open.
    pub const RTS_CONTROL: u32 = 0x40;
    /// FlowReplace: RTS is up while there is room for input.
    pub const RTS_HANDSHAKE: u32 = 0x80;
}
