//! Integers in text, both ways.

use crate::Unit;

/// The value of a digit in any base up to 36.
fn digit<U: Unit>(unit: U) -> Option<u32> {
    char::from(unit.ascii()?).to_digit(36)
}

/// `RtlUnicodeStringToInteger`, `RtlCharToInteger`: blanks and control characters, one sign, then digits up to the
/// first unit that is none. Base 0 lets a prefix say it (`0b`, `0o`, `0x`). Too large a number loses its upper bits;
/// no digit is 0. `None`: there is no such base.
#[inline(never)]
pub fn parse<U: Unit>(text: &[U], base: u32) -> Option<u32> {
    if !matches!(base, 0 | 2 | 8 | 10 | 16) {
        return None;
    }
    let blanks = text.iter().take_while(|&&unit| unit.into() <= u32::from(b' ')).count();
    let text = text.get(blanks..).unwrap_or_default();
    let (negative, text) = sign(text);
    let (base, text) = match (base, text) {
        (0, [zero, kind, rest @ ..]) if zero.ascii() == Some(b'0') => match kind.ascii() {
            Some(b'b') => (2, rest),
            Some(b'o') => (8, rest),
            Some(b'x') => (16, rest),
            _ => (10, text),
        },
        (0, _) => (10, text),
        _ => (base, text),
    };
    let digits = text.iter().map_while(|&unit| digit(unit).filter(|&digit| digit < base));
    let value = digits.fold(0_u32, |value, digit| value.wrapping_mul(base).wrapping_add(digit));
    Some(if negative { value.wrapping_neg() } else { value })
}

fn sign<U: Unit>(text: &[U]) -> (bool, &[U]) {
    match text.split_first() {
        Some((unit, rest)) if matches!(unit.ascii(), Some(b'+' | b'-')) => (unit.ascii() == Some(b'-'), rest),
        _ => (false, text),
    }
}

/// What [`parse_c`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The number without its sign; all ones if it is too large for that.
    pub magnitude: u64,
    /// There was a minus.
    pub negative: bool,
    /// Units up to the end of the number; 0 when there was none.
    pub consumed: usize,
    /// The number is too large.
    pub overflow: bool,
}

impl Parsed {
    /// As a signed number of `bits` bits, the nearest one if it does not fit: `strtol`.
    pub fn signed(self, bits: u32) -> i64 {
        let highest = u64::MAX >> (65 - bits.clamp(2, 64));
        match self.negative {
            true if self.magnitude > highest => -(highest as i64) - 1,
            true => -(self.magnitude as i64),
            false => self.magnitude.min(highest) as i64,
        }
    }

    /// As an unsigned number of `bits` bits, the highest one if it does not fit: `strtoul`. A minus makes two's
    /// complement of it.
    pub fn unsigned(self, bits: u32) -> u64 {
        let highest = u64::MAX >> (64 - bits.clamp(1, 64));
        match self.magnitude {
            magnitude if magnitude > highest => highest,
            magnitude if self.negative => magnitude.wrapping_neg() & highest,
            magnitude => magnitude,
        }
    }
}

/// What C calls white space.
pub fn is_space<U: Unit>(unit: U) -> bool {
    matches!(unit.ascii(), Some(b' ' | 0x09..=0x0D))
}

/// `strtol` and its kin: white space, a sign, and digits of a base from 2 to 36, or 0 for what C source has: `0x` for
/// 16, `0` for 8. In another base there are no digits.
#[inline(never)]
pub fn parse_c<U: Unit>(text: &[U], base: u32) -> Parsed {
    parse_units(&mut |index| text.get(index).and_then(|unit| unit.ascii()).unwrap_or(0), base)
}

/// The same for text whose ASCII characters `at` gives, 0 for others.
#[inline(never)]
pub(crate) fn parse_units(at: &mut dyn FnMut(usize) -> u8, base: u32) -> Parsed {
    let mut start = 0;
    while is_space(at(start)) {
        start += 1;
    }
    let negative = at(start) == b'-';
    start += usize::from(matches!(at(start), b'+' | b'-'));
    let hex = at(start) == b'0' && at(start + 1) | 0x20 == b'x' && at(start + 2).is_ascii_hexdigit();
    let base = match base {
        1 | 37.. => 0,
        0 if hex => 16,
        0 if at(start) == b'0' => 8,
        0 => 10,
        base => base,
    };
    if base == 16 && hex {
        start += 2;
    }
    let mut parsed = Parsed { magnitude: 0, negative, consumed: 0, overflow: false };
    while let Some(digit) = digit(at(start)).filter(|&digit| digit < base) {
        start += 1;
        parsed.consumed = start;
        let (product, too_large) = parsed.magnitude.overflowing_mul(base.into());
        let (sum, carry) = product.overflowing_add(digit.into());
        parsed.magnitude = sum;
        parsed.overflow |= too_large | carry;
    }
    if parsed.overflow {
        parsed.magnitude = u64::MAX;
    }
    parsed
}

