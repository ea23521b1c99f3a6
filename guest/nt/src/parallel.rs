//! Parallel ports: control codes and bits. Source: Microsoft's documentation of `ntddpar.h`.

/// IOCTL_PAR_*: device 0x16, buffered, any access.
pub mod control {
    /// Output: [`super::status`], 8 bits.
    pub const QUERY_INFORMATION: u32 = 0x16 << 16 | 1 << 2;
    /// Input: [`super::status::INIT`], 8 bits: resets the printer.
    pub const SET_INFORMATION: u32 = 0x16 << 16 | 2 << 2;
}

/// PARALLEL_*: how the printer is.
pub mod status {
    /// It is being reset.
    pub const INIT: u8 = 0x1;
    /// Out of paper.
    pub const PAPER_EMPTY: u8 = 0x4;
    /// Off line.
    pub const OFF_LINE: u8 = 0x8;
    /// It is switched off.
    pub const POWER_OFF: u8 = 0x10;
    /// There is none.
    pub const NOT_CONNECTED: u8 = 0x20;
    /// It takes nothing just now.
    pub const BUSY: u8 = 0x40;
    /// On line.
    pub const SELECTED: u8 = 0x80;
}
