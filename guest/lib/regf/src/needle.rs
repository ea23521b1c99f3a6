//! A name that is looked for, prepared once for many comparisons.

use core::cmp::Ordering;

use crate::text::{Name, Text};
use crate::upcase::upcase;

/// Sets the bit that tells small ASCII letters from capitals, in four bytes at once.
const FOLD: u32 = 0x2020_2020;

/// A name, its length and what the lists of subkeys know of it.
pub(crate) struct Needle<N> {
    name: N,
    /// In UTF-16 units.
    len: usize,
    /// As in an `lh` list.
    hash: u32,
    /// As in an `lf` list, but folded; nothing if there are other than ASCII characters in it.
    hint: Option<u32>,
}

impl<N: Name> Needle<N> {
    pub(crate) fn new(name: N) -> Self {
        let (mut len, mut hash, mut hint, mut is_ascii) = (0, 0_u32, 0, true);
        for unit in name.units() {
            hash = hash.wrapping_mul(37).wrapping_add(upcase(unit).into());
            if len < 4 {
                hint |= u32::from(unit & 0x7F) << (8 * len);
                is_ascii &= unit < 0x80;
            }
            len += 1;
        }
        Self { name, len, hash, hint: is_ascii.then_some(hint | FOLD) }
    }

    /// Its hash, as in an `lh` list ("Hash leaf").
    pub(crate) fn hash(&self) -> u32 {
        self.hash
    }

    /// Whether a key with this hint in an `lf` list may be the one ("Fast leaf").
    ///
    /// A hint that starts with zero says nothing. No capital of a letter beyond ASCII is in ASCII.
    #[inline]
    pub(crate) fn may_have_hint(&self, hint: u32) -> bool {
        self.hint.is_none_or(|own| hint | FOLD == own || hint & 0xFF == 0)
    }

    /// Whether a name is this one.
    #[inline]
    pub(crate) fn is(&self, text: Text<'_>) -> bool {
        self.len == text.len() && self.name.units().zip(text.units()).all(|(a, b)| same(a, b))
    }

    /// How this name compares with one in a list, in the order of lists.
    pub(crate) fn cmp(&self, text: Text<'_>) -> Ordering {
        self.name.units().map(upcase).cmp(text.units().map(upcase))
    }
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
    fn hints_never_rule_the_right_key_out() {
        let hint = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
        let needle = Needle::new("select");
        for (bytes, expected) in [(b"Sele", true), (b"SELE", true), (b"Sel\0", false), (b"\0ele", true)] {
            assert_eq!(needle.may_have_hint(hint(bytes)), expected, "{bytes:?}");
        }
        assert!(Needle::new("ab").may_have_hint(hint(b"AB\0\0")));
        assert!(Needle::new("äb").may_have_hint(hint(b"????")));
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
