//! Floating point: every double is a decimal number of at most 309 digits before the point and 1074 after it, which is
//! worked out exactly and rounded once.

use super::spec::Spec;
use super::{Out, padded, repeat};

/// Digits in a limb.
const LIMB: usize = 9;
const BASE: u64 = 1_000_000_000;
/// Limbs before the point.
const WHOLE: usize = 35;
/// Limbs in all.
const LIMBS: usize = WHOLE + 120;
/// Digits before the point.
const POINT: usize = WHOLE * LIMB;

/// The digits of a number that is not negative.
struct Decimal {
    /// The highest first; the point is before `digits[POINT]`.
    digits: [u8; LIMBS * LIMB],
}

impl Decimal {
    fn new(value: f64) -> Self {
        let bits = value.to_bits();
        let (exponent, fraction) = ((bits >> 52 & 0x7FF) as i32, bits & ((1 << 52) - 1));
        // Subnormal numbers have the lowest exponent and no leading one.
        let (mantissa, mut exponent) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        let mut limbs = [0_u32; LIMBS];
        limbs[WHOLE - 1] = (mantissa % BASE) as u32;
        limbs[WHOLE - 2] = (mantissa / BASE) as u32;
        while exponent > 0 {
            let shift = exponent.min(29);
            let mut carry = 0;
            for limb in limbs.iter_mut().rev() {
                let value = (u64::from(*limb) << shift) + carry;
                (*limb, carry) = ((value % BASE) as u32, value / BASE);
            }
            exponent -= shift;
        }
        while exponent < 0 {
            let shift = exponent.unsigned_abs().min(29);
            let mut remainder = 0;
            for limb in &mut limbs {
                let value = remainder * BASE + u64::from(*limb);
                (*limb, remainder) = ((value >> shift) as u32, value & ((1 << shift) - 1));
            }
            exponent += shift as i32;
        }
        let mut digits = [0; LIMBS * LIMB];
        for (place, mut limb) in digits.chunks_exact_mut(LIMB).zip(limbs) {
            for digit in place.iter_mut().rev() {
                *digit = (limb % 10) as u8;
                limb /= 10;
            }
        }
        Self { digits }
    }

    /// Digit `index`; beyond the last one there are zeros.
    fn digit(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(0)
    }

    /// The first digit that is not zero, not beyond the one before the point if the number is 0.
    fn first(&self) -> usize {
        self.digits.iter().position(|&digit| digit != 0).unwrap_or(POINT - 1)
    }

    /// Rounds to the digits before `end`.
    fn round(&mut self, end: usize) {
        let Some((kept, dropped)) = self.digits.split_at_mut_checked(end) else {
            return;
        };
        let up = match dropped {
            [5, rest @ ..] if rest.iter().all(|&digit| digit == 0) => {
                kept.last().is_some_and(|digit| digit % 2 == 1)
            }
            [digit, ..] => *digit >= 5,
            [] => false,
        };
        dropped.fill(0);
        if up {
            for digit in kept.iter_mut().rev() {
                *digit = (*digit + 1) % 10;
                if *digit != 0 {
                    break;
                }
            }
        }
    }
}

/// Most digits of a fraction that are put out before zeros.
const MOST: usize = 1100;

/// Puts a double out.
#[inline(never)]
pub(super) fn put(spec: &Spec, value: f64, out: Out<'_>) {
    let sign = spec.sign(value.is_sign_negative());
    let upper = spec.conversion.is_ascii_uppercase();
    if !value.is_finite() {
        let name = match (value.is_nan(), upper) {
            (true, false) => b"nan",
            (true, true) => b"NAN",
            (false, false) => b"inf",
            (false, true) => b"INF",
        };
        let spec = Spec { zero: false, ..*spec };
        return padded(&spec, sign.len() + name.len(), out, &mut |out| {
            super::put(sign, out);
            super::put(name, out);
        });
    }
    let mut decimal = Decimal::new(value.abs());
    let mut precision = spec.precision.unwrap_or(6);
    let kind = spec.conversion.to_ascii_lowercase();
    let general = kind == b'g';
    let scientific = match kind {
        b'f' => {
            decimal.round(POINT + precision.min(MOST));
            false
        }
        b'e' => {
            decimal.round(decimal.first() + 1 + precision.min(MOST));
            true
        }
        _ => {
            // `precision` digits in all, in the shape that takes less room.
            let significant = precision.max(1);
            decimal.round(decimal.first() + significant.min(MOST));
            let exponent = POINT as i64 - 1 - decimal.first() as i64;
            let scientific = exponent < -4 || exponent >= significant as i64;
            let before = if scientific { 0 } else { exponent };
            precision = (significant as i64 - 1 - before).max(0) as usize;
            scientific
        }
    };
    let first = if scientific { decimal.first() } else { decimal.first().min(POINT - 1) };
    let point = if scientific { first + 1 } else { POINT };
    if general && !spec.hash {
        let zeros = (point..point + precision).rev().take_while(|&index| decimal.digit(index) == 0);
        precision -= zeros.count();
    }
    let exponent = POINT as i32 - point as i32;
    let has_point = precision > 0 || spec.hash;
    let tail = Tail::new(scientific, upper, exponent);
    let len = sign.len() + point - first + usize::from(has_point) + precision + tail.text().len();
    let zeros = if spec.zero && !spec.left { spec.width.saturating_sub(len) } else { 0 };
    let spec = Spec { zero: false, ..*spec };
    padded(&spec, zeros + len, out, &mut |out| {
        super::put(sign, out);
        repeat(b'0', zeros, out);
        for index in first..point + precision {
            if index == point {
                out(b'.'.into());
            }
            out((b'0' + decimal.digit(index)).into());
        }
        if precision == 0 && has_point {
            out(b'.'.into());
        }
        super::put(tail.text(), out);
    });
}

/// `e+00`, at least two digits.
struct Tail([u8; 5], usize);

impl Tail {
    fn new(scientific: bool, upper: bool, exponent: i32) -> Self {
        if !scientific {
            return Self([0; 5], 0);
        }
        let (letter, sign) = (if upper { b'E' } else { b'e' }, if exponent < 0 { b'-' } else { b'+' });
        let digit = |divisor| b'0' + (exponent.unsigned_abs() / divisor % 10) as u8;
        match exponent.unsigned_abs() {
            ..100 => Self([letter, sign, digit(10), digit(1), 0], 4),
            _ => Self([letter, sign, digit(100), digit(10), digit(1)], 5),
        }
    }

    fn text(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}
