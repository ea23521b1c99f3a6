//! CRC-32 as Ethernet, ZIP and GPT have it: polynomial 0x04C11DB7, reflected.

const POLYNOMIAL: u32 = 0xEDB8_8320;

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = value >> 1 ^ if value & 1 != 0 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

static TABLE: [u32; 256] = table();

/// A checksum in the making.
#[derive(Clone, Copy)]
pub struct Crc {
    state: u32,
    /// Zero bytes that have not been counted in yet.
    zeros: usize,
}

impl Crc {
    pub fn new() -> Self {
        Self { state: u32::MAX, zeros: 0 }
    }

    /// Goes on with these bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.settle();
        for &byte in bytes {
            self.state = TABLE[usize::from(self.state as u8 ^ byte)] ^ self.state >> 8;
        }
    }

    /// Goes on with so many zero bytes, in a number of steps that grows with the logarithm.
    pub fn zeros(&mut self, count: usize) {
        self.zeros += count;
    }

    pub fn finish(mut self) -> u32 {
        self.settle();
        !self.state
    }

    /// A zero byte multiplies the state by x^8, in the field that the polynomial makes.
    fn settle(&mut self) {
        let mut count = core::mem::take(&mut self.zeros);
        // x^8, reflected: bit 31 is x^0.
        let mut power = 1 << 23;
        while count > 0 {
            if count & 1 != 0 {
                self.state = multiply(self.state, power);
            }
            power = multiply(power, power);
            count >>= 1;
        }
    }
}

/// The product of two polynomials, reflected, modulo the polynomial.
fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    for bit in (0..32).rev() {
        if a & 1 << bit != 0 {
            product ^= b;
        }
        b = b >> 1 ^ if b & 1 != 0 { POLYNOMIAL } else { 0 };
    }
    product
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn of(bytes: &[u8]) -> u32 {
        let mut crc = Crc::new();
        crc.bytes(bytes);
        crc.finish()
    }

    #[test]
    fn the_check_value_is_right() {
        assert_eq!(of(b"123456789"), 0xCBF4_3926);
        assert_eq!(of(b""), 0);
    }

    #[test]
    fn zeros_by_number_are_zeros() {
        for count in [0, 1, 2, 3, 127, 128, 4096, 16000] {
            let mut bytes = [b"head".to_vec(), vec![0; count], b"tail".to_vec()].concat();
            let mut crc = Crc::new();
            crc.bytes(b"head");
            crc.zeros(count);
            crc.bytes(b"tail");
            assert_eq!(crc.finish(), of(&bytes), "{count}");
            bytes.truncate(4 + count);
            let mut crc = Crc::new();
            crc.bytes(b"head");
            crc.zeros(count / 2);
            crc.zeros(count - count / 2);
            assert_eq!(crc.finish(), of(&bytes), "{count} at the end");
        }
    }
}
