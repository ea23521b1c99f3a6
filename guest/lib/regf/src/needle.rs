//! A name that is looked for, prepared once for many comparisons.

use core::cmp::Ordering;

use nt::upcase;

use crate::fours;
use crate::text::{Name, Text};

/// Sets the bit that tells small ASCII letters from capitals, in four bytes at once.
const FOLD: u32 = 0x2020_2020;

/// A name and its length.
pub(crate) struct Needle<N> {
    name: N,
    /// In UTF-16 units.
    len: usize,
}

impl<N: Name> Needle<N> {
    #[inline]
    pub(crate) fn new(name: N) -> Self {
        Self { name, len: name.units().count() }
    }

    /// Its hash, as in an `lh` list ("Hash leaf").
    #[inline]
    pub(crate) fn hash(&self) -> u32 {
        if let Some(units) = self.name.wide() {
            return fours::hash(units);
        }
        self.name
            .units()
            .fold(0, |hash, unit| u32::wrapping_add(u32::wrapping_mul(hash, 37), upcase(unit).into()))
    }

    /// What the hint in an `lf` list is, but folded ("Fast leaf"). Nothing if it would not be ASCII.
    pub(crate) fn hint(&self) -> Option<u32> {
        let hint = self.name.units().take(4).enumerate().try_fold(0, |hint, (index, unit)| {
            (unit < 0x80).then(|| hint | u32::from(unit) << (8 * index))
        })?;
        Some(hint | FOLD)
    }

    /// Whether a name is this one. Most names that are compared are the same, and in the same case.
    #[inline]
    pub(crate) fn is(&self, text: Text<'_>) -> bool {
        if let (Some(units), Ok(latin1)) = (self.name.wide(), text.halves()) {
            return fours::is_latin1(units, latin1);
        }
        self.len == text.len()
            && match text.halves() {
                Ok(latin1) => self.name.units().zip(latin1).all(|(a, &b)| same(a, b.into())),
                Err(pairs) => self.name.units().zip(pairs).all(|(a, &b)| same(a, u16::from_le_bytes(b))),
            }
    }

    /// The name's length in UTF-16 units.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How this name compares with one in a list, in the order of lists.
    pub(crate) fn cmp(&self, text: Text<'_>) -> Ordering {
        self.name.units().map(upcase).cmp(text.units().map(upcase))
    }
}

/// Whether a key with a hint in an `lf` list may be the one with this folded hint.
///
/// A hint that starts with zero says nothing. No capital of a letter beyond ASCII is in ASCII.
#[inline]
pub(crate) fn may_be(own: Option<u32>, hint: u32) -> bool {
    own.is_none_or(|own| hint | FOLD == own || hint & 0xFF == 0)
}

#[inline]
fn same(a: u16, b: u16) -> bool {
    a == b || upcase(a) == upcase(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_as_specified() {
        assert_eq!(Needle::new("").hash(), 0);
        assert_eq!(Needle::new("Ab").hash(), 37 * 65 + 66);
        assert_eq!(Needle::new("CurrentControlSet").hash(), Needle::new("CURRENTCONTROLSET").hash());
    }

    #[test]
    fn pieces_and_single_units_agree() {
        for text in [
            "",
            "a",
            "Abc",
            "abcd",
            "ABCDE",
            "größer",
            "CurrentControlSet",
            "{[`@]}~zZaA",
            "Ключ к",
            "abcÄdefg",
            "ÿ",
        ] {
            let units: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(Needle::new(units.as_slice()).hash(), Needle::new(text).hash(), "{text}");
            for other in [
                text.to_uppercase(),
                text.to_lowercase(),
                text.into(),
                format!("{text}x"),
                text.replace('c', "d"),
            ] {
                let wide: Vec<u8> = other.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let latin1: Option<Vec<u8>> =
                    other.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
                let wide = Text::utf16(&wide);
                let expected = Needle::new(text).is(wide);
                assert_eq!(Needle::new(units.as_slice()).is(wide), expected, "{text} {other}");
                if let Some(latin1) = latin1 {
                    assert_eq!(
                        Needle::new(units.as_slice()).is(Text::new(&latin1, true)),
                        expected,
                        "{text} {other}"
                    );
                }
            }
        }
    }

    #[test]
    fn hints_never_rule_the_right_key_out() {
        let hint = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
        let needle = Needle::new("select");
        for (bytes, expected) in [(b"Sele", true), (b"SELE", true), (b"Sel\0", false), (b"\0ele", true)] {
            assert_eq!(may_be(needle.hint(), hint(bytes)), expected, "{bytes:?}");
        }
        assert!(may_be(Needle::new("ab").hint(), hint(b"AB\0\0")));
        assert!(may_be(Needle::new("äb").hint(), hint(b"????")));
    }

    #[test]
    fn order_is_by_capitals() {
        let at = |name, other: &'static str| Needle::new(name).cmp(Text::new(other.as_bytes(), true));
        assert_eq!(at("b", "A"), Ordering::Greater);
        assert_eq!(at("a_", "AB"), Ordering::Greater, "the underscore is between the capitals and the small");
        assert_eq!(at("a", "AB"), Ordering::Less);
        assert_eq!(at("ab", "AB"), Ordering::Equal);
    }
}
