//! Port input and output.

use crate::ring0;

/// A range of I/O ports that belongs to a device.
///
/// Holding one is the right to touch these ports; a driver gets it from the platform's set-up.
#[derive(Clone, Copy, Debug)]
pub struct PortRange {
    base: u16,
    len: u16,
}

impl PortRange {
    /// The ports from `base` on, `len` of them.
    ///
    /// # Safety
    /// Reads and writes of these ports must not break memory safety: no DMA behind them that the
    /// driver does not control, no system-control port.
    pub const unsafe fn new(base: u16, len: u16) -> Self {
        Self { base, len }
    }

    #[inline]
    #[track_caller]
    fn port(self, offset: u16) -> u16 {
        assert!(offset < self.len, "port outside its device");
        self.base + offset
    }

    /// Reads a byte.
    #[inline]
    #[track_caller]
    pub fn read_u8(self, offset: u16) -> u8 {
        // SAFETY: the port is inside the range whose maker vouched for it.
        unsafe { ring0::operate(ring0::IN8, self.port(offset).into(), 0, 0) as u8 }
    }

    /// Writes a byte.
    #[inline]
    #[track_caller]
    pub fn write_u8(self, offset: u16, value: u8) {
        // SAFETY: as in `read_u8`.
        unsafe { ring0::operate(ring0::OUT8, self.port(offset).into(), value.into(), 0) };
    }

    /// Reads 32 bits.
    #[inline]
    #[track_caller]
    pub fn read_u32(self, offset: u16) -> u32 {
        // SAFETY: as in `read_u8`.
        unsafe { ring0::operate(ring0::IN32, self.port(offset).into(), 0, 0) as u32 }
    }

    /// Writes 32 bits.
    #[inline]
    #[track_caller]
    pub fn write_u32(self, offset: u16, value: u32) {
        // SAFETY: as in `read_u8`; the device may read memory (bulk transmit), and an operation may too.
        unsafe { ring0::operate(ring0::OUT32, self.port(offset).into(), value.into(), 0) };
    }
}
