//! The ANSI code page: 1252, which the western releases of NT have.

/// 0x80–0x9F; the rest of the page is Latin-1.
#[rustfmt::skip]
const MIDDLE: [u16; 32] = [
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
];

/// The number of the page.
pub const ACP: u16 = 1252;

/// The UTF-16 unit of a byte. Every byte has one.
#[inline]
pub fn to_wide(byte: u8) -> u16 {
    match byte {
        0x80..=0x9F => MIDDLE[usize::from(byte - 0x80)],
        _ => byte.into(),
    }
}

/// The byte of a UTF-16 unit; `?` for what the page has not.
#[inline]
pub fn from_wide(unit: u16) -> u8 {
    match u8::try_from(unit) {
        Ok(byte @ (..0x80 | 0xA0..)) => byte,
        _ => MIDDLE.iter().position(|&wide| wide == unit).map_or(b'?', |at| 0x80 + at as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        for byte in 0..=u8::MAX {
            assert_eq!(from_wide(to_wide(byte)), byte);
        }
        assert_eq!((to_wide(0x80), from_wide(0x20AC)), (0x20AC, 0x80));
    }

    #[test]
    fn what_the_page_has_not_is_a_question_mark() {
        for unit in [0x0080, 0x0100, 0x0391, 0xD800, 0xFFFF] {
            assert_eq!(from_wide(unit), b'?');
        }
    }
}
