//! Port input and output.

use core::arch::asm;

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
        let value: u8;
        // SAFETY: the port is inside the range whose maker vouched for it.
        unsafe {
            asm!("in al, dx", in("dx") self.port(offset), out("al") value, options(nomem, nostack, preserves_flags))
        };
        value
    }

    /// Writes a byte.
    #[inline]
    #[track_caller]
    pub fn write_u8(self, offset: u16, value: u8) {
        // SAFETY: as in `read_u8`.
        unsafe {
            asm!("out dx, al", in("dx") self.port(offset), in("al") value, options(nostack, preserves_flags))
        };
    }

    /// Reads 32 bits.
    #[inline]
    #[track_caller]
    pub fn read_u32(self, offset: u16) -> u32 {
        let value: u32;
        // SAFETY: as in `read_u8`.
        unsafe {
            asm!("in eax, dx", in("dx") self.port(offset), out("eax") value, options(nomem, nostack, preserves_flags))
        };
        value
    }

    /// Writes 32 bits.
    #[inline]
    #[track_caller]
    pub fn write_u32(self, offset: u16, value: u32) {
        // SAFETY: as in `read_u8`; not `nomem`, because the device may read memory (bulk transmit).
        unsafe {
            asm!("out dx, eax", in("dx") self.port(offset), in("eax") value, options(nostack, preserves_flags))
        };
    }
}
