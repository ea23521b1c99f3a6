//! Baud rate and shape of a character.

/// What the divisor of a PC's UART divides, in baud: 1.8432 MHz, 16 samples a bit.
const CLOCK: u32 = 115_200;

/// The UART's divisor for a rate in baud. `None` for a rate that it cannot make within 3 %, or 0.
pub fn divisor(baud: u32) -> Option<u16> {
    let divisor = u16::try_from((CLOCK + baud / 2).checked_div(baud)?).ok().filter(|&divisor| divisor > 0)?;
    let real = CLOCK / u32::from(divisor);
    (real.abs_diff(baud) <= baud / 33).then_some(divisor)
}

/// SERIAL_LINE_CONTROL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineControl {
    /// StopBits: 0 one, 1 one and a half, 2 two.
    pub stop_bits: u8,
    /// Parity: 0 none, 1 odd, 2 even, 3 mark, 4 space.
    pub parity: u8,
    /// WordLength in bits: 5 to 8.
    pub word_length: u8,
}

impl LineControl {
    /// Eight bits, no parity, one stop bit.
    pub const DEFAULT: Self = Self { stop_bits: 0, parity: 0, word_length: 8 };

    /// The UART's line control register. `None` for what it cannot do: one and a half stop bits go with five bits only,
    /// two with more.
    pub fn register(self) -> Option<u8> {
        let length = self.word_length.checked_sub(5).filter(|&code| code <= 3)?;
        let stop = match (self.stop_bits, self.word_length) {
            (0, _) => 0,
            (1, 5) | (2, 6..=8) => 1 << 2,
            _ => return None,
        };
        let parity = [0x00, 0x08, 0x18, 0x28, 0x38].get(usize::from(self.parity))?;
        Some(length | stop | parity)
    }
}
