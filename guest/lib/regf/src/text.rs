//! Text as hives hold it, and names to look for.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use nt::upcase;

/// Something to look a key or a value up by: its UTF-16 units, in any case.
pub trait Name: Copy {
    /// The units, in order.
    fn units(self) -> impl Iterator<Item = u16> + Clone;

    /// The same in one piece, if they lie there so: that is compared and hashed in fewer instructions.
    #[inline]
    fn wide(&self) -> Option<&[u16]> {
        None
    }
}

impl Name for &str {
    #[inline]
    fn units(self) -> impl Iterator<Item = u16> + Clone {
        self.encode_utf16()
    }
}

impl Name for &[u16] {
    #[inline]
    fn units(self) -> impl Iterator<Item = u16> + Clone {
        self.iter().copied()
    }

    #[inline]
    fn wide(&self) -> Option<&[u16]> {
        Some(self)
    }
}

/// Names with `\` between them.
pub trait Path: Copy {
    /// One of the names.
    type Part: Name;
    /// The names in order; none for an empty path.
    fn parts(self) -> impl Iterator<Item = Self::Part>;
}

impl<'a> Path for &'a str {
    type Part = &'a str;

    #[inline]
    fn parts(self) -> impl Iterator<Item = &'a str> {
        self.split('\\').filter(move |_| !self.is_empty())
    }
}

impl<'a> Path for &'a [u16] {
    type Part = &'a [u16];

    #[inline]
    fn parts(self) -> impl Iterator<Item = &'a [u16]> {
        self.split(|&unit| unit == u16::from(b'\\')).filter(move |_| !self.is_empty())
    }
}

/// A name, or a string, in a hive: borrowed from it, not copied.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// Latin-1: a byte a unit. Otherwise UTF-16LE, two bytes a unit; an odd byte at the end is ignored.
    latin1: bool,
    bytes: &'a [u8],
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8], latin1: bool) -> Self {
        Self { latin1, bytes }
    }

    /// The UTF-16LE text in some bytes.
    pub fn utf16(bytes: &'a [u8]) -> Self {
        Self::new(bytes, false)
    }

    /// Its bytes if they are Latin-1, otherwise its units.
    #[inline]
    pub(crate) fn halves(&self) -> Result<&'a [u8], &'a [[u8; 2]]> {
        if self.latin1 { Ok(self.bytes) } else { Err(self.bytes.as_chunks().0) }
    }

    /// Its characters, if each is stored as a byte.
    pub fn latin1(&self) -> Option<&'a [u8]> {
        self.latin1.then_some(self.bytes)
    }

    /// Appends it as UTF-16LE.
    #[cfg(feature = "alloc")]
    pub fn append_to(&self, bytes: &mut Vec<u8>) {
        match self.halves() {
            Ok(latin1) => {
                let (fours, rest) = latin1.as_chunks::<4>();
                bytes.reserve(2 * latin1.len());
                for four in fours {
                    bytes.extend_from_slice(&crate::fours::widen(*four).to_le_bytes());
                }
                rest.iter().for_each(|&byte| bytes.extend_from_slice(&[byte, 0]));
            }
            Err(pairs) => bytes.extend_from_slice(pairs.as_flattened()),
        }
    }

    /// Its length in UTF-16 units.
    #[inline]
    pub fn len(&self) -> usize {
        if self.latin1 { self.bytes.len() } else { self.bytes.len() / 2 }
    }

    /// Whether there is no unit in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is the same name, whatever the case.
    pub fn is_named(&self, name: impl Name) -> bool {
        self.units().map(upcase).eq(name.units().map(upcase))
    }
}

impl Name for Text<'_> {
    #[inline]
    fn units(self) -> impl Iterator<Item = u16> + Clone {
        Units { latin1: self.latin1, bytes: self.bytes }
    }
}

/// The units of a [`Text`].
#[derive(Clone)]
struct Units<'a> {
    latin1: bool,
    bytes: &'a [u8],
}

impl Iterator for Units<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        if self.latin1 {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            return Some(byte.into());
        }
        let (pair, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u16::from_le_bytes(*pair))
    }
}

/// Units that form no character are shown as `U+FFFD`.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        char::decode_utf16(self.units())
            .try_for_each(|unit| f.write_char(unit.unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_hold_the_same_names() {
        let latin1 = Text::new(b"Stra\xDFe", true);
        let wide: Vec<u8> = "STRAßE".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16 = Text::utf16(&wide);
        assert_eq!((latin1.len(), utf16.len()), (6, 6));
        assert!(latin1.is_named(utf16) && utf16.is_named("straße") && !utf16.is_named("strasse"));
        assert_eq!(latin1.to_string(), "Straße");
        for text in [latin1, utf16, Text::utf16(&[0x41, 0, 7])] {
            let mut bytes = vec![7];
            text.append_to(&mut bytes);
            assert!(Text::utf16(&bytes[1..]).units().eq(text.units()));
        }
        assert!(!latin1.is_named("Straß") && !latin1.is_named("Straßen"));
    }

    #[test]
    fn odd_bytes_and_lone_surrogates_are_borne() {
        let text = Text::utf16(&[0x41, 0, 0, 0xD8, 7]);
        assert_eq!((text.len(), text.to_string().as_str()), (2, "A\u{FFFD}"));
    }

    #[test]
    fn paths_are_split_at_backslashes() {
        assert_eq!("".parts().count(), 0);
        assert!("a\\b c\\".parts().eq(["a", "b c", ""]));
        let units: Vec<u16> = "a\\b".encode_utf16().collect();
        assert!(units.as_slice().parts().eq([&[0x61_u16][..], &[0x62]]));
    }
}