/// `atoi`: decimal digits, upper bits lost.
#[inline(never)]
pub fn parse_decimal<U: Unit>(text: &[U]) -> i64 {
    let blanks = text.iter().take_while(|&&unit| is_space(unit)).count();
    let (negative, digits) = sign(text.get(blanks..).unwrap_or_default());
    let digits = digits.iter().map_while(|&unit| digit(unit).filter(|&digit| digit < 10));
    let value = digits.fold(0_i64, |value, digit| value.wrapping_mul(10).wrapping_add(digit.into()));
    if negative { value.wrapping_neg() } else { value }
}

/// Room for any number in any base.
pub type Digits = [u8; 64];

/// The digits of a number in a base from 2 to 36, small letters; at least one.
#[inline(never)]
pub fn digits(mut value: u64, base: u32, room: &mut Digits) -> &[u8] {
    let base = u64::from(base.clamp(2, 36));
    let mut start = room.len();
    loop {
        start -= 1;
        let digit = (value % base) as u8;
        room[start] = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        value /= base;
        if value == 0 {
            return room.get(start..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nt_numbers() {
        let cases: [(&str, u32, Option<u32>); 24] = [
            ("", 0, Some(0)),
            ("16", 0, Some(16)),
            (" \t\u{1}+16 MB", 0, Some(16)),
            ("-3", 0, Some(3_u32.wrapping_neg())),
            ("--3", 0, Some(0)),
            ("+ 3", 0, Some(0)),
            ("0x1Fg", 0, Some(0x1F)),
            ("-0x1", 0, Some(u32::MAX)),
            ("0X1F", 0, Some(0)),
            ("0o178", 0, Some(0o17)),
            ("0b102", 0, Some(2)),
            ("0x", 0, Some(0)),
            ("010", 0, Some(10)),
            ("x1F", 0, Some(0)),
            ("4294967296", 0, Some(0)),
            ("4294967297", 10, Some(1)),
            ("fF", 16, Some(255)),
            ("0x10", 16, Some(0)),
            ("0b1", 16, Some(0xB1)),
            ("777", 8, Some(0o777)),
            ("1012", 2, Some(5)),
            ("1", 3, None),
            ("1", 36, None),
            ("1", u32::MAX, None),
        ];
        for (text, base, value) in cases {
            assert_eq!(parse(text.as_bytes(), base), value, "{text}");
            let wide: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(parse(&wide, base), value, "{text}");
        }
    }

    #[test]
    fn c_numbers() {
        let cases: [(&str, u32, i64, usize); 20] = [
            ("", 10, 0, 0),
            ("  +", 10, 0, 0),
            (" 12x", 10, 12, 3),
            ("-0", 0, 0, 2),
            ("0x1fG", 0, 0x1F, 4),
            ("0x1f", 16, 0x1F, 4),
            ("0xg", 0, 0, 1),
            ("0x", 16, 0, 1),
            ("0x1", 10, 0, 1),
            ("0178", 0, 0o17, 3),
            ("\n\u{b}-7", 0, -7, 4),
            ("zZ", 36, 35 * 36 + 35, 2),
            ("0", 1, 0, 0),
            ("0", 37, 0, 0),
            ("2147483647", 10, 2147483647, 10),
            ("2147483648", 10, 2147483647, 10),
            ("-2147483648", 10, -2147483648, 11),
            ("-2147483649", 10, -2147483648, 11),
            ("99999999999999999999", 10, 2147483647, 20),
            ("-99999999999999999999", 10, -2147483648, 21),
        ];
        for (text, base, value, consumed) in cases {
            let parsed = parse_c(text.as_bytes(), base);
            assert_eq!((parsed.signed(32), parsed.consumed), (value, consumed), "{text}");
        }
        assert_eq!(parse_c(b"-1", 10).unsigned(32), 0xFFFF_FFFF);
        assert_eq!(parse_c(b"4294967296", 10).unsigned(32), 0xFFFF_FFFF);
        assert_eq!(parse_c(b"18446744073709551615", 10).unsigned(64), u64::MAX);
        assert_eq!(parse_c(b"-9223372036854775808", 10).signed(64), i64::MIN);
        assert_eq!(parse_c(b"-9223372036854775809", 10).signed(64), i64::MIN);
        assert_eq!(parse_decimal(b" -12a") as i32, -12);
        assert_eq!(parse_decimal(b"4294967298") as i32, 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn numbers_come_back(value: u64, base in 2_u32..=36) {
            let mut room = [0; 64];
            let text = digits(value, base, &mut room).to_vec();
            let expected = Parsed { magnitude: value, negative: false, consumed: text.len(), overflow: false };
            prop_assert_eq!(parse_c(&text, base), expected);
            prop_assert_eq!(u64::from_str_radix(core::str::from_utf8(&text).unwrap(), base), Ok(value));
            if matches!(base, 2 | 8 | 10 | 16) {
                prop_assert_eq!(parse(&text, base), Some(value as u32));
            }
        }

        #[test]
        fn any_text_is_borne(text: Vec<u16>, base: u32) {
            let parsed = parse_c(&text, base);
            prop_assert!(parsed.consumed <= text.len());
            let _ = (parse(&text, base), parse_decimal(&text));
        }
    }
}
