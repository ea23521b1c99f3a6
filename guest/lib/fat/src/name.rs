//! Long names, and the short ones that are made for them.

use alloc::vec::Vec;

use crate::error::Error;
use crate::short::{FREE, byte_of};

/// Units of a name at most.
pub(crate) const LONGEST: usize = 255;
/// Units in a slot of a long name, and where they are in it, in bytes.
pub(crate) const UNITS: usize = 13;
const PLACES: [usize; UNITS] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/// Attributes of such a slot.
pub(crate) const LONG: u8 = 0x0F;
/// Set in the number of the slot that comes first, which has the end of the name.
pub(crate) const FIRST: u8 = 0x40;

/// A name as it can be stored: without dots at its end.
///
/// # Errors
/// [`Error::NameInvalid`].
pub(crate) fn check(name: &[u16]) -> Result<&[u16], Error> {
    let end = name.iter().rposition(|&unit| unit != u16::from(b'.')).map_or(0, |last| last + 1);
    let name = name.get(..end).unwrap_or_default();
    let is_odd = |&unit: &u16| {
        matches!(
            u8::try_from(unit),
            Ok(0..0x20 | b'"' | b'*' | b'/' | b':' | b'<' | b'>' | b'?' | b'\\' | b'|')
        )
    };
    let is_wrong = name.is_empty()
        || name.len() > LONGEST
        || name.last() == Some(&u16::from(b' '))
        || name.iter().any(is_odd);
    if is_wrong { Err(Error::NameInvalid) } else { Ok(name) }
}

/// The sum of a short name that its long name's slots carry.
pub(crate) fn sum(short: &[u8; 11]) -> u8 {
    short.iter().fold(0, |sum: u8, &byte| sum.rotate_right(1).wrapping_add(byte))
}

/// A slot of a long name: its number counts from 1.
pub(crate) fn slot(name: &[u16], number: usize, sum: u8) -> [u8; 32] {
    let mut slot = [0; 32];
    let last = name.len().div_ceil(UNITS);
    slot[0] = number as u8 | if number == last { FIRST } else { 0 };
    slot[11] = LONG;
    slot[13] = sum;
    let start = (number - 1) * UNITS;
    for (n, at) in (start..).zip(PLACES) {
        let unit = match n.cmp(&name.len()) {
            core::cmp::Ordering::Less => name[n],
            core::cmp::Ordering::Equal => 0,
            core::cmp::Ordering::Greater => 0xFFFF,
        };
        slot[at..at + 2].copy_from_slice(&unit.to_le_bytes());
    }
    slot
}

/// The units in a slot of a long name.
pub(crate) fn units(slot: &[u8; 32]) -> [u16; UNITS] {
    PLACES.map(|at| u16::from_le_bytes([slot[at], slot[at + 1]]))
}

/// Short names that may stand for a name, the best one first: `LONGNA~1.EXT` to `~4`, then with a sum of the name.
pub(crate) fn candidates(name: &[u16], round: u16) -> Vec<[u8; 11]> {
    let is_left_out = |unit: &u16| *unit == u16::from(b' ') || *unit == u16::from(b'.');
    let start = name.iter().position(|unit| !is_left_out(unit)).unwrap_or(0);
    let name = name.get(start..).unwrap_or_default();
    let dot = name.iter().rposition(|&unit| unit == u16::from(b'.'));
    let (base, extension) = match dot {
        Some(dot) => (&name[..dot], &name[dot + 1..]),
        None => (name, &[][..]),
    };
    let byte = |&unit: &u16| if unit < 0x80 { byte_of(unit).unwrap_or(b'_') } else { b'_' };
    let base: Vec<u8> = base.iter().filter(|unit| !is_left_out(unit)).map(byte).take(8).collect();
    let mut short = [b' '; 11];
    let extension = extension.iter().filter(|unit| !is_left_out(unit)).map(byte);
    short[8..].iter_mut().zip(extension).for_each(|(place, byte)| *place = byte);

    let sum = name.iter().fold(round, |sum, unit| sum.rotate_left(3).wrapping_mul(31).wrapping_add(*unit));
    let digits = [12, 8, 4, 0].map(|shift| b"0123456789ABCDEF"[usize::from(sum >> shift & 0xF)]);
    let with = |stem: &[&[u8]], number: u8| {
        let mut short = short;
        let bytes = stem.iter().flat_map(|part| part.iter()).copied().chain([b'~', b'0' + number]);
        short[..8].iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        debug_assert_ne!(short[0], FREE);
        short
    };
    let stem = |most: usize| base.get(..most).unwrap_or(&base);
    let numbered = (1..=4).map(|number| with(&[stem(6)], number));
    let summed = (1..=9).map(|number| with(&[stem(2), &digits], number));
    numbered.chain(summed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn names_that_no_file_may_have_are_refused() {
        for name in ["", ".", "..", "a ", "a*", "a:b", "a\\b", "a\tb", "a?", &"x".repeat(256)] {
            assert_eq!(check(&wide(name)), Err(Error::NameInvalid), "{name}");
        }
        for (name, stored) in [("a", "a"), ("a.", "a"), (".a", ".a"), ("a b+c", "a b+c"), ("ä", "ä")] {
            assert_eq!(check(&wide(name)), Ok(&wide(stored)[..]));
        }
        assert!(check(&wide(&"x".repeat(255))).is_ok());
    }

    #[test]
    fn short_names_for_long_ones() {
        let of = |name: &str| candidates(&wide(name), 0);
        let first = |name: &str| of(name)[0];
        assert_eq!(&first("Long file name.text"), b"LONGFI~1TEX");
        assert_eq!(&of("Long file name.text")[3], b"LONGFI~4TEX");
        assert_eq!(&first("a.b.c"), b"AB~1    C  ");
        assert_eq!(&first("..a+[b"), b"A__B~1     ");
        assert_eq!(&first("ä"), b"_~1        ");
        assert_eq!(&first(".x"), b"X~1        ");
        let all = of("Long file name.text");
        assert_eq!((all.len(), &all[4][..2], &all[4][6..]), (13, &b"LO"[..], &b"~1TEX"[..]));
        assert_ne!(candidates(&wide("abc def"), 1)[4], candidates(&wide("abc def"), 2)[4]);
    }

    #[test]
    fn slots_hold_names() {
        let name = wide("thirteen unit more");
        let (last, first) = (slot(&name, 2, 7), slot(&name, 1, 7));
        assert_eq!((last[0], first[0], last[11], last[13]), (0x42, 1, LONG, 7));
        assert_eq!(units(&first), name[..13]);
        assert_eq!(units(&last)[..5], name[13..]);
        assert_eq!(units(&last)[5..7], [0, 0xFFFF]);
    }
}
